/** List and watch: an indexed, read-only cache of one resource with shared handlers. See `Informer`. */
export type { Informer, InformerFactory, InformerHandler, InformerOptions } from "./contract.ts";
export { createInformerFactory, type InformerFactoryDeps } from "./factory.ts";
export { FreshView } from "./fresh.ts";
export { type KindHandler, KindInformers } from "./kinds.ts";
export { type ReflectorDeps, type ReflectorSink, reflect } from "./reflector.ts";
export { ScopedInformers } from "./scoped.ts";
