/** Structural schemas walked over objects: pruning, defaulting and validation with Kubernetes' own words. */
export { type CompiledSchema, compileSchema } from "./compile.ts";
export { defaulted } from "./default.ts";
export { isKnownFormat } from "./format.ts";
export { kindSchemaFor } from "./kind-schema.ts";
export { pruned, unknownFields } from "./prune.ts";
export { violations } from "./validate.ts";
