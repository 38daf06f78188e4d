/**
 * Kinds as data: Kubernetes' own resources, generated, in the same shape that custom resources get at run time.
 * Types are resolved when they are first looked at.
 */
export { builtinDefinitions } from "./builtin.ts";
export type * from "./definition.ts";
export { typeNode } from "./node.ts";
