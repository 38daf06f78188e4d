/** Structural schemas walked over objects: pruning, defaulting and validation with Kubernetes' own words. */
export {
  duplicateValue,
  forbiddenField,
  invalidValue,
  requiredValue,
  tooLong,
  unsupportedValue,
  wrongType,
} from "./causes.ts";
export { type CompiledSchema, compileSchema, valueText } from "./compile.ts";
export { defaulted } from "./default.ts";
export { isKnownFormat } from "./format.ts";
export { kindSchemaFor } from "./kind-schema.ts";
export { pruned, unknownFields } from "./prune.ts";
export { dns1035 } from "./scalars.ts";
export { violations } from "./validate.ts";
