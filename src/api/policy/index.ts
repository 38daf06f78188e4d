/** policy.karmada.io/v1alpha1: propagation and override policies of both scopes, and what they select. */
export {
  bestPolicyFor,
  type ImplicitPriority,
  matchesClusterAffinity,
  matchesSelector,
  mayPreempt,
  policySelects,
  selectorPriority,
} from "./matching.ts";
export {
  conflictResolutionSchema,
  failoverSchema,
  placementSchema,
  policyResources,
  suspensionFields,
  tolerationsSchema,
} from "./schema.ts";
export type * from "./types.ts";
