import {
  encodeJson,
  type KubeObject,
  labelValueProblems,
  type ObjectMeta,
  type OwnerReference,
  qualifiedNameProblems,
  type StatusCause,
} from "#machinery";
import type { ResourceDefinition } from "../kinds/definition.ts";
import { invalidValue, nameProblems } from "./names.ts";

const annotationsLimit = 262_144;
const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);
/** The finalizer of the server itself on CustomResourceDefinitions, unqualified as upstream has it. */
const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** Everything wrong with an object's metadata. Unqualified finalizers of custom kinds are only warned of. */
export function metadataCauses(
  definition: ResourceDefinition,
  object: KubeObject,
  warnings: string[],
): readonly StatusCause[] {
  const { metadata } = object;
  return [
    ...nameCauses(definition, metadata),
    ...labelCauses(metadata.labels),
    ...annotationCauses(metadata.annotations),
    ...ownerCauses(metadata.ownerReferences ?? []),
    ...finalizerCauses(definition, metadata.finalizers ?? [], warnings),
  ];
}

function nameCauses(definition: ResourceDefinition, metadata: ObjectMeta): readonly StatusCause[] {
  const rule = definition.nameRule ?? "subdomain";
  const causes: StatusCause[] = [];
  if (metadata.generateName !== undefined && metadata.generateName !== "") {
    const stem = metadata.generateName.replace(/-$/, "a");
    causes.push(
      ...nameProblems(rule, stem).map((why) => invalidValue("metadata.generateName", metadata.generateName, why)),
    );
  }
  const name = metadata.name ?? "";
  if (name === "") {
    causes.push({
      reason: "FieldValueRequired",
      message: "Required value: name or generateName is required",
      field: "metadata.name",
    });
    return causes;
  }
  return [...causes, ...nameProblems(rule, name).map((why) => invalidValue("metadata.name", name, why))];
}

function labelCauses(labels: ObjectMeta["labels"]): readonly StatusCause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((why) => invalidValue("metadata.labels", key, why)),
    ...labelValueProblems(value).map((why) => invalidValue("metadata.labels", value, why)),
  ]);
}

function annotationCauses(annotations: ObjectMeta["annotations"]): readonly StatusCause[] {
  const entries = Object.entries(annotations ?? {});
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const tooLong: StatusCause = {
    reason: "FieldValueTooLong",
    message: `Too long: may not be more than ${annotationsLimit} bytes`,
    field: "metadata.annotations",
  };
  return [
    ...entries.flatMap(([key]) =>
      qualifiedNameProblems(key.toLowerCase()).map((why) => invalidValue("metadata.annotations", key, why)),
    ),
    ...(size > annotationsLimit ? [tooLong] : []),
  ];
}

const ownersField = "metadata.ownerReferences";

function ownerCauses(owners: readonly OwnerReference[]): readonly StatusCause[] {
  const controllers = owners.filter((owner) => owner.controller === true);
  const [first, second] = controllers.map((owner) => `${owner.kind}/${owner.name}`);
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`;
  return [
    ...owners.flatMap(oneOwnerCauses),
    ...(controllers.length < 2 ? [] : [jsonCause(ownersField, owners.map(ordered), why)]),
  ];
}

function oneOwnerCauses(owner: OwnerReference): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  if ((owner.apiVersion ?? "") === "" || owner.apiVersion.split("/").length > 2)
    causes.push(invalidValue(`${ownersField}.apiVersion`, owner.apiVersion ?? "", "version must not be empty"));
  for (const name of ["kind", "name", "uid"] as const) {
    if ((owner[name] ?? "") === "") causes.push(invalidValue(`${ownersField}.${name}`, "", "must not be empty"));
  }
  if (owner.kind === "Event" && owner.apiVersion === "v1")
    causes.push(jsonCause(ownersField, ordered(owner), "/v1, Kind=Event is disallowed from being an owner"));
  return causes;
}

/** In the order of Go's struct. */
function ordered(owner: OwnerReference): OwnerReference {
  const { apiVersion, kind, name, uid, ...rest } = owner;
  return { apiVersion, kind, name, uid, ...rest };
}

const jsonCause = (field: string, value: unknown, why: string): StatusCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${encodeJson(value)}: ${why}`,
  field,
});

function finalizerCauses(
  definition: ResourceDefinition,
  finalizers: readonly string[],
  warnings: string[],
): readonly StatusCause[] {
  const field = "metadata.finalizers";
  const both = finalizers.includes("orphan") && finalizers.includes("foregroundDeletion");
  const why = "finalizer orphan and foregroundDeletion cannot be both set";
  return [
    ...finalizers.flatMap((finalizer) =>
      qualifiedNameProblems(finalizer).map((problem) => invalidValue(field, finalizer, problem)),
    ),
    ...(both ? [jsonCause(field, finalizers, why)] : []),
    ...finalizers.flatMap((finalizer, index) =>
      isQualified(finalizer) ? [] : unqualifiedCauses(definition, { finalizer, index, warnings }),
    ),
  ];
}

const isQualified = (finalizer: string): boolean =>
  finalizer.includes("/") || standardFinalizers.has(finalizer) || finalizer === cleanupFinalizer;

/** Custom kinds are only warned. */
function unqualifiedCauses(
  definition: ResourceDefinition,
  of: { readonly finalizer: string; readonly index: number; readonly warnings: string[] },
): readonly StatusCause[] {
  if (definition.origin === "builtin") {
    const why = "name is neither a standard finalizer name nor is it fully qualified";
    return [invalidValue(`metadata.finalizers[${of.index}]`, of.finalizer, why)];
  }
  of.warnings.push(
    `metadata.finalizers: "${of.finalizer}": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
  );
  return [];
}

/**
 * What an update may not do to metadata. `wanted` is what the caller sent. Kubernetes checks this twice, and lists every
 * cause twice.
 */
export function metadataUpdateCauses(wanted: KubeObject, old: KubeObject): readonly StatusCause[] {
  const causes = [...newFinalizerCauses(wanted, old), ...immutableCauses(wanted.metadata, old.metadata)];
  return [...causes, ...causes];
}

function newFinalizerCauses(wanted: KubeObject, old: KubeObject): readonly StatusCause[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const had = new Set(old.metadata.finalizers);
  const added = (wanted.metadata.finalizers ?? []).filter((finalizer) => !had.has(finalizer));
  if (added.length === 0) return [];
  const found = `[]string{${added.map((one) => JSON.stringify(one)).join(", ")}}`;
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${found}`;
  return [{ reason: "FieldValueForbidden", message, field: "metadata.finalizers" }];
}

/** What is not said stays; what is said must be as it is. */
function immutableCauses(wanted: ObjectMeta, old: ObjectMeta): readonly StatusCause[] {
  const fields = ["uid", "deletionTimestamp", "deletionGracePeriodSeconds"] as const;
  return fields.flatMap((field) => {
    const value = wanted[field];
    if (value === undefined || value === null || value === "" || value === old[field]) return [];
    return [invalidValue(`metadata.${field}`, value, "field is immutable")];
  });
}
