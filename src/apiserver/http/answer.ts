import { errorText } from "#base";
import { internalError, isStatusError, requestEntityTooLarge, StatusError } from "#machinery";
import type { ApiServer, ServerRequest, ServerResponse, User } from "../contract.ts";
import { isOpen } from "../server/index.ts";
import { authenticate } from "./authenticate.ts";
import type { Metrics } from "./metrics.ts";
import { send } from "./send.ts";
import type { Request, Response } from "./wire.ts";

export interface Front {
  readonly apiServer: ApiServer;
  readonly metrics: Metrics;
  readonly stopping: AbortSignal;
  readonly userOfToken?: ((token: string) => User | undefined) | undefined;
}

/** Kubernetes' limit of a request body. */
const bodyLimit = 3 * 1024 * 1024;

/** One request from the wire to its answer; never rejects. */
export async function answerHttp(front: Front, request: Request, response: Response): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.on("error", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, front.stopping]);
  const done = front.metrics.begin(request.method ?? "GET", request.url ?? "/");
  let answer: ServerResponse;
  try {
    answer = await answerTo(front, request, signal);
  } catch (error) {
    answer = failure(error);
  }
  done(answer);
  try {
    await send(answer, request, response, signal);
  } catch {
    response.destroy();
  }
}

async function answerTo(front: Front, request: Request, signal: AbortSignal): Promise<ServerResponse> {
  const url = new URL(`https://hub${request.url?.startsWith("/") === true ? request.url : "/"}`);
  const user = authenticate(request, front.userOfToken);
  if (user === undefined && !isOpen(url.pathname)) throw new StatusError(401, "Unauthorized", "Unauthorized");
  const bytes = await readBody(request);
  const served: ServerRequest = {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: plainHeaders(request),
    user: user ?? { name: "system:anonymous", groups: ["system:unauthenticated"] },
    ...(bytes === undefined ? {} : { body: { kind: "bytes", bytes } }),
    signal,
  };
  if (url.pathname === "/metrics") return front.metrics.answer(served);
  return front.apiServer.handle(served);
}

function failure(error: unknown): ServerResponse {
  const status = isStatusError(error) ? error : internalError(errorText(error));
  return {
    kind: "object",
    status: status.code,
    headers: { "content-type": "application/json" },
    object: status.toStatus(),
  };
}

function plainHeaders(request: Request): Readonly<Record<string, string | undefined>> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

/** @throws StatusError 413 for a body beyond the limit; the rest of it is not read. */
async function readBody(request: Request): Promise<Uint8Array | undefined> {
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const tooLarge = requestEntityTooLarge(`Request entity too large: limit is ${bodyLimit}`);
  if (Number(request.headers["content-length"] ?? 0) > bodyLimit) {
    request.resume();
    throw tooLarge;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > bodyLimit) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
