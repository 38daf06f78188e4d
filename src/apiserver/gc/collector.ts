import { isAbort, type Logger } from "#base";
import { isConflict, isNotFound, type KubeObject, type OwnerReference, parseGroupVersion } from "#machinery";
import type { CacheEntry, CacheEvent } from "../cache/index.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import { Signal } from "../namespaces/signal.ts";
import { deleteObject } from "../registry/delete.ts";
import { serverTarget } from "../registry/server-target.ts";
import { cacheOf, type RegistryDeps, storageKey, type Target } from "../registry/target.ts";
import { updateObject } from "../registry/update.ts";
import { OwnerGraph } from "./graph.ts";

const foreground = "foregroundDeletion";
const orphan = "orphan";

/** Looks at each object whose owner or dependents changed, one after the other, until the signal is aborted. */
export async function collectGarbage(deps: RegistryDeps, logger: Logger, signal: AbortSignal): Promise<void> {
  const graph = new OwnerGraph();
  const due = new Set<string>();
  const wake = new Signal(signal);
  const add = (keys: Iterable<string>): void => {
    for (const key of keys) due.add(key);
    if (due.size > 0) wake.set();
  };
  const stop = deps.caches.listen((event) => add(concerned(graph, event)));
  for (const cache of deps.caches.all()) {
    for (const entry of cache.list()) {
      graph.set(entry.key, entry.object);
      if (isInteresting(entry.object)) due.add(entry.key);
    }
  }
  while (!signal.aborted) {
    const keys = [...due];
    due.clear();
    for (const key of keys) await settle(deps, graph, { key, logger, again: (later) => add(later) });
    if (due.size === 0) await wake.wait();
  }
  stop();
}

const isInteresting = (object: KubeObject): boolean =>
  (object.metadata.ownerReferences ?? []).length > 0 || isWaiting(object);

const isWaiting = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined &&
  (object.metadata.finalizers ?? []).some((finalizer) => finalizer === foreground || finalizer === orphan);

/** Keys to look at after a change. */
function concerned(graph: OwnerGraph, event: CacheEvent): readonly string[] {
  const { key, object } = event.entry;
  const { uid = "", ownerReferences = [] } = object.metadata;
  if (event.type === "DELETED") {
    graph.remove(key);
    const owners = ownerReferences.flatMap((owner) => graph.keyOf(owner.uid) ?? []);
    return [...graph.dependentsOf(uid), ...owners];
  }
  graph.set(key, object);
  const dependents = isWaiting(object) ? graph.dependentsOf(uid) : [];
  return isInteresting(object) ? [key, ...dependents] : dependents;
}

interface Settling {
  readonly key: string;
  readonly logger: Logger;
  readonly again: (keys: readonly string[]) => void;
}

async function settle(deps: RegistryDeps, graph: OwnerGraph, { key, logger, again }: Settling): Promise<void> {
  const found = locate(deps, key);
  if (found === undefined) return;
  const { object } = found.entry;
  try {
    if (isWaiting(object)) await settleOwner(deps, graph, found);
    else await settleDependent(deps, found);
  } catch (error) {
    if (isNotFound(error) || isAbort(error)) return;
    if (isConflict(error)) again([key]);
    else logger.error("garbage not collected", { controller: "garbage", key, error });
  }
}

interface Located {
  readonly entry: CacheEntry;
  readonly target: Target;
}

function locate(deps: RegistryDeps, key: string): Located | undefined {
  for (const definition of deps.catalogue.all()) {
    const cache = cacheOf(deps, definition);
    if (!key.startsWith(cache.prefix)) continue;
    const entry = cache.get(key);
    if (entry === undefined) return undefined;
    const { namespace = "", name = "" } = entry.object.metadata;
    return { entry, target: serverTarget(definition, namespace, name) };
  }
  return undefined;
}

/** An owner that waits: for its dependents to go, or to be let go of. */
async function settleOwner(deps: RegistryDeps, graph: OwnerGraph, { entry, target }: Located): Promise<void> {
  const { uid = "", finalizers = [] } = entry.object.metadata;
  const dependents = graph.dependentsOf(uid).flatMap((key) => locate(deps, key) ?? []);
  if (finalizers.includes(orphan)) {
    for (const dependent of dependents) await dropOwners(deps, dependent.target, (owner) => owner.uid === uid);
    await dropFinalizer(deps, target, orphan);
    return;
  }
  const blocking = dependents.filter(({ entry: dependent }) =>
    (dependent.object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
  );
  for (const dependent of dependents) await settleDependent(deps, dependent);
  if (blocking.length === 0) await dropFinalizer(deps, target, foreground);
}

/** A dependent none of whose owners remains goes; one with some loses the references to the others. */
async function settleDependent(deps: RegistryDeps, { entry, target }: Located): Promise<void> {
  const { ownerReferences = [], deletionTimestamp } = entry.object.metadata;
  if (ownerReferences.length === 0 || deletionTimestamp !== undefined) return;
  const states = ownerReferences.map((owner) => ({ owner, state: ownerState(deps, entry.object, owner) }));
  if (states.some(({ state }) => state === "unknown")) return;
  const solid = states.filter(({ state }) => state === "present");
  if (solid.length === ownerReferences.length) return;
  if (solid.length > 0) {
    const lost = new Set(states.filter(({ state }) => state !== "present").map(({ owner }) => owner.uid));
    await dropOwners(deps, target, (owner) => lost.has(owner.uid));
    return;
  }
  const waiting = states.some(({ state }) => state === "waiting");
  const { uid } = entry.object.metadata;
  await deleteObject(deps, target, {
    propagationPolicy: waiting ? "Foreground" : policyFor(entry.object),
    preconditions: uid === undefined ? {} : { uid },
  });
}

/** What an object already carries decides about its own dependents. */
function policyFor(object: KubeObject): "Foreground" | "Background" | "Orphan" {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(orphan)) return "Orphan";
  return finalizers.includes(foreground) ? "Foreground" : "Background";
}

type OwnerState = "present" | "absent" | "waiting" | "unknown";

/** `unknown`: of a kind that is not served now, so nothing may be concluded. */
function ownerState(deps: RegistryDeps, dependent: KubeObject, owner: OwnerReference): OwnerState {
  const definition = definitionOf(deps, owner);
  if (definition === undefined) return "unknown";
  const namespace = definition.namespaced ? (dependent.metadata.namespace ?? "") : "";
  const found = cacheOf(deps, definition).get(storageKey(definition, namespace, owner.name))?.object;
  if (found?.metadata.uid !== owner.uid) return "absent";
  const { deletionTimestamp, finalizers = [] } = found.metadata;
  return deletionTimestamp !== undefined && finalizers.includes(foreground) ? "waiting" : "present";
}

function definitionOf(deps: RegistryDeps, owner: OwnerReference): ResourceDefinition | undefined {
  const { group } = parseGroupVersion(owner.apiVersion);
  return deps.catalogue.all().find((one) => one.group === group && one.kind === owner.kind);
}

async function dropOwners(deps: RegistryDeps, target: Target, lost: (owner: OwnerReference) => boolean): Promise<void> {
  await updateObject(deps, target, {
    transform: (current) => {
      const ownerReferences = (current.metadata.ownerReferences ?? []).filter((owner) => !lost(owner));
      return { ...current, metadata: { ...current.metadata, ownerReferences } };
    },
  });
}

async function dropFinalizer(deps: RegistryDeps, target: Target, finalizer: string): Promise<void> {
  await updateObject(deps, target, {
    transform: (current) => {
      const finalizers = (current.metadata.finalizers ?? []).filter((one) => one !== finalizer);
      return { ...current, metadata: { ...current.metadata, finalizers } };
    },
  });
}
