import { isAbort, type Logger } from "#base";

/** Owns loops that run until they are told to stop. Nothing runs outside one. */
export interface Lifecycle {
  /** Aborted when `stop` is called. */
  readonly signal: AbortSignal;
  /** Starts a named loop. One that throws is logged with its name and ends; the others go on. */
  run(name: string, loop: (signal: AbortSignal) => Promise<void>): void;
  /** Called after the loops have ended, the last added first. */
  onStop(close: () => Promise<void> | void): void;
  /** A lifecycle of its own that also stops with this one. */
  child(): Lifecycle;
  /** Tells every loop to stop and waits for all of them. A second call waits for the same end. */
  stop(): Promise<void>;
  /** Names of the loops still running. */
  running(): readonly string[];
}

export function createLifecycle(logger: Logger): Lifecycle {
  const controller = new AbortController();
  const loops = new Map<Promise<void>, string>();
  const closers: (() => Promise<void> | void)[] = [];
  const children = new Set<Lifecycle>();
  let stopping: Promise<void> | undefined;

  async function runLoop(name: string, loop: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await loop(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted || !isStop(error, controller.signal)) {
        logger.error("loop ended by an error", { reason: name, error });
      }
    }
  }

  async function stopAll(): Promise<void> {
    controller.abort();
    await Promise.all([...children].map((child) => child.stop()));
    while (loops.size > 0) await Promise.all(loops.keys());
    for (const close of closers.reverse()) await close();
  }

  return {
    signal: controller.signal,
    run(name, loop) {
      if (controller.signal.aborted) return;
      const running = runLoop(name, loop).finally(() => loops.delete(running));
      loops.set(running, name);
    },
    onStop: (close) => closers.push(close),
    child() {
      const child = createLifecycle(logger);
      const stop = child.stop;
      const tracked: Lifecycle = { ...child, stop: () => stop().finally(() => children.delete(tracked)) };
      children.add(tracked);
      if (controller.signal.aborted) void tracked.stop();
      return tracked;
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
    running: () => [...loops.values()],
  };
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return isAbort(error) || error === signal.reason;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}
