/** cluster.karmada.io/v1alpha1: the registered members. */
export { clusterResources } from "./schema.ts";
export type * from "./types.ts";
