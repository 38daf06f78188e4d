/** The HTTP transport of the client: TLS, client certificates, bearer tokens, proxies, watches as lines of JSON. */
export { type HttpOptions, httpTransport } from "./transport.ts";
