import { annotation, executionNamespaceFor, label, workNameFor } from "#api";
import type { ConflictResolution } from "#api/policy";
import { type Binding, pruneManifest, stampManagedKeys } from "#api/work";
import { interpreterFor } from "#interpreter";
import { gvkOf, type KubeObject, withField } from "#machinery";
import { applyOverrides } from "#override";
import type { EffectiveResolution, Rendered, RenderInput } from "./contract.ts";

/** The template's own word beats the policy's in both directions; a word that is neither is ignored. */
export function effectiveConflictResolution(
  binding: { readonly spec: { readonly conflictResolution?: ConflictResolution } },
  template: KubeObject,
): EffectiveResolution {
  const own = template.metadata.annotations?.[annotation.conflictResolution];
  if (own === "abort" || own === "overwrite") return own;
  return binding.spec.conflictResolution === "Overwrite" ? "overwrite" : "abort";
}

function bindingMarks({ metadata }: Binding): {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  const namespaced = (metadata.namespace ?? "") !== "";
  const id = metadata.labels?.[namespaced ? label.bindingId : label.clusterBindingId];
  const labels = id === undefined ? {} : { [namespaced ? label.bindingId : label.clusterBindingId]: id };
  const name = metadata.name ?? "";
  if (!namespaced) return { labels, annotations: { [annotation.clusterBindingName]: name } };
  return {
    labels,
    annotations: { [annotation.bindingNamespace]: metadata.namespace ?? "", [annotation.bindingName]: name },
  };
}

function withMarks(object: KubeObject, input: RenderInput, resolution: EffectiveResolution): KubeObject {
  const { template, binding, cluster, hub, workId } = input;
  const { name = "", namespace, uid, generation } = template.metadata;
  const marks = bindingMarks(binding);
  const { [annotation.lastApplied]: _own, ...annotations } = object.metadata.annotations ?? {};
  const metadata = {
    ...object.metadata,
    labels: {
      ...object.metadata.labels,
      ...marks.labels,
      [label.managed]: "true",
      ...(workId === undefined ? {} : { [label.workId]: workId }),
    },
    annotations: {
      ...annotations,
      ...(generation === undefined || generation <= 0 ? {} : { [annotation.templateGeneration]: String(generation) }),
      ...marks.annotations,
      [annotation.templateUid]: uid ?? "",
      [annotation.workNamespace]: executionNamespaceFor(cluster.metadata.name ?? ""),
      [annotation.workName]: workNameFor({ kind: template.kind, name, namespace }),
      [annotation.hub]: hub,
      [annotation.conflictResolution]: resolution,
    },
  };
  return { ...object, metadata };
}

function withShare(input: RenderInput): KubeObject {
  const { template, replicas, completions } = input;
  const revised = replicas === undefined ? template : interpreterFor(gvkOf(template)).withReplicas(template, replicas);
  return completions === undefined ? revised : withField(revised, ["spec", "completions"], completions);
}

/**
 * What one cluster receives of a template: its share of the replicas, then the overrides, then the marks, then freed of
 * everything that belongs to the hub's own copy.
 *
 * @throws TerminalError ApplyOverridePolicyFailed
 */
export function renderManifest(input: RenderInput): Rendered {
  const { binding, cluster, clusterPolicies, policies } = input;
  const overridden = applyOverrides({ template: withShare(input), cluster, clusterPolicies, policies });
  const conflictResolution = effectiveConflictResolution(binding, overridden.object);
  const marked = withMarks(overridden.object, input, conflictResolution);
  return {
    manifest: stampManagedKeys(pruneManifest(marked, { jobTtl: true })),
    conflictResolution,
    appliedClusterOverrides: overridden.appliedClusterOverrides,
    appliedOverrides: overridden.appliedOverrides,
  };
}
