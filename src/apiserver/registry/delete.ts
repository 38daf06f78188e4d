import { conflict, forbidden, type KubeObject, type Status } from "#machinery";
import type { CacheEntry } from "../cache/index.ts";
import { cacheOf, type RegistryDeps, type Target, timestamp } from "./target.ts";
import { modified, remove, requireEntry, store, validateAdmission } from "./write.ts";

export interface DeletionOptions {
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const attempts = 10;
const protectedNamespaces = new Set(["default", "kube-system", "kube-public"]);

export type Deletion =
  /** Gone; `object` is what was there. */
  | { readonly kind: "gone"; readonly object: KubeObject }
  /** Marked, and held by finalizers. */
  | { readonly kind: "going"; readonly object: KubeObject };

export async function deleteObject(deps: RegistryDeps, target: Target, options: DeletionOptions): Promise<Deletion> {
  for (let attempt = 1; ; attempt += 1) {
    const entry = requireEntry(deps, target);
    const old = entry.view(target.definition).object;
    checkDeletion(target, old, options);
    await validateAdmission(deps, target, { operation: "DELETE", object: undefined, old });
    const result = await attemptDelete(deps, target, { entry, old, options });
    if (result !== undefined) return result;
    if (attempt === attempts) throw modified(target);
  }
}

function checkDeletion(target: Target, old: KubeObject, options: DeletionOptions): void {
  const { definition, name } = target;
  if (definition.group === "" && definition.resource === "namespaces" && protectedNamespaces.has(name))
    throw forbidden(definition, name, "this namespace may not be deleted");
  const { uid, resourceVersion } = options.preconditions ?? {};
  const subject = { group: "", resource: definition.kind };
  const hint = "The object might have been";
  if (uid !== undefined && uid !== old.metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${old.metadata.uid}). ${hint} deleted and then recreated`;
    throw conflict({ ...subject, group: definition.group }, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${old.metadata.resourceVersion}). ${hint} modified`;
    throw conflict({ ...subject, group: definition.group }, name, why);
  }
}

async function attemptDelete(
  deps: RegistryDeps,
  target: Target,
  { entry, old, options }: { readonly entry: CacheEntry; readonly old: KubeObject; readonly options: DeletionOptions },
): Promise<Deletion | undefined> {
  const held = heldBy(deps, target, old);
  const finalizers = finalizersFor(held, options);
  if (finalizers.length === 0 && !isHeldNamespace(old)) {
    if (!target.dryRun && !(await remove(deps, entry))) return undefined;
    return { kind: "gone", object: goneObject(deps, entry, { target, old }) };
  }
  const marked = markDeleted(deps, held, { finalizers, movesGeneration: target.definition.beforeDelete === undefined });
  if (marked === old || target.dryRun) return { kind: "going", object: marked };
  const stored = await store(deps, target, { object: marked, expected: entry.revision });
  return stored === undefined ? undefined : { kind: "going", object: stored };
}

/** The object as its kind holds it when it is deleted for the first time. */
function heldBy(deps: RegistryDeps, { definition }: Target, old: KubeObject): KubeObject {
  const { beforeDelete } = definition;
  if (beforeDelete === undefined || old.metadata.deletionTimestamp !== undefined) return old;
  return beforeDelete(old, timestamp(deps.clock.now()));
}

/** The last state, with the revision of its deletion. */
function goneObject(
  deps: RegistryDeps,
  entry: CacheEntry,
  { target, old }: { readonly target: Target; readonly old: KubeObject },
): KubeObject {
  const last = cacheOf(deps, target.definition)
    .eventsAfter(entry.revision)
    .find((event) => event.type === "DELETED" && event.entry.key === entry.key);
  return target.dryRun ? old : (last?.entry.view(target.definition).object ?? old);
}

/** The policy of the request decides; without one, what the object already carries. */
function finalizersFor(old: KubeObject, options: DeletionOptions): readonly string[] {
  const present = old.metadata.finalizers ?? [];
  if (options.propagationPolicy === undefined) return present;
  const others = present.filter((finalizer) => finalizer !== "orphan" && finalizer !== "foregroundDeletion");
  if (options.propagationPolicy === "Orphan") return [...others, "orphan"];
  return options.propagationPolicy === "Foreground" ? [...others, "foregroundDeletion"] : others;
}

function isHeldNamespace(object: KubeObject): boolean {
  if (object.kind !== "Namespace" || object.apiVersion !== "v1") return false;
  const spec = object.spec as { readonly finalizers?: readonly string[] } | undefined;
  return (spec?.finalizers ?? []).length > 0;
}

function markDeleted(
  deps: RegistryDeps,
  old: KubeObject,
  { finalizers, movesGeneration }: { readonly finalizers: readonly string[]; readonly movesGeneration: boolean },
): KubeObject {
  const { metadata } = old;
  const same = finalizers.length === (metadata.finalizers ?? []).length;
  if (metadata.deletionTimestamp !== undefined && same) return old;
  const generation = metadata.generation ?? 0;
  const first = metadata.deletionTimestamp === undefined;
  const marked = {
    ...metadata,
    ...(first && movesGeneration && generation > 0 ? { generation: generation + 1 } : {}),
    deletionTimestamp: metadata.deletionTimestamp ?? timestamp(deps.clock.now()),
    ...(isHeldNamespace(old) ? {} : { deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds ?? 0 }),
    ...(finalizers.length === 0 ? {} : { finalizers }),
  };
  const object = { ...old, metadata: marked };
  return isHeldNamespace(old) ? { ...object, status: { ...(old.status as object), phase: "Terminating" } } : object;
}

/** The answer to a deletion: the object where the kind wants it or it is still there, else a Status. */
export function deletionAnswer(target: Target, deletion: Deletion): KubeObject | Status {
  const { definition } = target;
  if (deletion.kind === "going" || definition.deleteReturnsObject) return deletion.object;
  const { name = "", uid } = deletion.object.metadata;
  const details = {
    name,
    ...(definition.group === "" ? {} : { group: definition.group }),
    kind: definition.resource,
    ...(uid === undefined ? {} : { uid }),
  };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}
