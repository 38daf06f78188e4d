/**
 * Turns bindings into Works, one per target cluster. Reads bindings, templates, override policies and Clusters; writes
 * Works, bindings' finalizers, and events on binding and template. Decides at deletion whether members keep their objects.
 */
import type { Binding, Work } from "#api/work";
import { keyFor, keyOf } from "#machinery";
import { bindingKeyOf } from "#migration";
import { overrideConcerns } from "#override";
import type { Runner } from "#reconcile";
import type { BindingDeps } from "./deps.ts";
import { bindingIndex, bindingIndexValues, switches } from "./plan.ts";
import { syncBinding } from "./sync.ts";

export type { BindingDeps } from "./deps.ts";

export function startBinding(deps: BindingDeps): readonly Runner[] {
  deps.works.addIndex(bindingIndex, bindingIndexValues);
  const queue = deps.runner({ name: "binding", concurrency: 64, reconcile: (key) => syncBinding(key, deps) });
  deps.bindings.subscribe({
    onAdd: (binding) => queue.enqueue(keyOf(binding)),
    onUpdate: (old, binding) => {
      if (isRelevant(old, binding)) queue.enqueue(keyOf(binding));
    },
  });
  deps.works.subscribe({ onDelete: (work) => enqueueSource(work, queue) });
  watchOverrides(deps, queue);
  return [queue];
}

/** Our own switches on a binding are annotations, which move no generation. */
function isRelevant(old: Binding, binding: Binding): boolean {
  return (
    old.metadata.generation !== binding.metadata.generation ||
    old.metadata.deletionTimestamp !== binding.metadata.deletionTimestamp ||
    switches.some((key) => old.metadata.annotations?.[key] !== binding.metadata.annotations?.[key])
  );
}

/** A Work that is gone but wanted comes back; one that was in the way makes room. */
function enqueueSource(work: Work, queue: Runner): void {
  const key = bindingKeyOf(work);
  if (key !== undefined) queue.enqueue(keyFor(key));
}

function watchOverrides(deps: BindingDeps, queue: Runner): void {
  const enqueueConcerned = (policy: Parameters<typeof overrideConcerns>[0]): void => {
    for (const binding of deps.bindings.list()) {
      const template = deps.templates.get(binding.spec.resource);
      if (template !== undefined && overrideConcerns(policy, template)) queue.enqueue(keyOf(binding));
    }
  };
  deps.overrides.subscribe({
    onAdd: (policy, initial) => {
      if (!initial) enqueueConcerned(policy);
    },
    onUpdate: (old, policy) => {
      if (old.metadata.generation === policy.metadata.generation) return;
      enqueueConcerned(old);
      enqueueConcerned(policy);
    },
    onDelete: enqueueConcerned,
  });
}
