import { conflict, invalid, type KubeObject, notFound, type ObjectMeta, StatusError } from "#machinery";
import { deepEqual } from "#machinery/patch";
import type { CacheEntry } from "../cache/index.ts";
import { updatedNamespace } from "../namespaces/strategy.ts";
import { createObject } from "./create.ts";
import { metadataCauses, metadataUpdateCauses } from "./metadata.ts";
import { invalidValue } from "./names.ts";
import type { RegistryDeps, Target } from "./target.ts";
import { admitted, entryOf, modified, refuseCauses, remove, store, validateAdmission } from "./write.ts";

export interface Update {
  /** From what is there to what is wanted; called again when another write came first. */
  readonly transform: (current: KubeObject) => KubeObject;
  /** PUT: the whole object, subject to the rules of updates without a resourceVersion or with another uid. */
  readonly whole?: KubeObject;
  /** The server's own write: finalizers of a namespace and deletion fields may change. */
  readonly internal?: boolean;
}

const attempts = 10;

/** The one way an object changes: PUT, patches, subresources and the server itself. */
export async function updateObject(deps: RegistryDeps, target: Target, update: Update): Promise<KubeObject> {
  for (let attempt = 1; ; attempt += 1) {
    const entry = entryOf(deps, target);
    if (entry === undefined) {
      if (update.whole !== undefined && target.definition.createOnUpdate && target.subresource === "")
        return createInstead(deps, target, update.whole);
      throw notFound(target.definition, target.name);
    }
    const result = await attemptUpdate(deps, target, { entry, update });
    if (result.object !== undefined) return result.object;
    if (result.conditional || attempt === attempts) throw modified(target);
  }
}

function createInstead(deps: RegistryDeps, target: Target, whole: KubeObject): Promise<KubeObject> {
  const { resourceVersion: _, ...metadata } = whole.metadata;
  return createObject(deps, target, { ...whole, metadata });
}

interface Attempt {
  readonly object: KubeObject | undefined;
  /** The caller named the version it changes: another write is a conflict, not a reason to try again. */
  readonly conditional: boolean;
}

async function attemptUpdate(
  deps: RegistryDeps,
  target: Target,
  { entry, update }: { readonly entry: CacheEntry; readonly update: Update },
): Promise<Attempt> {
  const { definition } = target;
  const old = entry.view(definition).object;
  const wanted = update.transform(old);
  const conditional = checkPreconditions(target, wanted, { old, update });
  const merged = withServerFields(target, wanted, { old, update });
  const complete = definition.schema.applyDefaults(merged);
  const changed = await admitted(deps, target, { operation: "UPDATE", object: complete, old });
  const object = withGeneration(target, changed, old);
  refuseCauses(target, object, [
    ...metadataCauses(definition, object, target.warnings),
    ...(update.internal === true || target.subresource === "status" ? [] : metadataUpdateCauses(wanted, old)),
    ...definition.schema.validate(object, old),
  ]);
  await validateAdmission(deps, target, { operation: "UPDATE", object, old });
  if (isFinished(object)) return { object: await finish(deps, target, { entry, object }), conditional };
  if (deepEqual(object, old)) return { object: old, conditional };
  if (target.dryRun) return { object, conditional };
  return { object: await store(deps, target, { object, expected: entry.revision }), conditional };
}

/** @returns whether the caller named the version it changes. */
function checkPreconditions(
  target: Target,
  wanted: KubeObject,
  { old, update }: { readonly old: KubeObject; readonly update: Update },
): boolean {
  const { resourceVersion = "" } = wanted.metadata;
  if (resourceVersion !== "" && !/^\d+$/.test(resourceVersion)) throw malformedVersion(target, wanted);
  const named = resourceVersion !== "" && resourceVersion !== "0";
  if (update.whole !== undefined && !named && !target.definition.unconditionalUpdate) throw unversioned(target);
  checkUid(target, wanted, { old, update });
  if (named && resourceVersion !== old.metadata.resourceVersion) throw modified(target);
  return update.whole !== undefined && named;
}

function malformedVersion(target: Target, wanted: KubeObject): StatusError {
  const { resourceVersion = "", name = "" } = wanted.metadata;
  const why = `strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`;
  if (target.definition.origin === "custom") return new StatusError(500, "", why);
  return invalid(target.definition, name, [invalidValue("metadata.resourceVersion", resourceVersion, why)]);
}

function checkUid(
  target: Target,
  wanted: KubeObject,
  { old, update }: { readonly old: KubeObject; readonly update: Update },
): void {
  const { definition } = target;
  const { uid } = wanted.metadata;
  if (uid === undefined || uid === "" || uid === old.metadata.uid) return;
  if (update.whole === undefined) return;
  const place = definition.group === "" ? definition.resource : `${definition.group}/${definition.resource}`;
  const key = `/registry/${place}/${target.namespace === "" ? "" : `${target.namespace}/`}${target.name}`;
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
  throw conflict(definition, target.name, why);
}

function unversioned(target: Target): StatusError {
  const message = "Invalid value: 0: must be specified for an update";
  const { group, resource } = target.definition;
  const what = group === "" ? resource : `${resource}.${group}`;
  const cause = { reason: "FieldValueInvalid", message, field: "metadata.resourceVersion" };
  return new StatusError(422, "Invalid", `${what} "${target.name}" is invalid: metadata.resourceVersion: ${message}`, {
    name: target.name,
    ...(group === "" ? {} : { group }),
    kind: resource,
    causes: [cause],
  });
}

/** What a caller may not change is as it was. */
function withServerFields(
  target: Target,
  wanted: KubeObject,
  { old, update }: { readonly old: KubeObject; readonly update: Update },
): KubeObject {
  const { definition, subresource } = target;
  if (subresource === "status") {
    const { status, ...rest } = old;
    return wanted.status === undefined ? rest : { ...rest, status: wanted.status };
  }
  const metadata = updatedMetadata(wanted.metadata, old.metadata, update.internal === true);
  const object: KubeObject = { ...wanted, kind: old.kind, apiVersion: old.apiVersion, metadata };
  if (definition.group === "" && definition.resource === "namespaces")
    return updatedNamespace(object, old, subresource === "finalize" || update.internal === true);
  if (!definition.subresources.status) return object;
  const { status: _, ...rest } = object;
  return old.status === undefined ? rest : { ...rest, status: old.status };
}

function updatedMetadata(wanted: ObjectMeta, old: ObjectMeta, internal: boolean): ObjectMeta {
  const { labels, annotations, ownerReferences, finalizers } = wanted;
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...fixed } = old;
  const deletion = internal
    ? {
        ...(wanted.deletionTimestamp === undefined ? {} : { deletionTimestamp: wanted.deletionTimestamp }),
        ...(wanted.deletionGracePeriodSeconds === undefined
          ? {}
          : { deletionGracePeriodSeconds: wanted.deletionGracePeriodSeconds }),
      }
    : {};
  return {
    ...fixed,
    ...deletion,
    ...(Object.keys(labels ?? {}).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations ?? {}).length === 0 ? {} : { annotations }),
    ...((ownerReferences ?? []).length === 0 ? {} : { ownerReferences }),
    ...((finalizers ?? []).length === 0 ? {} : { finalizers: [...new Set(finalizers)] }),
  };
}

/** A change of anything but metadata and status moves the generation; so does the beginning of the end. */
function withGeneration(target: Target, object: KubeObject, old: KubeObject): KubeObject {
  const { generation } = target.definition;
  if (generation === "none" || target.subresource === "status") return object;
  const annotations = generation === "specAndAnnotations";
  const moved =
    !deepEqual(specOf(target, object), specOf(target, old)) ||
    (annotations && !deepEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {})) ||
    (object.metadata.deletionTimestamp !== undefined && old.metadata.deletionTimestamp === undefined);
  const next = (old.metadata.generation ?? 0) + (moved ? 1 : 0);
  return next === object.metadata.generation
    ? object
    : { ...object, metadata: { ...object.metadata, generation: next } };
}

/** What counts as a change of an object: not its metadata, and not a status that is written by itself. */
function specOf({ definition }: Target, object: KubeObject): unknown {
  const { metadata: _m, status, ...rest } = object;
  return definition.subresources.status || definition.origin === "builtin" ? rest : { ...rest, status };
}

/** Marked as deleted, and nothing holds it any more. */
function isFinished(object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp === undefined || (object.metadata.finalizers ?? []).length > 0) return false;
  if (object.kind !== "Namespace" || object.apiVersion !== "v1") return true;
  const spec = object.spec as { readonly finalizers?: readonly string[] } | undefined;
  return (spec?.finalizers ?? []).length === 0;
}

async function finish(
  deps: RegistryDeps,
  target: Target,
  { entry, object }: { readonly entry: CacheEntry; readonly object: KubeObject },
): Promise<KubeObject | undefined> {
  if (target.dryRun) return object;
  return (await remove(deps, entry)) ? object : undefined;
}
