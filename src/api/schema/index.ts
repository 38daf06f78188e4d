/** Structural schemas, the words to write them in, and the description of a kind from which its CustomResourceDefinition is made. */
export * as schema from "./build.ts";
export {
  type ApiResource,
  type ApiVersionSpec,
  ageColumn,
  crdFor,
  karmadaCategory,
  type PrinterColumn,
  withStatus,
} from "./resource.ts";
export type { StructuralSchema } from "./structural.ts";
