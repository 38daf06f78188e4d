/** Custom resources: what a CustomResourceDefinition makes the server serve, and our own kinds, made the same way. */
export { CrdController } from "./controller.ts";
export { crdDefinitions } from "./definitions.ts";
export { ownDefinitions } from "./karmada.ts";
export { clusterDefinitions, hubDefinitions } from "./kind.ts";
