import type { KeyRange, Revision, StorageEvent } from "./contract.ts";
import { StorageClosedError } from "./errors.ts";
import { inRange } from "./range.ts";

/** Past events, as a driver keeps them. `upTo` is the revision the page is complete to. */
export interface EventPage {
  readonly events: readonly StorageEvent[];
  readonly upTo: Revision;
  readonly more: boolean;
}

export type HistoryReader = (range: KeyRange, after: Revision) => Promise<EventPage>;

interface Subscriber {
  readonly range: KeyRange;
  buffer: StorageEvent[];
  /** Set when the buffer overflowed: the subscriber reads history again from where it stands. */
  behind: boolean;
  wake: () => void;
}

/**
 * Hands committed events to watches. A watch begins with history and follows live; one that falls too far behind goes
 * back to history instead of being buffered for, so memory is bounded by `bufferLimit` events per watch.
 */
export class EventFeed {
  readonly #subscribers = new Set<Subscriber>();
  readonly #history: HistoryReader;
  readonly #bufferLimit: number;
  #closed = false;

  constructor(history: HistoryReader, bufferLimit = 10_000) {
    this.#history = history;
    this.#bufferLimit = bufferLimit;
  }

  /** Events in order of revision, each once. */
  publish(events: readonly StorageEvent[]): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.behind) continue;
      for (const event of events) if (inRange(subscriber.range, event.key)) subscriber.buffer.push(event);
      if (subscriber.buffer.length > this.#bufferLimit) {
        subscriber.buffer = [];
        subscriber.behind = true;
      }
      subscriber.wake();
    }
  }

  close(): void {
    this.#closed = true;
    for (const subscriber of this.#subscribers) subscriber.wake();
  }

  async *watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncGenerator<readonly StorageEvent[]> {
    const subscriber: Subscriber = { range, buffer: [], behind: true, wake: () => {} };
    const onAbort = (): void => subscriber.wake();
    signal.addEventListener("abort", onAbort);
    this.#subscribers.add(subscriber);
    try {
      let position = after;
      while (!signal.aborted) {
        if (this.#closed) throw new StorageClosedError("storage is closed");
        if (subscriber.behind) {
          position = yield* this.#catchUp(subscriber, position, signal);
          continue;
        }
        const fresh = subscriber.buffer.filter((event) => event.revision > position);
        subscriber.buffer = [];
        if (fresh.length > 0) {
          position = fresh.at(-1)?.revision ?? position;
          yield fresh;
        } else {
          await this.#nextWake(subscriber, signal);
        }
      }
    } finally {
      this.#subscribers.delete(subscriber);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** From here on events are buffered as well; what history also held is dropped by its revision. */
  async *#catchUp(
    subscriber: Subscriber,
    after: Revision,
    signal: AbortSignal,
  ): AsyncGenerator<readonly StorageEvent[], Revision> {
    subscriber.behind = false;
    let position = after;
    for (;;) {
      const page = await this.#history(subscriber.range, position);
      if (signal.aborted) return position;
      position = page.upTo;
      if (page.events.length > 0) yield page.events;
      if (!page.more) return position;
    }
  }

  #nextWake(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      subscriber.wake = resolve;
      if (signal.aborted || this.#closed || subscriber.behind || subscriber.buffer.length > 0) resolve();
    });
  }
}
