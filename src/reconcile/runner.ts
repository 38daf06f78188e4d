import { type Clock, InvariantError, isAbort, type Logger, TerminalError } from "#base";
import { retryAfterMs } from "#client";
import { isConflict, type Key } from "#machinery";
import { backoffMs, type Lifecycle } from "#runtime";
import type { Outcome, Runner, RunnerOptions } from "./contract.ts";
import { again, stuck } from "./outcome.ts";
import { WorkQueue } from "./queue.ts";

export interface RunnerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** 5 ms doubling to 1000 s, as controllers of Kubernetes do. */
const retryDelay = { initialMs: 5, maxMs: 1_000_000 };
/** Reconciles that need no waiting would hold the event loop; after this long the others get a turn. */
const sliceMs = 10;

export function createRunner(options: RunnerOptions & RunnerDeps): Runner {
  return new WorkRunner(options);
}

class WorkRunner implements Runner {
  readonly name: string;
  readonly #options: RunnerOptions & RunnerDeps;
  readonly #logger: Logger;
  readonly #queue: WorkQueue;
  readonly #failures = new Map<Key, number>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #waiters: (() => void)[] = [];
  #sliceEndsMs = 0;
  #started = false;
  #paused = false;

  constructor(options: RunnerOptions & RunnerDeps) {
    this.name = options.name;
    this.#options = options;
    this.#logger = options.logger.with({ controller: options.name });
    this.#queue = new WorkQueue(options.clock, () => this.#pump());
    options.lifecycle.run(`runner ${options.name}`, (signal) => this.#run(signal));
  }

  get depth(): number {
    return this.#queue.depth;
  }

  enqueue(key: Key): void {
    if (!this.#options.lifecycle.signal.aborted) this.#queue.add(key);
  }

  enqueueAfter(key: Key, afterMs: number): void {
    if (!this.#options.lifecycle.signal.aborted) this.#queue.addAfter(key, afterMs, "caller");
  }

  idle(): Promise<void> {
    if (this.#queue.empty) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async #run(signal: AbortSignal): Promise<void> {
    await Promise.all((this.#options.waitFor ?? []).map((informer) => informer.whenSynced(signal)));
    this.#started = true;
    this.#pump();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    this.#queue.clear();
    await Promise.all(this.#inFlight);
    this.#settle();
  }

  #pump(): void {
    const { clock, lifecycle, metrics } = this.#options;
    metrics?.depth(this.name, this.#queue.depth);
    while (this.#started && !this.#paused && !lifecycle.signal.aborted && this.#hasRoom()) {
      if (clock.monotonicMs() > this.#sliceEndsMs) {
        this.#yield();
        return;
      }
      const key = this.#queue.take();
      if (key === undefined) return;
      const work = this.#work(key).finally(() => this.#inFlight.delete(work));
      this.#inFlight.add(work);
    }
  }

  #hasRoom(): boolean {
    const { concurrency = 1, yields } = this.#options;
    const { working } = this.#queue;
    return working === 0 || (working < concurrency && yields?.() !== true);
  }

  /** Lets timers and sockets have their turn, then goes on. */
  #yield(): void {
    this.#paused = true;
    setImmediate(() => {
      this.#paused = false;
      this.#sliceEndsMs = this.#options.clock.monotonicMs() + sliceMs;
      this.#pump();
    });
  }

  async #work(key: Key): Promise<void> {
    const { clock, metrics } = this.#options;
    const started = clock.monotonicMs();
    const result = await this.#attempt(key);
    metrics?.finished(this.name, result?.kind ?? "failed", clock.monotonicMs() - started);
    this.#queue.finish(key);
    this.#pump();
    this.#settle();
  }

  /** Undefined when the reconcile failed and will be tried again. */
  async #attempt(key: Key): Promise<Outcome | undefined> {
    const { lifecycle, onStuck, reconcile } = this.#options;
    try {
      const outcome = await reconcile(key, lifecycle.signal);
      this.#failures.delete(key);
      if (outcome.kind === "again") this.#queue.addAfter(key, outcome.afterMs, "outcome");
      if (outcome.kind === "stuck") await this.#stop(key, outcome, onStuck);
      return outcome;
    } catch (error) {
      return this.#failed(key, error);
    }
  }

  async #failed(key: Key, error: unknown): Promise<Outcome | undefined> {
    if (this.#options.lifecycle.signal.aborted || isAbort(error)) return again(0, "stopped");
    if (error instanceof InvariantError || error instanceof TerminalError) {
      this.#failures.delete(key);
      this.#logger.error("reconcile failed for good", { key, error });
      const outcome =
        error instanceof TerminalError ? stuck(error.reason, error.hint) : stuck("InternalError", error.message);
      await this.#stop(key, outcome, this.#options.onStuck);
      return outcome;
    }
    const attempt = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, attempt);
    if (isConflict(error)) this.#logger.debug("reconcile lost a race", { key, attempt });
    else this.#logger.error("reconcile failed", { key, attempt, error });
    this.#options.metrics?.retried(this.name);
    this.#queue.addAfter(key, Math.max(retryAfterMs(error) ?? 0, backoffMs(attempt - 1, retryDelay)), "outcome");
    return undefined;
  }

  async #stop(key: Key, outcome: Outcome & { kind: "stuck" }, report: RunnerOptions["onStuck"]): Promise<void> {
    this.#logger.debug("reconcile is stuck", { key, reason: outcome.reason });
    try {
      await report?.(key, outcome);
    } catch (error) {
      this.#logger.error("stuck key could not be reported", { key, error });
    }
  }

  #settle(): void {
    if (!this.#queue.empty) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
