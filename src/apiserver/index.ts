/**
 * A faithful subset of kube-apiserver over `#storage`: kinds as data, registry, watch cache, discovery, OpenAPI, tables,
 * custom resources, admission. One `handle` serves TLS clients and in-process ones alike.
 */
export { type KarmadaAdmissionDeps, karmadaAdmission } from "./admission/index.ts";
export type {
  AdmissionPlugin,
  AdmissionRequest,
  ApiServer,
  ApiServerOptions,
  ConnectHandler,
  ServerRequest,
  ServerResponse,
  ServerWatchEvent,
  User,
} from "./contract.ts";
export { CrdController, type CrdControllerDeps, hubDefinitions } from "./crd/index.ts";
