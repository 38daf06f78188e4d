import { annotation, label } from "#api";
import { invalidValue, type KubeObject, parseJson, type StatusCause } from "#machinery";
import { pruneManifest } from "./prune.ts";
import { stampManagedKeys } from "./stamp.ts";
import type { Work } from "./types.ts";

/** The Work as it is stored: with a permanent id, its manifests pruned, marked with that id, and their keys listed. */
export function withWorkMarks(work: Work, newUuid: () => string): Work {
  const marked = withPermanentId(work, label.workId, newUuid) as Work;
  const id = marked.metadata.labels?.[label.workId] ?? "";
  const { workload } = work.spec;
  if (workload?.manifests === undefined) return marked;
  const manifests = workload.manifests.map((manifest) =>
    stampManagedKeys(withLabel(pruneManifest(manifest, { jobTtl: true }), label.workId, id)),
  );
  return { ...marked, spec: { ...marked.spec, workload: { ...workload, manifests } } };
}

/** A new binding with its permanent id, unless it has one. */
export function withBindingId(binding: KubeObject, newUuid: () => string): KubeObject {
  const key = binding.metadata.namespace === undefined ? label.clusterBindingId : label.bindingId;
  return withPermanentId(binding, key, newUuid);
}

function withPermanentId(object: KubeObject, key: string, newUuid: () => string): KubeObject {
  const present = object.metadata.labels?.[key] ?? "";
  return present === "" ? withLabel(object, key, newUuid()) : object;
}

const withLabel = (object: KubeObject, key: string, value: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, [key]: value } },
});

/** Violations of a namespaced binding beyond its schema. */
export function bindingProblems(binding: KubeObject): readonly StatusCause[] {
  const text = binding.metadata.annotations?.[annotation.dependencies];
  if (text === undefined || isJson(text)) return [];
  return [
    invalidValue(`metadata.annotations[${annotation.dependencies}]`, text, "annotation value must be a valid JSON"),
  ];
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
