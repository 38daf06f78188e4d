import { conflict, internalError, invalid, type KubeObject, notFound, type StatusCause, StatusError } from "#machinery";
import { StorageFullError, type WriteOutcome } from "#storage";
import { type CacheEntry, encodeStored } from "../cache/index.ts";
import type { AdmissionRequest } from "../contract.ts";
import { cacheOf, type RegistryDeps, storageKey, type Target, toStorageVersion } from "./target.ts";

export function entryOf(deps: RegistryDeps, target: Target): CacheEntry | undefined {
  const { definition, namespace, name } = target;
  return cacheOf(deps, definition).get(storageKey(definition, namespace, name));
}

export function requireEntry(deps: RegistryDeps, target: Target): CacheEntry {
  const entry = entryOf(deps, target);
  if (entry === undefined) throw notFound(target.definition, target.name);
  return entry;
}

/** @returns the object with its resourceVersion, as the cache holds it; undefined when another write came first. */
export async function store(
  deps: RegistryDeps,
  target: Target,
  write: { readonly object: KubeObject; readonly expected: number },
): Promise<KubeObject | undefined> {
  const { definition } = target;
  const { object, expected } = write;
  const key = storageKey(definition, object.metadata.namespace ?? "", object.metadata.name ?? "");
  const bytes = encodeStored(toStorageVersion(definition, object));
  const outcome = await orRoomError(deps.storage.put(key, bytes, expected));
  if (outcome.kind === "conflict") {
    await deps.caches.seen(outcome.current?.modRevision ?? 0);
    return undefined;
  }
  await deps.caches.seen(outcome.revision);
  const entry = cacheOf(deps, definition).get(key);
  if (entry?.revision === outcome.revision) return entry.view(definition).object;
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(outcome.revision) } };
}

/** @returns false when another write came first. */
export async function remove(deps: RegistryDeps, entry: CacheEntry): Promise<boolean> {
  const outcome = await orRoomError(deps.storage.delete(entry.key, entry.revision));
  if (outcome.kind === "written") await deps.caches.seen(outcome.revision);
  else await deps.caches.seen(outcome.current?.modRevision ?? 0);
  return outcome.kind === "written";
}

async function orRoomError(write: Promise<WriteOutcome>): Promise<WriteOutcome> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof StorageFullError)) throw error;
    throw new StatusError(507, "InternalError", `the hub's data directory is full; nothing was written`);
  }
}

/** Lets admission change the object. */
export async function admitted(
  deps: RegistryDeps,
  target: Target,
  request: Pick<AdmissionRequest, "operation" | "object" | "old">,
): Promise<KubeObject> {
  let object = request.object;
  if (object === undefined) throw internalError("no object to admit");
  for (const plugin of deps.admission) {
    if (plugin.admit === undefined) continue;
    object = (await plugin.admit({ ...admissionOf(target, object), ...request, object })) ?? object;
  }
  return object;
}

/** Lets admission refuse. */
export async function validateAdmission(
  deps: RegistryDeps,
  target: Target,
  request: Pick<AdmissionRequest, "operation" | "object" | "old">,
): Promise<void> {
  for (const plugin of deps.admission) {
    await plugin.validate?.({ ...admissionOf(target, request.object), ...request });
  }
}

function admissionOf(
  target: Target,
  object: KubeObject | undefined,
): Omit<AdmissionRequest, "operation" | "object" | "old"> {
  const { group, version, resource } = target.definition;
  const { subresource, namespace, user, dryRun } = target;
  const name = target.name === "" ? (object?.metadata.name ?? "") : target.name;
  return { group, version, resource, subresource, namespace, name, user, dryRun };
}

export function refuseCauses(target: Target, object: KubeObject, causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid(target.definition, object.metadata.name ?? "", causes);
}

export const modified = (target: Target): StatusError =>
  conflict(
    target.definition,
    target.name,
    "the object has been modified; please apply your changes to the latest version and try again",
  );
