/** Counts every committed write; the first write makes revision 1 + the start value of the store. Strictly increasing. */
export type Revision = number;

/** Keys `from` (inclusive) to `to` (exclusive), compared by code unit. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

export interface StoredItem {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the write that created the key (its present life). */
  readonly createRevision: Revision;
  /** Revision of the last write; what compare-and-swap compares. */
  readonly modRevision: Revision;
}

export interface RangeResult {
  /** The revision the answer is consistent at. */
  readonly revision: Revision;
  readonly items: readonly StoredItem[];
  /** True where `limit` cut the range short. */
  readonly more: boolean;
  /** Keys in the whole range from `from` on, without regard to the limit. */
  readonly count: number;
}

/** `conflict` carries what is there now, so that the caller need not read again. */
export type WriteOutcome =
  | { readonly kind: "written"; readonly revision: Revision }
  | { readonly kind: "conflict"; readonly current: StoredItem | undefined };

export interface StorageEvent {
  readonly kind: "put" | "delete";
  readonly key: string;
  /** Of the write itself; events of one watch come in this order, each once, none missing. */
  readonly revision: Revision;
  /** The new value; of a delete the last one. */
  readonly value: Uint8Array;
  /** What was there before a put that replaced something. */
  readonly previous?: Uint8Array;
  readonly createRevision: Revision;
}

export interface Storage {
  /** The revision of the last durable write. */
  revision(): Promise<Revision>;
  get(key: string): Promise<StoredItem | undefined>;
  /**
   * Keys in order. `at` reads the past.
   *
   * @throws CompactedError when `at` is older than the last compaction, FutureRevisionError when it has not been yet.
   */
  range(
    range: KeyRange,
    options?: { readonly limit?: number; readonly at?: Revision; readonly keysOnly?: boolean },
  ): Promise<RangeResult>;
  /**
   * Writes if the key's modRevision is `expected` (0: the key must be absent; undefined: whatever is there).
   * Resolves after the write is durable, never before.
   *
   * @throws StorageFullError when the disk has no room; nothing was written then.
   */
  put(key: string, value: Uint8Array, expected?: Revision): Promise<WriteOutcome>;
  /** Deletes under the same rule. Deleting an absent key is a conflict with `current: undefined`. */
  delete(key: string, expected?: Revision): Promise<WriteOutcome>;
  /**
   * Events of a range after revision `after`, in batches, until the signal is aborted (the iteration then ends).
   *
   * @throws CompactedError when events after `after` have been compacted away.
   */
  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<readonly StorageEvent[]>;
  /** Forgets history up to and including `revision`; present values stay. */
  compact(revision: Revision): Promise<void>;
  /** Waits for what is under way, then releases file and lock. Later calls throw StorageClosedError. */
  close(): Promise<void>;
}
