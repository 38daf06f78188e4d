/** cluster.karmada.io/v1alpha1: the registered members. */
export { withClusterDefaults } from "./defaults.ts";
export { clusterResources } from "./schema.ts";
export type * from "./types.ts";
export { clusterProblems } from "./validate.ts";
