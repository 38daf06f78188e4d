import type { KeyRange, RangeResult, Revision, StoredItem } from "../contract.ts";
import {
  CompactedError,
  DirectoryInUseError,
  FutureRevisionError,
  StorageFullError,
  UnknownFormatError,
} from "../errors.ts";
import type { EventPage } from "../feed.ts";

/** What the worker is started with. */
export interface WorkerOptions {
  readonly directory: string;
  /** Upper bound of the database file; undefined: the disk's. */
  readonly maxBytes: number | undefined;
}

export type Operation =
  | { readonly op: "put"; readonly key: string; readonly value: Uint8Array; readonly expected: Revision | undefined }
  | { readonly op: "delete"; readonly key: string; readonly expected: Revision | undefined }
  | { readonly op: "get"; readonly key: string }
  | {
      readonly op: "range";
      readonly range: KeyRange;
      readonly limit: number | undefined;
      readonly at: Revision | undefined;
      readonly keysOnly: boolean;
    }
  | { readonly op: "events"; readonly range: KeyRange; readonly after: Revision }
  | { readonly op: "compact"; readonly revision: Revision }
  | { readonly op: "close" };

/** `before` is what a put replaced or a delete removed; the event needs it. */
export type WriteResult =
  | {
      readonly kind: "written";
      readonly revision: Revision;
      readonly createRevision: Revision;
      readonly before: Uint8Array | undefined;
    }
  | { readonly kind: "conflict"; readonly current: StoredItem | undefined };

/** `done` is false while there is more to compact: long compactions are done in steps, so that writes get between. */
export interface CompactResult {
  readonly done: boolean;
}

export type Result = WriteResult | StoredItem | RangeResult | EventPage | CompactResult | undefined;

export type Reply = { readonly ok: true; readonly result: Result } | { readonly ok: false; readonly error: WireError };

/** Errors lose their class between threads; this is what is needed to make them again. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly directory?: string;
  readonly compactedRevision?: number;
}

export function wireErrorFrom(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const base = { name: error.name, message: error.message };
  if (error instanceof CompactedError) return { ...base, compactedRevision: error.compactedRevision };
  if (error instanceof DirectoryInUseError || error instanceof UnknownFormatError)
    return { ...base, directory: error.directory };
  return base;
}

export function errorFromWire(wire: WireError): Error {
  switch (wire.name) {
    case "CompactedError":
      return new CompactedError(wire.compactedRevision ?? 0);
    case "FutureRevisionError":
      return new FutureRevisionError(wire.message);
    case "StorageFullError":
      return new StorageFullError(wire.message);
    case "DirectoryInUseError":
      return new DirectoryInUseError(wire.directory ?? "");
    case "UnknownFormatError":
      return new UnknownFormatError(wire.directory ?? "", wire.message.replace(/^.*? cannot be read: /, ""));
    default:
      return new Error(wire.message);
  }
}
