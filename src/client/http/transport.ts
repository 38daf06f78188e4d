import { type Dispatcher, Pool, ProxyAgent } from "undici";
import { encodeJson, parseJson, type StatusError } from "#machinery";
import type { ApiRequest, ApiResponse, ApiTransport } from "../contract.ts";
import { errorOfAnswer } from "../retry-after.ts";
import { TransportError } from "../transport-error.ts";
import { transportErrorFor } from "./failure.ts";
import { linesOf } from "./lines.ts";

export interface HttpOptions {
  /** Scheme, host, port and, behind a proxy, a path prefix: `https://10.0.0.1:6443`. */
  readonly server: string;
  /** PEM texts. Without a CA the machine's own are trusted. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** Asked before each request; what it returns may be kept by the provider. */
  readonly tokenProvider?: () => Promise<string | undefined>;
  readonly insecureSkipTlsVerify?: boolean;
  /** Name to verify instead of the server's host. */
  readonly tlsServerName?: string;
  readonly proxy?: string;
  readonly proxyHeaders?: Readonly<Record<string, string>>;
  /** At a time, beside one for each watch. Default 16. */
  readonly connections?: number;
  /** For an answer to begin and between two parts of it. Default 30 s. A watch is bounded by its timeoutSeconds. */
  readonly timeoutMs?: number;
  /** Sent with each request, as impersonation does. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** How long a watch may outlive the time it asked for before it counts as dead. */
const watchGraceMs = 30_000;
const defaultWatchSeconds = 3600;

/**
 * HTTP/1.1 to one API server. Watches have connections of their own, so that they never hold up a request.
 *
 * @throws TransportError when a certificate, a key or the address cannot be used.
 */
export function httpTransport(options: HttpOptions): ApiTransport {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const server = options.server.replace(/\/+$/, "");
  const { origin, prefix } = splitServer(server);
  const requests = dispatcherFor(origin, options, options.connections ?? 16);
  const watches = dispatcherFor(origin, options, null);

  async function send(request: ApiRequest, signal: AbortSignal | undefined, streaming: boolean): Promise<Answer> {
    const body = request.body === undefined ? null : bodyText(request);
    const bodyTimeout = streaming ? watchMs(request) + watchGraceMs : timeoutMs;
    try {
      return await (streaming ? watches : requests).request({
        origin,
        path: `${prefix}${request.path}${queryText(request.query)}`,
        method: request.method,
        headers: await headersFor(request, options, body !== null),
        body,
        signal: signal ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout,
      });
    } catch (error) {
      throw failure(server, error, signal);
    }
  }

  async function request(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse> {
    const answer = await send(request, signal, false);
    const text = await textOf(answer, server, signal);
    const headers = headersOf(answer);
    return { status: answer.statusCode, headers, body: parsedBody(text, headers["content-type"], server) };
  }

  async function* stream(request: ApiRequest, signal: AbortSignal): AsyncIterable<StreamItem> {
    const answer = await send(request, signal, true);
    if (answer.statusCode !== 200) throw await errorOf(answer, server, signal);
    request.onOpen?.();
    try {
      for await (const line of linesOf(answer.body)) yield parsedLine(line, server);
    } catch (error) {
      throw failure(server, error, signal);
    } finally {
      answer.body.on("error", () => undefined).destroy();
    }
  }

  return {
    request,
    stream,
    async close() {
      await Promise.all([requests.destroy(), watches.destroy()]);
    },
  };
}

type Answer = Dispatcher.ResponseData;
interface StreamItem {
  readonly type: string;
  readonly object: unknown;
}

function splitServer(server: string): { readonly origin: string; readonly prefix: string } {
  if (!URL.canParse(server)) throw new TransportError("malformed", `${server}: not an address like https://host:6443`);
  const url = new URL(server);
  return { origin: url.origin, prefix: url.pathname === "/" ? "" : url.pathname };
}

function dispatcherFor(origin: string, options: HttpOptions, connections: number | null): Dispatcher {
  const tls = {
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.tlsServerName === undefined ? {} : { servername: options.tlsServerName }),
    rejectUnauthorized: options.insecureSkipTlsVerify !== true,
  };
  const common = { connections, allowH2: false, keepAliveTimeout: 30_000 };
  if (options.proxy === undefined) return new Pool(origin, { ...common, connect: { ...tls, timeout: 10_000 } });
  return new ProxyAgent({
    ...common,
    uri: options.proxy,
    requestTls: tls,
    ...(options.proxyHeaders === undefined ? {} : { headers: { ...options.proxyHeaders } }),
  });
}

async function headersFor(
  request: ApiRequest,
  options: HttpOptions,
  hasBody: boolean,
): Promise<Record<string, string | string[]>> {
  const token = (await options.tokenProvider?.()) ?? options.token;
  return {
    "user-agent": "drover",
    ...options.headers,
    accept: request.accept ?? "application/json",
    ...(hasBody ? { "content-type": request.contentType ?? "application/json" } : {}),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** A body given as text is sent as it is, for callers that hold YAML or bytes already encoded. */
function bodyText(request: ApiRequest): string {
  return typeof request.body === "string" ? request.body : encodeJson(request.body);
}

function queryText(query: ApiRequest["query"]): string {
  if (query === undefined) return "";
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}

function watchMs(request: ApiRequest): number {
  return Number(request.query?.timeoutSeconds ?? defaultWatchSeconds) * 1000;
}

function headersOf(answer: Answer): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

async function textOf(answer: Answer, server: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await answer.body.text();
  } catch (error) {
    throw failure(server, error, signal);
  }
}

function parsedBody(text: string, contentType: string | undefined, server: string): unknown {
  if (contentType?.includes("json") !== true) return text;
  try {
    return parseJson(text);
  } catch (cause) {
    throw new TransportError("malformed", `${server}: the answer is not valid JSON`, { cause });
  }
}

function parsedLine(line: string, server: string): StreamItem {
  return parsedBody(line, "application/json", server) as StreamItem;
}

async function errorOf(answer: Answer, server: string, signal: AbortSignal): Promise<StatusError> {
  const text = await textOf(answer, server, signal);
  const headers = headersOf(answer);
  return errorOfAnswer(answer.statusCode, headers, parsedBody(text, headers["content-type"], server));
}

/** An abort keeps the signal's reason; everything else becomes a TransportError. */
function failure(server: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  return error instanceof TransportError ? error : transportErrorFor(server, error);
}
