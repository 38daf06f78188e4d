/**
 * One client for any Kubernetes API, over HTTP (`#client/http`) or in process (a transport that the server injects).
 * Answers keep every digit; errors are StatusError or TransportError.
 */
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
