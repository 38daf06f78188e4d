import type { GroupVersionResource } from "#machinery";

const policyGroup = (resource: string): GroupVersionResource => ({
  group: "policy.karmada.io",
  version: "v1alpha1",
  resource,
});
const bindingGroup = (resource: string): GroupVersionResource => ({
  group: "work.karmada.io",
  version: "v1alpha2",
  resource,
});

/** The resources that controllers read and write by name rather than by discovery. */
export const resource = {
  propagationPolicies: policyGroup("propagationpolicies"),
  clusterPropagationPolicies: policyGroup("clusterpropagationpolicies"),
  overridePolicies: policyGroup("overridepolicies"),
  clusterOverridePolicies: policyGroup("clusteroverridepolicies"),
  resourceBindings: bindingGroup("resourcebindings"),
  clusterResourceBindings: bindingGroup("clusterresourcebindings"),
  works: { group: "work.karmada.io", version: "v1alpha1", resource: "works" },
  clusters: { group: "cluster.karmada.io", version: "v1alpha1", resource: "clusters" },
  adoptions: { group: "migration.drover.io", version: "v1alpha1", resource: "adoptions" },
  customResourceDefinitions: { group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions" },
  namespaces: { group: "", version: "v1", resource: "namespaces" },
  secrets: { group: "", version: "v1", resource: "secrets" },
  events: { group: "", version: "v1", resource: "events" },
} as const satisfies Readonly<Record<string, GroupVersionResource>>;
