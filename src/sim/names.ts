import { encodeJson } from "#machinery";

/** The letters Kubernetes uses in generated names: no vowels, nothing that reads like another letter. */
const safeLetters = "bcdfghjklmnpqrstvwxz2456789";

/** Draws from [0, 1). */
export type Random = () => number;

/** A generator whose whole sequence follows from the seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomSuffix(random: Random, length = 5): string {
  return Array.from({ length }, () => safeLetters[Math.floor(random() * safeLetters.length)]).join("");
}

export function randomHex(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
}

/** FNV-1a over the UTF-16 code units. */
export function fnv32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A hash as it appears in pod-template-hash and revision names: equal values, whatever the order of their keys, are equal. */
export function contentHash(value: unknown, collisionCount = 0): string {
  const hash = fnv32(`${stableText(value)}#${collisionCount}`);
  return [...String(hash)].map((digit) => safeLetters[Number(digit)]).join("");
}

/** JSON with sorted keys, without what Kubernetes does not tell apart: absent, null and empty maps and lists. */
export function stableText(value: unknown): string {
  return encodeJson(canonical(value)) ?? "null";
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, field]) => [key, canonical(field)] as const)
    .filter(([, field]) => !isNothing(field))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries);
}

/** An empty object is told apart from none (`emptyDir: {}`); an empty list or a null is not. */
function isNothing(field: unknown): boolean {
  return field === undefined || field === null || (Array.isArray(field) && field.length === 0);
}

/** Pod names end up in labels and host names: owner names are cut so that the whole stays within 63 letters. */
export function generatedName(base: string, random: Random): string {
  return `${base.slice(0, 58)}${randomSuffix(random)}`;
}
