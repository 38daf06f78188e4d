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

/** Another process, or another storage of this one, has the data directory open. */
export class DirectoryInUseError extends Error {
  override readonly name = "DirectoryInUseError";
  readonly directory: string;

  constructor(directory: string) {
    super(`data directory ${directory} is in use by another process; stop it or choose another directory`);
    this.directory = directory;
  }
}

/** The data directory holds something this version cannot read: a newer format, or no store of ours at all. */
export class UnknownFormatError extends Error {
  override readonly name = "UnknownFormatError";
  readonly directory: string;

  constructor(directory: string, why: string) {
    super(`data directory ${directory} cannot be read: ${why}`);
    this.directory = directory;
  }
}
