/** policy.karmada.io/v1alpha1: propagation and override policies of both scopes, and what they select. */

export { type Claim, type ClaimKeys, type ClaimPatch, claimKeysFor, claimOf, claimPatch, policyIdOf } from "./claim.ts";
export { withNamespace, withPolicyDefaults, withPolicyIdentity } from "./defaults.ts";
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
export { propagationPolicyProblems } from "./validate.ts";
export { overridePolicyProblems } from "./validate-override.ts";
export {
  type ClusterTaintPolicy,
  type FederatedResourceQuota,
  quotaProblems,
  taintPolicyProblems,
} from "./validate-quota.ts";
