/**
 * Carries what Works report into their binding and on into the template's own status. Reads Works, bindings and templates;
 * writes `status.aggregatedStatus` and condition FullyApplied of bindings, the status of templates, and events.
 */

import equal from "fast-deep-equal";
import { label } from "#api";
import type { AggregatedStatusItem, Binding, Work } from "#api/work";
import { type Clock, errorText } from "#base";
import type { KubeClient } from "#client";
import type { Informer, KindInformers, ScopedInformers } from "#informer";
import { interpreterFor } from "#interpreter";
import { gvkOf, isNotFound, type Key, type KubeObject, keyFor, keyOf, objectKeyOf } from "#machinery";
import { bindingKeyOf } from "#migration";
import { done, type EventRecorder, type Outcome, type Runner, type RunnerOptions } from "#reconcile";
import { aggregate, bindingStatusPatch, isUntried } from "./plan.ts";

export interface BindingStatusDeps {
  readonly hub: KubeClient;
  readonly templates: KindInformers;
  readonly bindings: ScopedInformers<Binding>;
  readonly works: Informer<Work>;
  readonly events: EventRecorder;
  readonly clock: Clock;
  runner(options: RunnerOptions): Runner;
}

const bindingIndex = "binding-of-status";
/** Members report at about the same time; one write gathers what comes within this time. */
const gatherMs = 20;

export function startBindingStatus(deps: BindingStatusDeps): readonly Runner[] {
  deps.works.addIndex(bindingIndex, ({ metadata: { labels = {} } }) => {
    const id = labels[label.bindingId] ?? labels[label.clusterBindingId];
    return id === undefined ? [] : [id];
  });
  const queue = deps.runner({ name: "binding-status", concurrency: 16, reconcile: (key) => reconcile(key, deps) });
  const enqueue = (work: Work): void => {
    const key = bindingKeyOf(work);
    if (key !== undefined) queue.enqueueAfter(keyFor(key), gatherMs);
  };
  deps.works.subscribe({
    onAdd: enqueue,
    onUpdate: (old, work) => {
      if (!equal(old.status, work.status) || old.metadata.deletionTimestamp !== work.metadata.deletionTimestamp)
        enqueue(work);
    },
    onDelete: enqueue,
  });
  deps.bindings.subscribe({
    onUpdate: (old, binding) => {
      if (old.metadata.generation !== binding.metadata.generation) queue.enqueueAfter(keyOf(binding), gatherMs);
    },
  });
  return [queue];
}

async function reconcile(key: Key, deps: BindingStatusDeps): Promise<Outcome> {
  const binding = deps.bindings.get(key);
  if (binding === undefined || binding.metadata.deletionTimestamp !== undefined) return done();
  const id =
    binding.metadata.labels?.[binding.metadata.namespace === undefined ? label.clusterBindingId : label.bindingId];
  const works = id === undefined ? [] : deps.works.byIndex(bindingIndex, id);
  if (works.some(isUntried)) return done();
  const unscheduled = works.length === 0 && binding.status?.lastScheduledTime === undefined;
  if (unscheduled && binding.status?.aggregatedStatus === undefined) return done();
  const items = aggregate(works);
  await writeBindingStatus(binding, items, deps);
  await writeTemplateStatus(binding, items, deps);
  return done();
}

async function writeBindingStatus(binding: Binding, items: readonly AggregatedStatusItem[], deps: BindingStatusDeps) {
  const patch = bindingStatusPatch(binding, items, `${new Date(deps.clock.now()).toISOString().slice(0, 19)}Z`);
  if (patch === undefined) return;
  const target = { type: deps.bindings.typeOf(binding.metadata.namespace), key: objectKeyOf(binding) };
  // Conditions are one list with several writers: judged on the version that was read.
  const body = { ...patch, metadata: { resourceVersion: binding.metadata.resourceVersion } };
  try {
    deps.bindings.wrote(await deps.hub.patch(target, { type: "merge", body }, { subresource: "status" }));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function writeTemplateStatus(binding: Binding, items: readonly AggregatedStatusItem[], deps: BindingStatusDeps) {
  const template = deps.templates.get(binding.spec.resource);
  const type = deps.templates.resourceOf(binding.spec.resource);
  if (template === undefined || type === undefined || !type.subresources.includes("status")) return;
  const status = interpreterFor(gvkOf(template)).aggregateStatus(template, items);
  if (status === undefined || equal(status, template.status ?? {})) return;
  try {
    const body = [{ op: "add", path: "/status", value: status }];
    await deps.hub.patch({ type, key: objectKeyOf(template) }, { type: "json", body }, { subresource: "status" });
  } catch (error) {
    if (isNotFound(error)) return;
    report(template, binding, { error, events: deps.events });
    throw error;
  }
}

function report(
  template: KubeObject,
  binding: Binding,
  { error, events }: { readonly error: unknown; readonly events: EventRecorder },
): void {
  for (const about of [template, binding]) events.warning(about, "AggregateStatusFailed", errorText(error));
}
