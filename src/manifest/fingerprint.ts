import { isBookkeepingKey } from "#api";
import { encodeJson, type KubeObject } from "#machinery";

/** JSON with sorted keys; nulls count as absent. Equal texts are equal objects. */
export function canonicalJson(value: unknown): string {
  return encodeJson(sorted(value)) ?? "";
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, sorted(field)]));
}

/** Two independent 53-bit hashes (cyrb53 with two seeds) as 28 hexadecimal digits. Not for secrets. */
export function hashText(text: string): string {
  return [0x9e3779b9, 0x85ebca6b].map((seed) => cyrb53(text, seed).toString(16).padStart(14, "0")).join("");
}

function cyrb53(text: string, seed: number): number {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

const withoutBookkeeping = (map: Readonly<Record<string, string>> | undefined): unknown =>
  Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !isBookkeepingKey(key)));

/** Fingerprint of spec and data: everything but metadata and status. */
export function contentFingerprint(object: KubeObject): string {
  const { metadata: _metadata, status: _status, ...content } = object;
  return hashText(canonicalJson(content));
}

/**
 * Fingerprint of what a person would call the object: status and server-owned metadata left out.
 *
 * @param options.bookkeeping whether Karmada's and our own keys count: they do for a manifest, not for a live object.
 */
export function fingerprint(object: KubeObject, options: { readonly bookkeeping?: boolean } = {}): string {
  const { metadata, status: _status, ...content } = object;
  const { labels, annotations, name, namespace } = metadata;
  const keys = options.bookkeeping
    ? { labels, annotations }
    : { labels: withoutBookkeeping(labels), annotations: withoutBookkeeping(annotations) };
  return hashText(canonicalJson({ ...content, metadata: { name, namespace, ...keys } }));
}
