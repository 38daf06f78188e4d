import type { Clock } from "#base";

export interface WindowOptions {
  readonly clock: Clock;
  /** Requests at a time to begin with, default 32. */
  readonly initial?: number;
  readonly min?: number;
  /** Default 64. */
  readonly max?: number;
}

/** How a request went, as far as it tells whether the member is overloaded. */
export type RequestResult =
  | { readonly kind: "answered"; readonly ms: number }
  | { readonly kind: "overloaded"; readonly retryAfterMs?: number }
  /** Says nothing about load: refused, aborted. */
  | { readonly kind: "neutral" };

/** An answer slower than this many times the fastest lately seen is a sign of queueing: the window stops growing. */
const slowFactor = 4;
/** Below this an answer is fast whatever the others were. */
const alwaysFastMs = 100;
/** Halved at most once in this time: answers to requests sent together are one signal. */
const shrinkPauseMs = 1000;

/**
 * How many requests a member gets at a time: one more for each window full of fast answers, half as many when it says 429
 * or does not answer in time. `Retry-After` stops all requests until then.
 */
export class RequestWindow {
  readonly #clock: Clock;
  readonly #min: number;
  readonly #max: number;
  readonly #waiting = new Set<() => void>();
  #limit: number;
  #inFlight = 0;
  #fastestMs = Number.POSITIVE_INFINITY;
  #closedUntilMs = 0;
  #shrunkAtMs = Number.NEGATIVE_INFINITY;
  #cancelReopen: (() => void) | undefined;

  constructor(options: WindowOptions) {
    this.#clock = options.clock;
    this.#limit = options.initial ?? 32;
    this.#min = options.min ?? 1;
    this.#max = options.max ?? 64;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves in order of arrival, with one place taken; `finish` gives it back. Rejects when aborted. */
  async enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#open && this.#waiting.size === 0) {
      this.#inFlight++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => {
      this.#waiting.delete(resolve);
      reject(signal?.reason);
    };
    this.#waiting.add(resolve);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#admit();
    await promise;
    signal?.removeEventListener("abort", onAbort);
  }

  finish(result: RequestResult): void {
    this.#inFlight--;
    if (result.kind === "answered") this.#grow(result.ms);
    if (result.kind === "overloaded") this.#shrink(result.retryAfterMs ?? 0);
    this.#admit();
  }

  get #open(): boolean {
    return this.#inFlight < this.limit && this.#clock.monotonicMs() >= this.#closedUntilMs;
  }

  #admit(): void {
    for (const resolve of this.#waiting) {
      if (!this.#open) return;
      this.#waiting.delete(resolve);
      this.#inFlight++;
      resolve();
    }
  }

  #grow(ms: number): void {
    this.#fastestMs = Math.min(this.#fastestMs * 1.001, ms); // forgets slowly, as members and networks change
    if (ms > alwaysFastMs && ms > this.#fastestMs * slowFactor) return;
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
  }

  #shrink(retryAfterMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#shrunkAtMs >= shrinkPauseMs) {
      this.#shrunkAtMs = nowMs;
      this.#limit = Math.max(this.#min, this.#limit / 2);
    }
    if (nowMs + retryAfterMs <= this.#closedUntilMs) return;
    this.#closedUntilMs = nowMs + retryAfterMs;
    this.#cancelReopen?.();
    this.#cancelReopen = this.#clock.after(retryAfterMs, () => this.#admit());
  }
}
