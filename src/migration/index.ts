/**
 * Taking objects over and giving them back: the Adoption ledger, whether a member keeps its object when the hub lets go
 * of it, and which Works concern a member object.
 */
export { type AdoptionStatus, createLedger, type Ledger, type StatusChange } from "./ledger.ts";
export { bindingKeyOf, preservesBinding, preservesWork } from "./preserve.ts";
export { clusterOfWork, workTargetIndex, workTargetKey, workTargetValues } from "./targets.ts";
