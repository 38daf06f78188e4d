import type { ServerResponse as Http1Response, IncomingMessage } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** Either protocol's; what we use of them is the same. */
export type Request = IncomingMessage | Http2ServerRequest;
export type Response = Http1Response | Http2ServerResponse;
