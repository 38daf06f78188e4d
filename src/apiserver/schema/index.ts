/** Structural schemas walked over objects: pruning, defaulting and validation with Kubernetes' own words. */
export { compileSchema } from "./compile.ts";
export { kindSchemaFor } from "./kind-schema.ts";
export { pruned } from "./prune.ts";
export { violations } from "./validate.ts";
