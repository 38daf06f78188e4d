import type { KeyRange, RangeResult, Revision, Storage, StorageEvent, StoredItem, WriteOutcome } from "../contract.ts";
import { CompactedError, FutureRevisionError, StorageClosedError } from "../errors.ts";
import { EventFeed, type EventPage } from "../feed.ts";
import { inRange } from "../range.ts";
import { SortedKeys } from "../sorted-keys.ts";

interface Change {
  readonly event: StorageEvent;
  readonly before: StoredItem | undefined;
}

const pageSize = 1_000;
const noBytes = new Uint8Array(0);

/** @param startRevision the first write makes the revision after it. */
export function createMemoryStorage(options: { readonly startRevision?: Revision } = {}): Storage {
  return new MemoryStorage(options.startRevision ?? 0);
}

class MemoryStorage implements Storage {
  readonly #items = new Map<string, StoredItem>();
  readonly #keys = new SortedKeys();
  readonly #feed = new EventFeed((range, after) => this.#events(range, after));
  #history: Change[] = [];
  #revision: Revision;
  #compacted: Revision;
  #closed = false;

  constructor(startRevision: Revision) {
    this.#revision = startRevision;
    this.#compacted = startRevision;
  }

  async revision(): Promise<Revision> {
    this.#assertOpen();
    return this.#revision;
  }

  async get(key: string): Promise<StoredItem | undefined> {
    this.#assertOpen();
    return this.#items.get(key);
  }

  async range(
    range: KeyRange,
    options: { readonly limit?: number; readonly at?: Revision; readonly keysOnly?: boolean } = {},
  ): Promise<RangeResult> {
    this.#assertOpen();
    const at = options.at ?? this.#revision;
    this.#assertKept(at);
    const all = at === this.#revision ? this.#present(range) : this.#past(range, at);
    const items = options.limit === undefined ? all : all.slice(0, options.limit);
    return {
      revision: at,
      items: options.keysOnly ? items.map((item) => ({ ...item, value: noBytes })) : items,
      more: items.length < all.length,
      count: all.length,
    };
  }

  async put(key: string, value: Uint8Array, expected?: Revision): Promise<WriteOutcome> {
    this.#assertOpen();
    const before = this.#items.get(key);
    if (expected !== undefined && expected !== (before?.modRevision ?? 0)) return { kind: "conflict", current: before };
    const revision = this.#revision + 1;
    const createRevision = before?.createRevision ?? revision;
    this.#items.set(key, { key, value, createRevision, modRevision: revision });
    if (before === undefined) this.#keys.add(key);
    const previous = before === undefined ? {} : { previous: before.value };
    return this.#commit({ event: { kind: "put", key, revision, value, createRevision, ...previous }, before });
  }

  async delete(key: string, expected?: Revision): Promise<WriteOutcome> {
    this.#assertOpen();
    const before = this.#items.get(key);
    if (before === undefined || (expected !== undefined && expected !== before.modRevision))
      return { kind: "conflict", current: before };
    const revision = this.#revision + 1;
    this.#items.delete(key);
    this.#keys.remove(key);
    const { value, createRevision } = before;
    return this.#commit({ event: { kind: "delete", key, revision, value, createRevision }, before });
  }

  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<readonly StorageEvent[]> {
    this.#assertOpen();
    return this.#feed.watch(range, after, signal);
  }

  async compact(revision: Revision): Promise<void> {
    this.#assertOpen();
    if (revision > this.#revision) throw new FutureRevisionError(`revision ${revision} has not been written yet`);
    if (revision <= this.#compacted) return;
    this.#history = this.#history.slice(revision - this.#compacted);
    this.#compacted = revision;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#feed.close();
  }

  #commit(change: Change): WriteOutcome {
    this.#revision = change.event.revision;
    this.#history.push(change);
    this.#feed.publish([change.event]);
    return { kind: "written", revision: change.event.revision };
  }

  #present(range: KeyRange): StoredItem[] {
    return this.#keys.between(range).flatMap((key) => this.#items.get(key) ?? []);
  }

  /** The present, with everything after `at` undone. */
  #past(range: KeyRange, at: Revision): StoredItem[] {
    const items = new Map(this.#present(range).map((item) => [item.key, item]));
    for (const { event, before } of this.#history.slice(at - this.#compacted).reverse()) {
      if (!inRange(range, event.key)) continue;
      if (before === undefined) items.delete(event.key);
      else items.set(event.key, before);
    }
    return [...items.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #events(range: KeyRange, after: Revision): Promise<EventPage> {
    this.#assertOpen();
    if (after < this.#compacted) throw new CompactedError(this.#compacted);
    const start = after - this.#compacted;
    const changes = this.#history.slice(start, start + pageSize);
    const events = changes.map((change) => change.event);
    const upTo = Math.max(after, events.at(-1)?.revision ?? this.#revision);
    return { events: events.filter((event) => inRange(range, event.key)), upTo, more: upTo < this.#revision };
  }

  #assertKept(at: Revision): void {
    if (at < this.#compacted) throw new CompactedError(this.#compacted);
    if (at > this.#revision) throw new FutureRevisionError(`revision ${at} has not been written yet`);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageClosedError("storage is closed");
  }
}
