import type { Clock } from "#base";
import type { Key } from "#machinery";

/** A key put back by its own outcome is forgotten when the key is worked on sooner; one put in from outside is not. */
type DelayedBy = "outcome" | "caller";

/**
 * Keys to work on. A key waits at most once; while it is worked on it is not given out again, and adds in that time bring
 * it back once.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  readonly #ready = new Set<Key>();
  readonly #working = new Set<Key>();
  readonly #again = new Set<Key>();
  readonly #delayed = new Map<string, { readonly atMs: number; readonly cancel: () => void }>();

  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  get depth(): number {
    return this.#ready.size + this.#working.size;
  }

  get working(): number {
    return this.#working.size;
  }

  get empty(): boolean {
    return this.depth === 0 && this.#delayed.size === 0;
  }

  add(key: Key): void {
    if (this.#working.has(key)) this.#again.add(key);
    else this.#ready.add(key);
    this.#onReady();
  }

  /** Of several delays for one key the earliest counts. */
  addAfter(key: Key, afterMs: number, by: DelayedBy): void {
    if (afterMs <= 0) {
      this.add(key);
      return;
    }
    const id = `${by} ${key}`;
    const atMs = this.#clock.monotonicMs() + afterMs;
    const present = this.#delayed.get(id);
    if (present !== undefined && present.atMs <= atMs) return;
    present?.cancel();
    const cancel = this.#clock.after(afterMs, () => {
      this.#delayed.delete(id);
      this.add(key);
    });
    this.#delayed.set(id, { atMs, cancel });
  }

  /** The key that has waited longest, now being worked on. */
  take(): Key | undefined {
    const next = this.#ready.values().next();
    if (next.done === true) return undefined;
    const key = next.value;
    this.#ready.delete(key);
    this.#working.add(key);
    this.#cancel(`outcome ${key}`);
    return key;
  }

  finish(key: Key): void {
    this.#working.delete(key);
    if (this.#again.delete(key)) this.#ready.add(key);
  }

  /** Forgets everything that is not being worked on. */
  clear(): void {
    this.#ready.clear();
    this.#again.clear();
    for (const id of [...this.#delayed.keys()]) this.#cancel(id);
  }

  #cancel(id: string): void {
    this.#delayed.get(id)?.cancel();
    this.#delayed.delete(id);
  }
}
