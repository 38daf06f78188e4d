/** policy.karmada.io/v1alpha1: propagation and override policies, of both scopes. */
export type * from "./types.ts";
