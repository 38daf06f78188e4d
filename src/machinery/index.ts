/**
 * The grammar of Kubernetes objects: metadata, names and keys, group-version-kind, JSON that keeps every digit,
 * quantities, selectors, conditions and the Status error. Pure, and knows no kind in particular.
 */
export {
  type Condition,
  findCondition,
  isConditionTrue,
  setCondition,
} from "./condition.ts";
export {
  duplicateValue,
  forbiddenField,
  invalidValue,
  ofNoField,
  requiredValue,
  tooLong,
  tooMany,
  unsupportedValue,
  valueText,
  wrongType,
} from "./field-error.ts";
export { fieldAt, listAt, mapAt, numberAt, textAt, withField } from "./fields.ts";
export {
  type GroupVersionKind,
  type GroupVersionResource,
  groupVersionText,
  gvkOf,
  gvkText,
  gvrText,
  parseGroupVersion,
} from "./gvk.ts";
export { encodeJson, parseJson } from "./json.ts";
export { type Key, keyFor, keyOf, type ObjectKey, objectKeyOf, refText, splitKey } from "./key.ts";
export {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  type NameRule,
  qualifiedNameProblems,
} from "./name-rules.ts";
export type {
  KubeList,
  KubeObject,
  ManagedFieldsEntry,
  ObjectMeta,
  OwnerReference,
  WatchEvent,
  WatchEventType,
} from "./object.ts";
export {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityRatio,
  quantityText,
  sameQuantity,
  subtractQuantities,
} from "./quantity.ts";
export {
  type FieldRequirement,
  type LabelSelector,
  type LabelSelectorRequirement,
  matchesLabelSelector,
  matchesRequirements,
  parseFieldSelector,
  type Requirement,
  requirementsOf,
} from "./selector.ts";
export { parseLabelSelector } from "./selector-parser.ts";
export {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  internalError,
  invalid,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
  isStatusError,
  isTooManyRequests,
  methodNotAllowed,
  notFound,
  requestEntityTooLarge,
  type Status,
  type StatusCause,
  type StatusDetails,
  StatusError,
  type StatusReason,
  statusErrorFrom,
  timeout,
  tooManyRequests,
  unauthorized,
  unsupportedMediaType,
} from "./status-error.ts";
