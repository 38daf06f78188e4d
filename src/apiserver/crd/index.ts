/** Custom resources: what a CustomResourceDefinition makes the server serve, and our own kinds, made the same way. */
export { CrdController, type CrdControllerDeps, type CrdServer } from "./controller.ts";
export { crdDefinitions } from "./definitions.ts";
export { ownDefinitions } from "./karmada.ts";
export { clusterDefinitions, hubDefinitions, withCrdRules } from "./kind.ts";
export type { CrdNames, CrdStatus, CrdVersion, CustomResourceDefinition } from "./types.ts";
