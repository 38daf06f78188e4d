import type { KeyRange } from "./contract.ts";

/** The range of all keys that begin with `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  return { from: prefix, to: `${prefix}\u{10FFFF}` };
}

export function inRange(range: KeyRange, key: string): boolean {
  return key >= range.from && key < range.to;
}
