import { annotation, executionNamespaceFor, finalizer, label, workNameFor } from "#api";
import type { Cluster } from "#api/cluster";
import type { OverridePolicy } from "#api/policy";
import type { Binding, TargetCluster, Work } from "#api/work";
import { encodeJson, type KubeObject } from "#machinery";
import { type Rendered, renderManifest } from "#manifest";
import { divideByWeight, isWorkload } from "#scheduler";
import { bindingIdOf, isSuspended } from "./plan.ts";

export interface WorkInput {
  readonly binding: Binding;
  readonly template: KubeObject;
  readonly cluster: Cluster;
  readonly target: TargetCluster;
  /** Completions of a Job that is divided, by cluster. */
  readonly completions: ReadonlyMap<string, number>;
  readonly clusterPolicies: readonly OverridePolicy[];
  readonly policies: readonly OverridePolicy[];
  readonly hub: string;
  readonly workId: string;
}

/** The name of the Work of a binding's template, the same in every cluster. */
export const workNameOf = (binding: Binding): string =>
  workNameFor({
    kind: binding.spec.resource.kind,
    name: binding.spec.resource.name,
    namespace: binding.spec.resource.namespace,
  });

/** @throws TerminalError ApplyOverridePolicyFailed */
export function workFor(input: WorkInput): Work {
  const { binding, cluster, target, template, workId } = input;
  const name = cluster.metadata.name ?? "";
  const rendered = renderManifest({
    template,
    binding,
    cluster,
    hub: input.hub,
    ...(isWorkload(binding) && target.replicas !== undefined ? { replicas: target.replicas } : {}),
    ...(input.completions.has(name) ? { completions: input.completions.get(name) } : {}),
    clusterPolicies: input.clusterPolicies,
    policies: input.policies,
    workId,
  });
  return {
    apiVersion: "work.karmada.io/v1alpha1",
    kind: "Work",
    metadata: {
      name: workNameOf(binding),
      namespace: executionNamespaceFor(name),
      labels: { ...bindingLabel(binding), [label.workId]: workId },
      annotations: { ...annotationsFor(binding, template, rendered) },
      finalizers: [finalizer.work],
    },
    spec: {
      workload: { manifests: [rendered.manifest] },
      ...(isSuspended(binding, name) ? { suspendDispatching: true } : {}),
      preserveResourcesOnDeletion: binding.spec.preserveResourcesOnDeletion === true,
    },
  };
}

function bindingLabel(binding: Binding): Readonly<Record<string, string>> {
  const key = binding.metadata.namespace === undefined ? label.clusterBindingId : label.bindingId;
  return { [key]: bindingIdOf(binding) ?? "" };
}

function annotationsFor(binding: Binding, template: KubeObject, rendered: Rendered): Readonly<Record<string, string>> {
  const { namespace, name = "" } = binding.metadata;
  const source: Readonly<Record<string, string>> =
    namespace === undefined
      ? { [annotation.clusterBindingName]: name }
      : { [annotation.bindingNamespace]: namespace, [annotation.bindingName]: name };
  const { appliedClusterOverrides: byCluster, appliedOverrides: byNamespace } = rendered;
  return {
    ...source,
    [annotation.conflictResolution]: rendered.conflictResolution,
    ...(byCluster.length === 0 ? {} : { [annotation.appliedClusterOverrides]: encodeJson(byCluster) }),
    ...(byNamespace.length === 0 ? {} : { [annotation.appliedOverrides]: encodeJson(byNamespace) }),
    ...switchesOf(binding, template),
  };
}

/** Our own switches: the template's word counts before the policy's, which the binding carries. */
function switchesOf(binding: Binding, template: KubeObject): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const key of [annotation.takeoverGuard, annotation.applyMode]) {
    const value = template.metadata.annotations?.[key] ?? binding.metadata.annotations?.[key];
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/** Completions of a Job follow the clusters' shares of its replicas. */
export function completionsFor(binding: Binding, template: KubeObject): ReadonlyMap<string, number> {
  const { spec } = template as { readonly spec?: { readonly completions?: number } };
  const divided = binding.spec.placement?.replicaScheduling?.replicaSchedulingType === "Divided";
  const isJob = template.kind === "Job" && template.apiVersion === "batch/v1";
  const total = spec?.completions;
  if (!isJob || !divided || (binding.spec.replicas ?? 0) <= 0 || total === undefined) return new Map();
  const weights = (binding.spec.clusters ?? []).map(({ name, replicas = 0 }) => ({ name, weight: replicas }));
  const shares = divideByWeight(total, weights, template.metadata.uid ?? "");
  return shares;
}
