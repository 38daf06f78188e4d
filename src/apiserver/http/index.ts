/** The TLS front: HTTP/2 and HTTP/1.1, client certificates, bounded bodies, backpressure, graceful close. */
export { type ListenOptions, listen, type TlsServer } from "./listen.ts";
