import type { GroupVersionResource } from "#machinery";

/** The hub's own kinds that commands read and write. */
export const kinds = {
  clusters: { group: "cluster.karmada.io", version: "v1alpha1", resource: "clusters" },
  policies: { group: "policy.karmada.io", version: "v1alpha1", resource: "propagationpolicies" },
  clusterPolicies: { group: "policy.karmada.io", version: "v1alpha1", resource: "clusterpropagationpolicies" },
  bindings: { group: "work.karmada.io", version: "v1alpha2", resource: "resourcebindings" },
  clusterBindings: { group: "work.karmada.io", version: "v1alpha2", resource: "clusterresourcebindings" },
  works: { group: "work.karmada.io", version: "v1alpha1", resource: "works" },
  adoptions: { group: "migration.drover.io", version: "v1alpha1", resource: "adoptions" },
  events: { group: "", version: "v1", resource: "events" },
} as const satisfies Readonly<Record<string, GroupVersionResource>>;
