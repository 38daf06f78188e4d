/** work.karmada.io: Work (v1alpha1) and the bindings of both scopes (v1alpha2); what a manifest is freed of before dispatch. */
export { bindingProblems, withBindingId, withWorkMarks } from "./admit.ts";
export { pruneManifest } from "./prune.ts";
export { workResources } from "./schema.ts";
export { stampManagedKeys } from "./stamp.ts";
export type * from "./types.ts";
