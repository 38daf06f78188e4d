import { isJsonObject } from "#base";
import type { KubeObject } from "#machinery";

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** A Secret as the API server stores it: `stringData` is write-only and ends up in `data`. */
export function withoutStringData<T extends KubeObject | undefined>(object: T): T {
  if (object?.kind !== "Secret" || object.apiVersion !== "v1" || !isJsonObject(object.stringData)) return object;
  const encoded = Object.entries(object.stringData).map(([key, value]) => [key, toBase64(String(value))]);
  const { stringData: _text, data, ...rest } = object;
  return { ...rest, data: { ...(isJsonObject(data) ? data : {}), ...Object.fromEntries(encoded) } } as unknown as T;
}
