/** cluster.karmada.io/v1alpha1: the registered members. */
export type * from "./types.ts";
