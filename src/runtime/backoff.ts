export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Default 2. */
  readonly factor?: number;
  /** Share of the delay that is drawn at random, 0 to 1. Default 0. */
  readonly jitter?: number;
  /** In [0, 1). Default Math.random; tests pass their own. */
  readonly random?: () => number;
}

/** Delays that grow with each failure in a row. */
export interface Backoff {
  /** The delay before the next attempt, in milliseconds; counts one failure. */
  next(): number;
  reset(): void;
  readonly failures: number;
}

export function exponentialBackoff(options: BackoffOptions): Backoff {
  let failures = 0;
  return {
    next: () => backoffMs(failures++, options),
    reset: () => {
      failures = 0;
    },
    get failures() {
      return failures;
    },
  };
}

/** The delay after `failures` earlier failures. */
export function backoffMs(failures: number, options: BackoffOptions): number {
  const { initialMs, maxMs, factor = 2, jitter = 0, random = Math.random } = options;
  const fullMs = Math.min(maxMs, initialMs * factor ** failures);
  return fullMs * (1 - jitter) + fullMs * jitter * random();
}
