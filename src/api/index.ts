/** Names and keys shared by Karmada's and Drover's API groups. The groups themselves are doors: `#api/policy`, `#api/work`, … */
export { bindingNameFor, dependedBySuffixFor, hashSuffix, policyNameFor, workNameFor } from "./names.ts";
export { resource } from "./resources.ts";
export {
  annotation,
  clusterNamespace,
  clusterOfExecutionNamespace,
  executionNamespaceFor,
  finalizer,
  isBookkeepingKey,
  isReservedNamespace,
  label,
  ownershipKeys,
  taintKey,
} from "./well-known.ts";
