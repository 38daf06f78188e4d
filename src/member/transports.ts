import type { Clock } from "#base";
import {
  type ApiRequest,
  type ApiResponse,
  type ApiTransport,
  errorOfAnswer,
  isTransportError,
  retryAfterMs,
} from "#client";
import type { RequestResult, RequestWindow } from "./window.ts";

/** A transport whose target can be exchanged while clients and informers go on using it. */
export interface ExchangeableTransport extends ApiTransport {
  /** Requests from now on go to `next`; what runs on the old one is cut, and watches resume by themselves. */
  exchange(next: ApiTransport): void;
}

export function exchangeableTransport(first: ApiTransport): ExchangeableTransport {
  let current = first;
  return {
    request: (request, signal) => current.request(request, signal),
    stream: (request, signal) => current.stream(request, signal),
    close: () => current.close(),
    exchange(next) {
      const old = current;
      current = next;
      void old.close();
    },
  };
}

/** Lets requests through a window; watches and probes are not counted. */
export function windowedTransport(inner: ApiTransport, window: RequestWindow, clock: Clock): ApiTransport {
  return {
    stream: (request, signal) => inner.stream(request, signal),
    close: () => inner.close(),
    async request(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse> {
      await window.enter(signal);
      const started = clock.monotonicMs();
      let result: RequestResult = { kind: "neutral" };
      try {
        const answer = await inner.request(request, signal);
        result = resultOf(answer, clock.monotonicMs() - started);
        return answer;
      } catch (error) {
        if (isTransportError(error) && error.kind === "timeout") result = { kind: "overloaded" };
        throw error;
      } finally {
        window.finish(result);
      }
    },
  };
}

function resultOf(answer: ApiResponse, ms: number): RequestResult {
  if (answer.status !== 429 && answer.status !== 503) return { kind: "answered", ms };
  const wait = retryAfterMs(errorOfAnswer(answer.status, answer.headers, answer.body));
  return { kind: "overloaded", ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}
