import type { Clock } from "#base";
import { sleepWith, ticks } from "./clock.ts";

/** A clock for tests: it stands still until it is advanced. */
export interface FakeClock extends Clock {
  /**
   * Moves time forward, firing what falls due in order; between two timers, promises that are ready run on, so that a loop
   * that sleeps again is woken again within the same advance.
   */
  advance(ms: number): Promise<void>;
  /** Timers not yet due. */
  readonly pending: number;
}

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** @param startMs the wall-clock time at the start; default 2026-01-01. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Set<Pending>();
  const start = (ms: number, callback: () => void): (() => void) => {
    const timer: Pending = { atMs: nowMs + Math.max(0, ms), order: order++, callback };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const nextDue = (untilMs: number): Pending | undefined =>
    [...timers].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
  const clock: FakeClock = {
    now: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    sleep: (ms, signal) => sleepWith(start, ms, signal),
    after: start,
    every: (ms, signal) => ticks(clock, ms, signal),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.callback();
        await settle();
      }
      nowMs = untilMs;
    },
    get pending() {
      return timers.size;
    },
  };
  return clock;
}

/** Lets promises that are ready run; two turns of the event loop cover streams as well. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
