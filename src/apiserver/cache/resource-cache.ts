import { type KeyRange, prefixRange, type Revision, SortedKeys, type StorageEvent } from "#storage";
import { CacheEntry, decodeStored } from "./entry.ts";

export interface CacheEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** Of a delete: the last object, with the revision of the deletion. */
  readonly entry: CacheEntry;
  readonly previous: CacheEntry | undefined;
  readonly revision: Revision;
  /** Lines of this event, by what they were encoded for: every watcher of a kind sends the same bytes. */
  readonly lines: Map<string, Uint8Array>;
}

export type CacheListener = (event: CacheEvent) => void;

/** How many events a watch can go back. */
const historyLimit = 10_000;

/** All objects of one storage resource, and what happened to them lately. */
export class ResourceCache {
  readonly prefix: string;
  readonly #entries = new Map<string, CacheEntry>();
  readonly #keys = new SortedKeys();
  readonly #listeners = new Set<CacheListener>();
  #history: CacheEvent[] = [];
  /** Events after this revision are all in the history. */
  #completeSince: Revision;

  constructor(prefix: string, since: Revision) {
    this.prefix = prefix;
    this.#completeSince = since;
  }

  get size(): number {
    return this.#entries.size;
  }

  get completeSince(): Revision {
    return this.#completeSince;
  }

  /** The revision of the last change; the present is what it was then. */
  get changedAt(): Revision {
    return this.#history.at(-1)?.revision ?? this.#completeSince;
  }

  get(key: string): CacheEntry | undefined {
    return this.#entries.get(key);
  }

  /** In order of keys. */
  list(range: KeyRange = prefixRange(this.prefix)): readonly CacheEntry[] {
    return this.#keys.between(range).flatMap((key) => this.#entries.get(key) ?? []);
  }

  eventsAfter(revision: Revision): readonly CacheEvent[] {
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#history[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#history.slice(low);
  }

  listen(listener: CacheListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** At the start, before anybody watches. */
  load(entry: CacheEntry): void {
    this.#entries.set(entry.key, entry);
    this.#keys.add(entry.key);
  }

  apply(change: StorageEvent): CacheEvent {
    const previous = this.#entries.get(change.key);
    const entry = new CacheEntry(change.key, decodeStored(change.value), change.revision);
    if (change.kind === "delete") {
      this.#entries.delete(change.key);
      this.#keys.remove(change.key);
    } else {
      this.#entries.set(change.key, entry);
      if (previous === undefined) this.#keys.add(change.key);
    }
    const type = change.kind === "delete" ? "DELETED" : previous === undefined ? "ADDED" : "MODIFIED";
    const event: CacheEvent = { type, entry, previous, revision: change.revision, lines: new Map() };
    this.#remember(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  #remember(event: CacheEvent): void {
    this.#history.push(event);
    if (this.#history.length < historyLimit * 2) return;
    this.#completeSince = this.#history[historyLimit - 1]?.revision ?? this.#completeSince;
    this.#history = this.#history.slice(historyLimit);
  }
}
