/**
 * One client for any Kubernetes API, over HTTP (`#client/http`) or in process (a transport that the server injects).
 * Answers keep every digit; errors are StatusError or TransportError.
 */

export { type ClientOptions, createClient, type RequestRecord } from "./client.ts";
export type {
  ApiCatalogue,
  ApiRequest,
  ApiResource,
  ApiResponse,
  ApiTransport,
  DeleteOptions,
  KubeClient,
  ListOptions,
  Patch,
  WatchOptions,
  WriteOptions,
} from "./contract.ts";
export { collectionPath, objectPath } from "./paths.ts";
export { errorOfAnswer, retryAfterMs } from "./retry-after.ts";
export { isTransportError, TransportError, type TransportFailure } from "./transport-error.ts";
