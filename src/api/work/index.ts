/** work.karmada.io: Work (v1alpha1) and the bindings of both scopes (v1alpha2). */
export type * from "./types.ts";
