/**
 * The storage contract, modelled on etcd: keys and bytes under one global revision, compare-and-swap by modification
 * revision, watch from a revision, compaction. Knows nothing of Kubernetes. Every implementation passes
 * `test/conformance/storage`. Drivers are doors of their own: `#storage/memory`, `#storage/sqlite`.
 */

export type {
  KeyRange,
  RangeResult,
  Revision,
  Storage,
  StorageEvent,
  StoredItem,
  WriteOutcome,
} from "./contract.ts";
export {
  CompactedError,
  DirectoryInUseError,
  FutureRevisionError,
  StorageClosedError,
  StorageFullError,
  UnknownFormatError,
} from "./errors.ts";
export { inRange, prefixRange } from "./range.ts";
export { SortedKeys } from "./sorted-keys.ts";
