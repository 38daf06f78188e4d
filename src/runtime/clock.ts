import type { Clock } from "#base";

/** The longest delay that Node's timers accept; longer ones would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => sleepWith(systemTimer, ms, signal),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
  every: (ms, signal) => ticks(systemClock, ms, signal),
};

/** Starts a timer that calls back once; the returned function cancels it. */
export type Timer = (ms: number, callback: () => void) => () => void;

function systemTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
  return () => clearTimeout(timer);
}

export function sleepWith(timer: Timer, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = timer(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export async function* ticks(clock: Clock, ms: number, signal: AbortSignal): AsyncIterable<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(ms, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    yield;
  }
}
