import { isJsonObject } from "#base";

type Path = readonly (string | number)[];

/** The value at a path of keys and indices; undefined where the path ends early. */
export function fieldAt(value: unknown, path: Path): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    if (Array.isArray(at) ? typeof step !== "number" : !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}

/** A list at a path; empty where there is none. */
export function listAt(value: unknown, path: Path): readonly unknown[] {
  const list = fieldAt(value, path);
  return Array.isArray(list) ? list : [];
}

/** A map at a path; empty where there is none. */
export function mapAt(value: unknown, path: Path): Readonly<Record<string, unknown>> {
  const map = fieldAt(value, path);
  return isJsonObject(map) ? map : {};
}

export function textAt(value: unknown, path: Path): string | undefined {
  const text = fieldAt(value, path);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** A number at a path, zero where there is none. */
export function numberAt(value: unknown, path: Path): number {
  const number = fieldAt(value, path);
  return typeof number === "number" ? number : typeof number === "bigint" ? Number(number) : 0;
}

/** A copy with one field set, making the maps on the way; `undefined` removes the field. Untouched branches are shared. */
export function withField<T>(value: T, path: readonly string[], field: unknown): T {
  const [key, ...rest] = path;
  if (key === undefined) return field as T;
  const map: Record<string, unknown> = isJsonObject(value) ? { ...value } : {};
  if (rest.length === 0 && field === undefined) delete map[key];
  else if (field !== undefined || isJsonObject(map[key])) map[key] = withField(map[key], rest, field);
  return map as T;
}
