/**
 * Lets dependencies follow what needs them (`propagateDeps`). Reads bindings and templates; writes attached bindings, the
 * dependencies annotation and finalizer of the bindings that need them, and events.
 */

import equal from "fast-deep-equal";
import { annotation, bindingNameFor, finalizer, label } from "#api";
import type { Binding } from "#api/work";
import type { KubeClient } from "#client";
import type { KindInformers, ScopedInformers } from "#informer";
import { type DependencyReference, interpreterFor } from "#interpreter";
import {
  encodeJson,
  gvkOf,
  isAlreadyExists,
  isNotFound,
  type Key,
  type KubeObject,
  keyFor,
  keyOf,
  matchesLabelSelector,
  objectKeyOf,
} from "#machinery";
import { isServerOwned } from "#manifest";
import { preservesBinding } from "#migration";
import { done, type EventRecorder, type Outcome, type Runner, type RunnerOptions } from "#reconcile";
import {
  type AttachedInput,
  attachedBindingFor,
  planAttached,
  referrerIndex,
  referrerIndexValues,
  resolve,
} from "./plan.ts";

export interface DependenciesDeps {
  readonly hub: KubeClient;
  readonly templates: KindInformers;
  readonly bindings: ScopedInformers<Binding>;
  readonly events: EventRecorder;
  runner(options: RunnerOptions): Runner;
  newId(): string;
}

export function startDependencies(deps: DependenciesDeps): readonly Runner[] {
  deps.bindings.addIndex(referrerIndex, referrerIndexValues);
  const queue = deps.runner({ name: "dependencies", concurrency: 4, reconcile: (key) => distribute(key, deps) });
  const enqueue = (binding: Binding): void => {
    if (concerns(binding)) queue.enqueue(keyOf(binding));
  };
  deps.bindings.subscribe({
    onAdd: enqueue,
    onUpdate: (old, binding) => {
      const changed =
        old.metadata.generation !== binding.metadata.generation ||
        old.metadata.deletionTimestamp !== binding.metadata.deletionTimestamp;
      if (changed && (concerns(old) || concerns(binding))) queue.enqueue(keyOf(binding));
    },
    onDelete: enqueue,
  });
  watchMissing(deps, queue);
  return [queue];
}

const concerns = (binding: Binding): boolean =>
  binding.spec.propagateDeps === true || binding.metadata.finalizers?.includes(finalizer.dependencies) === true;

/** A dependency that appears, or changes, later is taken up by those whose recorded dependencies name it. */
function watchMissing(deps: DependenciesDeps, queue: Runner): void {
  const byName = "dependency-names";
  deps.bindings.addIndex(byName, (binding) => recordedIn(binding).map(referenceKey));
  const look = (object: KubeObject): void => {
    const { namespace, name } = object.metadata;
    const key = referenceKey({ apiVersion: object.apiVersion, kind: object.kind, namespace, name });
    for (const referrer of deps.bindings.byIndex(byName, key)) queue.enqueue(keyOf(referrer));
  };
  deps.templates.subscribe({
    onAdd: (_resource, object, initial) => {
      if (!initial) look(object);
    },
    onUpdate: (_resource, old, object) => {
      if (old.metadata.resourceVersion !== object.metadata.resourceVersion && !equal(old, object)) look(object);
    },
  });
}

const referenceKey = (of: DependencyReference): string =>
  `${of.apiVersion}/${of.kind}|${of.namespace ?? ""}/${of.name ?? ""}`;

function recordedIn(binding: Binding): readonly DependencyReference[] {
  const text = binding.metadata.annotations?.[annotation.dependencies];
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as readonly DependencyReference[]) : [];
  } catch {
    return []; // somebody broke it; the next reconcile writes it again
  }
}

async function distribute(key: Key, deps: DependenciesDeps): Promise<Outcome> {
  const binding = deps.bindings.get(key);
  if (binding === undefined) return done();
  const going = binding.metadata.deletionTimestamp !== undefined || binding.spec.propagateDeps !== true;
  if (going) return withdraw(binding, deps);
  if ((binding.spec.clusters ?? []).length === 0) return done();
  const template = deps.templates.get(binding.spec.resource);
  if (template === undefined) return done();
  const references = interpreterFor(gvkOf(template)).dependenciesOf(template);
  const referrer = await record(binding, references, deps);
  const found = references.flatMap((reference) => resolveReference(reference, deps));
  const wanted = new Set(found.map(attachedKeyOf));
  for (const attached of deps.bindings.byIndex(referrerIndex, key)) {
    if (!wanted.has(keyOf(attached))) await detach(attached, referrer, deps);
  }
  for (const dependency of found) await attach(dependency, referrer, deps);
  return done();
}

const attachedKeyOf = (dependency: KubeObject): Key =>
  keyFor({
    namespace: dependency.metadata.namespace,
    name: bindingNameFor({ kind: dependency.kind, name: dependency.metadata.name ?? "" }),
  });

function resolveReference(reference: DependencyReference, deps: DependenciesDeps): readonly KubeObject[] {
  const { name, namespace, labelSelector } = reference;
  const informer = deps.templates.informerOf(reference);
  if (informer === undefined) return [];
  const found =
    name === undefined
      ? informer.list(namespace).filter((object) => matchesLabelSelector(labelSelector ?? {}, object.metadata.labels))
      : [informer.get(keyFor({ namespace, name }))].filter((object) => object !== undefined);
  return found.filter(
    ({ apiVersion, kind, metadata }) =>
      metadata.namespace !== undefined &&
      metadata.deletionTimestamp === undefined &&
      !isServerOwned(gvkOf({ apiVersion, kind }), metadata.namespace, metadata.name ?? ""),
  );
}

/** Finalizer first: what was attached must be found again when the binding goes. */
async function record(
  binding: Binding,
  references: readonly DependencyReference[],
  deps: DependenciesDeps,
): Promise<Binding> {
  const text = encodeJson(references);
  const finalizers = binding.metadata.finalizers ?? [];
  const missing = !finalizers.includes(finalizer.dependencies);
  if (!missing && binding.metadata.annotations?.[annotation.dependencies] === text) return binding;
  const metadata = {
    annotations: { [annotation.dependencies]: text },
    ...(missing
      ? { finalizers: [...finalizers, finalizer.dependencies], resourceVersion: binding.metadata.resourceVersion }
      : {}),
  };
  const written = await patchBinding(binding, { metadata }, deps);
  return written ?? binding;
}

async function attach(dependency: KubeObject, referrer: Binding, deps: DependenciesDeps): Promise<void> {
  const existing = deps.bindings.get(attachedKeyOf(dependency));
  if (existing === undefined) {
    const wanted = attachedBindingFor(dependency, [referrer]);
    const labels = { ...wanted.metadata.labels, [label.bindingId]: deps.newId() };
    const type = deps.bindings.typeOf(wanted.metadata.namespace);
    try {
      deps.bindings.wrote(await deps.hub.create(type, { ...wanted, metadata: { ...wanted.metadata, labels } }));
    } catch (error) {
      if (isAlreadyExists(error)) throw new Error("the attached binding has appeared meanwhile", { cause: error });
      throw error;
    }
    return;
  }
  if (existing.metadata.deletionTimestamp !== undefined) throw new Error("the attached binding is being deleted");
  const referrers = [...referrersOf(existing, deps).filter((other) => keyOf(other) !== keyOf(referrer)), referrer];
  await patchAttached(existing, { dependency, referrers, keep: false }, deps);
}

/** Whether the member keeps the dependency follows the referrer's flag as it is now, see `preservesBinding`. */
async function detach(attached: Binding, referrer: Binding, deps: DependenciesDeps): Promise<void> {
  const keep = await preservesBinding(referrer, deps.hub);
  const referrers = referrersOf(attached, deps).filter((other) => keyOf(other) !== keyOf(referrer));
  await patchAttached(attached, { dependency: undefined, referrers, keep: keep && referrers.length === 0 }, deps);
}

const referrersOf = (attached: Binding, deps: DependenciesDeps): readonly Binding[] =>
  referrerIndexValues(attached).flatMap((key) => deps.bindings.get(key) ?? []);

async function patchAttached(attached: Binding, input: AttachedInput, deps: DependenciesDeps): Promise<void> {
  const patch = planAttached(attached, input);
  if (patch === undefined) return;
  const metadata = { ...patch.metadata, resourceVersion: attached.metadata.resourceVersion };
  await patchBinding(attached, { ...patch, metadata }, deps);
  const { conflicts } = resolve(input.referrers);
  if (conflicts.length > 0 && attached.spec.placement === undefined) {
    const text = `Dependency policy conflict detected: ${conflicts.join("; ")}.`;
    deps.events.warning(attached, "DependencyPolicyConflict", text);
  }
}

/** The end of propagateDeps, or of the binding itself. */
async function withdraw(binding: Binding, deps: DependenciesDeps): Promise<Outcome> {
  if (binding.metadata.finalizers?.includes(finalizer.dependencies) !== true) return done();
  for (const attached of deps.bindings.byIndex(referrerIndex, keyOf(binding))) await detach(attached, binding, deps);
  const finalizers = binding.metadata.finalizers.filter((name) => name !== finalizer.dependencies);
  const { resourceVersion } = binding.metadata;
  const annotations = { [annotation.dependencies]: null };
  await patchBinding(binding, { metadata: { finalizers, resourceVersion, annotations } }, deps);
  return done();
}

async function patchBinding(binding: Binding, body: object, deps: DependenciesDeps): Promise<Binding | undefined> {
  const target = { type: deps.bindings.typeOf(binding.metadata.namespace), key: objectKeyOf(binding) };
  try {
    const written = await deps.hub.patch<Binding>(target, { type: "merge", body });
    deps.bindings.wrote(written);
    return written;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
