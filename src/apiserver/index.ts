/**
 * A faithful subset of kube-apiserver over `#storage`: kinds as data, registry, watch cache, discovery, OpenAPI, tables,
 * custom resources, admission. One `handle` serves TLS clients and in-process ones alike.
 */
export { type KarmadaAdmissionDeps, karmadaAdmission } from "./admission/index.ts";
export type { ChangeableCatalogue } from "./catalogue/index.ts";
export type {
  AdmissionPlugin,
  AdmissionRequest,
  ApiServer,
  ApiServerOptions,
  ConnectHandler,
  ExtensibleApiServer,
  ServerRequest,
  ServerResponse,
  ServerWatchEvent,
  User,
} from "./contract.ts";
export { clusterDefinitions, hubDefinitions } from "./crd/index.ts";
export { type ListenOptions, listen, type TlsServer } from "./http/index.ts";
export type { ResourceCatalogue, ResourceDefinition } from "./kinds/definition.ts";
export { builtinDefinitions } from "./kinds/index.ts";
export { type Certificates, ensurePki, type PkiOptions } from "./pki/index.ts";
export { createApiServer } from "./server/index.ts";
