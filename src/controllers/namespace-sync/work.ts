import { annotation, executionNamespaceFor, finalizer, isReservedNamespace, label, workNameFor } from "#api";
import type { Cluster } from "#api/cluster";
import type { OverridePolicy } from "#api/policy";
import { pruneManifest, stampManagedKeys, type Work } from "#api/work";
import { encodeJson, type KubeObject } from "#machinery";
import { applyOverrides } from "#override";

export interface NamespaceWorkInput {
  readonly template: KubeObject;
  readonly cluster: Cluster;
  readonly clusterPolicies: readonly OverridePolicy[];
  readonly hub: string;
  readonly workId: string;
  /** Whether the member keeps the namespace when the template goes: true for one that was there before us. */
  readonly preserve: boolean;
}

/** Kubernetes' own namespaces, Karmada's, `default`, and those whose label says so stay where they are. */
export function isSynced(namespace: KubeObject): boolean {
  const { name = "", labels, deletionTimestamp } = namespace.metadata;
  if (deletionTimestamp !== undefined || name === "default" || /^kube-.*$/.test(name)) return false;
  return !isReservedNamespace(name) && labels?.[label.skipAutoPropagation] !== "true";
}

export const namespaceWorkName = (name: string): string => workNameFor({ kind: "Namespace", name });

/** A Work of the same name that a ClusterPropagationPolicy made is its binding's, and left alone. */
export const isBindingsWork = (work: Work): boolean =>
  work.metadata.annotations?.[annotation.clusterBindingName] !== undefined;

/** @throws TerminalError ApplyOverridePolicyFailed */
export function namespaceWorkFor(input: NamespaceWorkInput): Work {
  const { template, cluster, clusterPolicies, workId } = input;
  const { name = "", uid = "" } = template.metadata;
  const overridden = applyOverrides({ template, cluster, clusterPolicies, policies: [] });
  const applied = overridden.appliedClusterOverrides;
  return {
    apiVersion: "work.karmada.io/v1alpha1",
    kind: "Work",
    metadata: {
      name: namespaceWorkName(name),
      namespace: executionNamespaceFor(cluster.metadata.name ?? ""),
      labels: { [label.workId]: workId },
      annotations: {
        [annotation.conflictResolution]: "overwrite",
        ...(applied.length === 0 ? {} : { [annotation.appliedClusterOverrides]: encodeJson(applied) }),
      },
      finalizers: [finalizer.work],
      ownerReferences: [{ apiVersion: "v1", kind: "Namespace", name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      workload: { manifests: [manifestOf(overridden.object, input)] },
      preserveResourcesOnDeletion: input.preserve,
    },
  };
}

/** `spec` holds Kubernetes' own finalizer and stays behind: only the metadata of a namespace is propagated. */
function manifestOf(object: KubeObject, { template, cluster, hub, workId }: NamespaceWorkInput): KubeObject {
  const { spec: _spec, ...pruned } = pruneManifest(object, { jobTtl: true });
  const { name = "", uid = "" } = template.metadata;
  const { [annotation.lastApplied]: _own, ...annotations } = pruned.metadata.annotations ?? {};
  return stampManagedKeys({
    ...pruned,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...pruned.metadata,
      labels: { ...pruned.metadata.labels, [label.managed]: "true", [label.workId]: workId },
      annotations: {
        ...annotations,
        [annotation.templateUid]: uid,
        [annotation.workNamespace]: executionNamespaceFor(cluster.metadata.name ?? ""),
        [annotation.workName]: namespaceWorkName(name),
        [annotation.hub]: hub,
        [annotation.conflictResolution]: "overwrite",
      },
    },
  });
}
