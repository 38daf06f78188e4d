import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { ApiServer, User } from "../contract.ts";
import type { Certificates } from "../pki/index.ts";
import { answerHttp } from "./answer.ts";
import { createMetrics } from "./metrics.ts";
import type { Request, Response } from "./wire.ts";

export interface ListenOptions {
  readonly apiServer: ApiServer;
  readonly certificates: Pick<Certificates, "ca" | "serverCert" | "serverKey">;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whose bearer token this is; without it, or where it does not know the token, the caller is refused. */
  readonly userOfToken?: (token: string) => User | undefined;
}

export interface TlsServer {
  readonly host: string;
  readonly port: number;
  /** Takes no new requests, lets those under way finish for a moment, then cuts what is left (watches). */
  close(): Promise<void>;
}

/** How long requests may still take, and what they wrote may still take to leave. */
const graceMs = 2_000;
const flushMs = 200;

/** Serves the API server over TLS. @throws the error of listening, as EADDRINUSE. */
export async function listen(options: ListenOptions): Promise<TlsServer> {
  const { apiServer, certificates, host, port } = options;
  const server = createSecureServer({
    allowHTTP1: true,
    key: certificates.serverKey,
    cert: certificates.serverCert,
    ca: certificates.ca,
    requestCert: true,
    rejectUnauthorized: false,
    maxHeaderListPairs: 256,
    settings: { maxConcurrentStreams: 1_000 },
  });
  const metrics = createMetrics(apiServer);
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  server.on("request", (request: Request, response: Response) => {
    const answering = answerHttp(
      { apiServer, metrics, stopping: stopping.signal, userOfToken: options.userOfToken },
      request,
      response,
    );
    underWay.add(answering);
    void answering.finally(() => underWay.delete(answering));
  });
  server.on("sessionError", () => undefined);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const sockets = trackSockets(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return { host, port: address.port, close: () => closeServer(server, { sockets, underWay, stopping }) };
}

function trackSockets(server: Http2SecureServer): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on("secureConnection", (socket: Socket) => {
    // Unlike an HTTP server's, these sockets hold small writes back until the last one is acknowledged: 40 ms a request.
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  return sockets;
}

interface Open {
  readonly sockets: ReadonlySet<Socket>;
  readonly underWay: ReadonlySet<Promise<void>>;
  readonly stopping: AbortController;
}

async function closeServer(server: Http2SecureServer, { sockets, underWay, stopping }: Open): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopping.abort();
  await atMost(graceMs, Promise.all(underWay));
  for (const socket of sockets) socket.destroySoon();
  await atMost(flushMs, closed);
  for (const socket of sockets) socket.destroy();
  await closed;
}

/** Waits for the work, but no longer than this. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
