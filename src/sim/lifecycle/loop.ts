import type { Clock, Logger } from "#base";
import { isAlreadyExists, isConflict, isNotFound, type Key } from "#machinery";
import { backoffMs, type Lifecycle } from "#runtime";

/** Returns after how many milliseconds to look again, if at all. Throwing means: again, a little later each time. */
export type Reconcile = (key: Key) => Promise<number | undefined>;

/** What is due later than this does not keep a cluster from being at rest. */
const soonMs = 1000;

export interface LoopDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** A queue of keys: none is worked on twice at once, and one that is added while being worked on is worked on again. */
export class Loop {
  readonly #name: string;
  readonly #deps: LoopDeps;
  readonly #reconcile: Reconcile;
  readonly #waiting = new Set<Key>();
  readonly #working = new Set<Key>();
  readonly #failures = new Map<Key, number>();
  readonly #timers = new Map<Key, { readonly cancel: () => void; readonly isSoon: boolean }>();
  readonly #concurrency = 8;

  constructor(name: string, deps: LoopDeps, reconcile: Reconcile) {
    this.#name = name;
    this.#deps = deps;
    this.#reconcile = reconcile;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#working.size === 0;
  }

  /** True where a key is due soon by itself: a Pod that starts, a retry; not a crash to come or a deadline. */
  get isExpecting(): boolean {
    return [...this.#timers.values()].some(({ isSoon }) => isSoon);
  }

  add(key: Key): void {
    this.#waiting.add(key);
    this.#fill();
  }

  addAfter(key: Key, afterMs: number): void {
    this.#timers.get(key)?.cancel();
    const cancel = this.#deps.clock.after(afterMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { cancel, isSoon: afterMs < soonMs });
  }

  stop(): void {
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#waiting.clear();
  }

  #fill(): void {
    for (const key of this.#waiting) {
      if (this.#working.size >= this.#concurrency || this.#deps.lifecycle.signal.aborted) return;
      if (this.#working.has(key)) continue;
      this.#waiting.delete(key);
      this.#working.add(key);
      this.#deps.lifecycle.run(`${this.#name} ${key}`, () => this.#work(key));
    }
  }

  async #work(key: Key): Promise<void> {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    try {
      const afterMs = await this.#reconcile(key);
      this.#failures.delete(key);
      if (afterMs !== undefined) this.addAfter(key, afterMs);
    } catch (error) {
      this.#retry(key, error);
    } finally {
      this.#working.delete(key);
      this.#fill();
    }
  }

  #retry(key: Key, error: unknown): void {
    if (this.#deps.lifecycle.signal.aborted) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const isRace = isConflict(error) || isNotFound(error) || isAlreadyExists(error);
    if (!isRace) this.#deps.logger.warn("simulated controller failed", { controller: this.#name, key, error });
    this.addAfter(key, backoffMs(failures, { initialMs: isRace ? 2 : 10, maxMs: 1000 }));
  }
}
