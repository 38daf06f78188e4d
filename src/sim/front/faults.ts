import type { ApiServer, ServerRequest, ServerResponse, ServerWatchEvent } from "#apiserver";
import type { Clock } from "#base";
import { encodeJson, expired, internalError, StatusError, type StatusReason, tooManyRequests } from "#machinery";
import { type RequestCounter, type RequestTarget, requestTarget } from "./requests.ts";

/** Which requests a fault is for; what is left out does not matter. */
export interface RequestMatch {
  readonly verb?: string;
  readonly resource?: string;
  readonly path?: RegExp;
}

export interface StatusFault extends RequestMatch {
  readonly code: 409 | 429 | 500 | 503;
  /** Default 1. */
  readonly times?: number;
  /** With 429: what Retry-After says. Default 1. */
  readonly retryAfterSeconds?: number;
}

/** What can go wrong between a client and the simulated cluster. Each call gives the function that ends the fault. */
export interface Faults {
  /** Nobody listens any more: connections are refused, present ones are gone. */
  refuse(): Promise<() => Promise<void>>;
  /** A matching request is answered by a broken connection. */
  reset(match?: RequestMatch & { readonly times?: number }): () => void;
  /** Answers take longer. */
  slow(ms: number, match?: RequestMatch): () => void;
  /** Matching requests are answered with an error, so many times. */
  status(fault: StatusFault): () => void;
  /** Ends every open watch, as an API server does from time to time. */
  cutWatches(): void;
  /** Tells every open watch that its resourceVersion is too old, then ends it. */
  expireWatches(): void;
  /** Ends all faults but a refusal. */
  clear(): void;
}

interface Planned {
  readonly match: RequestMatch;
  left: number;
  readonly act: (request: ServerRequest) => Promise<ServerResponse | undefined>;
}

type WatchEnd = "cut" | "expire";

/** The connections of the network side, as far as faults touch them. */
export interface Connections {
  resetAll(): void;
  refuse(): Promise<void>;
  accept(): Promise<void>;
}

/** The API server as the network sees it: counted, and faulty where a test asks for it. */
export function faultyServer(
  inner: Pick<ApiServer, "handle">,
  deps: { readonly clock: Clock; readonly counter: RequestCounter; readonly connections: Connections },
): { readonly server: Pick<ApiServer, "handle">; readonly faults: Faults } {
  const planned = new Set<Planned>();
  const watches = new Set<(end: WatchEnd) => void>();

  const plan = (match: RequestMatch, times: number, act: Planned["act"]): (() => void) => {
    const fault: Planned = { match, left: times, act };
    planned.add(fault);
    return () => planned.delete(fault);
  };

  async function handle(request: ServerRequest): Promise<ServerResponse> {
    const target = requestTarget(request);
    deps.counter.add(target);
    for (const fault of planned) {
      if (fault.left <= 0 || !matches(fault.match, target, request.path)) continue;
      fault.left -= 1;
      const answer = await fault.act(request);
      if (answer !== undefined) return answer;
    }
    const response = await inner.handle(request);
    return response.kind === "watch" ? { ...response, events: endable(response.events, watches) } : response;
  }

  const endWatches = (end: WatchEnd): void => {
    for (const stop of [...watches]) stop(end);
  };

  return {
    server: { handle },
    faults: {
      async refuse() {
        await deps.connections.refuse();
        return () => deps.connections.accept();
      },
      reset: ({ times = 1, ...match } = {}) =>
        plan(match, times, async () => {
          deps.connections.resetAll();
          return answerOf(internalError("the connection was reset"));
        }),
      slow: (ms, match = {}) =>
        plan(match, Number.POSITIVE_INFINITY, async (request) => {
          await deps.clock.sleep(ms, request.signal);
          return undefined;
        }),
      status: (fault) => plan(fault, fault.times ?? 1, async () => answerOf(errorFor(fault))),
      cutWatches: () => endWatches("cut"),
      expireWatches: () => endWatches("expire"),
      clear: () => planned.clear(),
    },
  };
}

function matches(match: RequestMatch, target: RequestTarget, path: string): boolean {
  return (
    (match.verb === undefined || match.verb === target.verb) &&
    (match.resource === undefined || match.resource === target.resource) &&
    (match.path === undefined || match.path.test(path))
  );
}

function errorFor({ code, retryAfterSeconds = 1 }: StatusFault): StatusError {
  if (code === 429) return tooManyRequests("too many requests, please try again later", retryAfterSeconds);
  if (code === 500) return internalError("simulated");
  const reasons: Readonly<Record<number, StatusReason>> = { 409: "Conflict", 503: "ServiceUnavailable" };
  return new StatusError(code, reasons[code] ?? "", "simulated");
}

function answerOf(error: StatusError): ServerResponse {
  const seconds = error.details?.retryAfterSeconds;
  const headers = seconds === undefined ? {} : { headers: { "retry-after": `${seconds}` } };
  return { kind: "object", status: error.code, ...headers, object: error.toStatus() };
}

/** The same events until somebody ends them. */
async function* endable(
  events: AsyncIterable<ServerWatchEvent>,
  watches: Set<(end: WatchEnd) => void>,
): AsyncGenerator<ServerWatchEvent> {
  const { promise, resolve } = Promise.withResolvers<WatchEnd>();
  watches.add(resolve);
  const iterator = events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), promise]);
      if (next === "cut") return;
      if (next === "expire") {
        yield errorEvent(expired("too old resource version"));
        return;
      }
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    watches.delete(resolve);
    void iterator.return?.().catch(() => undefined);
  }
}

function errorEvent(error: StatusError): ServerWatchEvent {
  const object = { ...error.toStatus() };
  return { type: "ERROR", object, line: () => Buffer.from(`${encodeJson({ type: "ERROR", object })}\n`) };
}
