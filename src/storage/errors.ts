/** The revision asked for is older than the last compaction. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  readonly compactedRevision: number;

  constructor(compactedRevision: number) {
    super(`revision has been compacted; the oldest kept is ${compactedRevision + 1}`);
    this.compactedRevision = compactedRevision;
  }
}

/** The revision asked for has not been written yet. */
export class FutureRevisionError extends Error {
  override readonly name = "FutureRevisionError";
}

/** The disk has no room; the write did not happen. */
export class StorageFullError extends Error {
  override readonly name = "StorageFullError";
}

/** A call after close. */
export class StorageClosedError extends Error {
  override readonly name = "StorageClosedError";
}
