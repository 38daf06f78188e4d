import { encodeJson } from "#machinery";
import type { Place } from "./meaning.ts";

const secretName = /pass|secret|token|credential|private|api_?key|access_?key/i;

/** A value as a person may see it: short, and hidden where it may be a secret. */
export function shownValue(kind: string, place: Place, value: unknown): string {
  if (value === undefined || value === null) return "not set";
  const secret = kind === "Secret" && !place.schema.startsWith("metadata");
  if (secret || secretName.test(place.shown)) return "<hidden>";
  const text = typeof value === "string" ? value : encodeJson(value);
  if (typeof value === "object" && secretName.test(text)) return "<hidden>";
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
