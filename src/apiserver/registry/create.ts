import { randomInt, randomUUID } from "node:crypto";
import { alreadyExists, forbidden, type KubeObject, notFound, type ObjectMeta, StatusError } from "#machinery";
import type { CacheEntry } from "../cache/index.ts";
import { initialNamespace } from "../namespaces/strategy.ts";
import { metadataCauses } from "./metadata.ts";
import { nameLimit } from "./names.ts";
import { cacheOf, type RegistryDeps, storageKey, type Target, timestamp } from "./target.ts";
import { admitted, refuseCauses, store, validateAdmission } from "./write.ts";

/** Letters that make no words, as Kubernetes generates names from. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;
const attempts = 8;

/** Creates the object; a generated name that is taken is generated again. */
export async function createObject(deps: RegistryDeps, target: Target, input: KubeObject): Promise<KubeObject> {
  const { name = "", generateName = "", resourceVersion = "" } = input.metadata;
  if (/^[1-9]\d*$/.test(resourceVersion))
    throw new StatusError(500, "", "resourceVersion should not be set on objects to be created");
  let left = name === "" && generateName !== "" ? attempts : 1;
  for (;;) {
    const object = await prepare(deps, target, input);
    const created = await createOnce(deps, target, object);
    if (created !== undefined) return created;
    left -= 1;
    if (left === 0) throw taken(deps, target, object);
  }
}

/** @returns undefined when the name is taken. */
async function createOnce(deps: RegistryDeps, target: Target, object: KubeObject): Promise<KubeObject | undefined> {
  if (existing(deps, target, object) !== undefined) return undefined;
  return target.dryRun ? object : store(deps, target, { object, expected: 0 });
}

function existing(deps: RegistryDeps, { definition }: Target, { metadata }: KubeObject): CacheEntry | undefined {
  return cacheOf(deps, definition).get(storageKey(definition, metadata.namespace ?? "", metadata.name ?? ""));
}

function taken(deps: RegistryDeps, target: Target, object: KubeObject): StatusError {
  const going = existing(deps, target, object)?.object.metadata.deletionTimestamp !== undefined;
  return alreadyExists(target.definition, object.metadata.name ?? "", going ? "object is being deleted: " : "");
}

async function prepare(deps: RegistryDeps, target: Target, input: KubeObject): Promise<KubeObject> {
  const { definition, namespace, warnings } = target;
  if (definition.namespaced) requireNamespace(deps, target, namespace);
  const { status, ...rest }: KubeObject = { ...input, metadata: initialMetadata(deps, target, input.metadata) };
  const withoutStatus = definition.subresources.status || status === undefined ? rest : { ...rest, status };
  const started =
    definition.group === "" && definition.resource === "namespaces" ? initialNamespace(withoutStatus) : withoutStatus;
  const complete = definition.schema.applyDefaults(started);
  const object = await admitted(deps, target, { operation: "CREATE", object: complete, old: undefined });
  refuseCauses(target, object, [
    ...metadataCauses(definition, object, warnings),
    ...definition.schema.validate(object, undefined),
  ]);
  await validateAdmission(deps, target, { operation: "CREATE", object, old: undefined });
  return object;
}

/** @throws StatusError 404 when the namespace is not there, 403 when it is going. */
function requireNamespace(deps: RegistryDeps, target: Target, namespace: string): void {
  const found = deps.caches.of({ group: "", resource: "namespaces" }).get(`/registry/core/namespaces/${namespace}`);
  if (found === undefined) throw notFound({ group: "", resource: "namespaces" }, namespace);
  if (found.object.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const error = forbidden(target.definition, target.name, why);
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  throw new StatusError(403, "Forbidden", error.message, { ...error.details, causes: [cause] });
}

function initialMetadata(deps: RegistryDeps, target: Target, metadata: ObjectMeta): ObjectMeta {
  const { definition, namespace } = target;
  const name = (metadata.name ?? "") === "" ? generatedName(target, metadata.generateName) : metadata.name;
  const { labels, annotations, ownerReferences, finalizers, generateName } = metadata;
  const generation = definition.generation === "none" ? metadata.generation : 1;
  return {
    ...(name === undefined ? {} : { name }),
    ...(generateName === undefined || generateName === "" ? {} : { generateName }),
    ...(definition.namespaced ? { namespace } : {}),
    uid: randomUUID(),
    ...(generation === undefined || generation === 0 ? {} : { generation }),
    creationTimestamp: timestamp(deps.clock.now()),
    ...(isEmpty(labels) ? {} : { labels }),
    ...(isEmpty(annotations) ? {} : { annotations }),
    ...((ownerReferences ?? []).length === 0 ? {} : { ownerReferences }),
    ...((finalizers ?? []).length === 0 ? {} : { finalizers: [...new Set(finalizers)] }),
  };
}

const isEmpty = (map: object | undefined | null): boolean => Object.keys(map ?? {}).length === 0;

function generatedName(target: Target, stem: string | undefined): string | undefined {
  if (stem === undefined || stem === "") return undefined;
  const room = nameLimit(target.definition.nameRule ?? "subdomain") - suffixLength;
  const suffix = Array.from({ length: suffixLength }, () => alphabet[randomInt(alphabet.length)]).join("");
  return `${stem.slice(0, room)}${suffix}`;
}
