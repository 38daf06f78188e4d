import { isJsonObject, type JsonObject } from "#base";
import { badRequest } from "../status-error.ts";
import { deepEqual } from "./equal.ts";
import { jsonTypeName, malformedPatch } from "./errors.ts";

/**
 * Applies an RFC 7386 patch. As in Kubernetes, nulls inside a list's objects are dropped as well.
 *
 * @throws StatusError 400 where the patch is no object.
 */
export function applyMergePatch(document: unknown, patch: unknown): JsonObject {
  if (patch === null) throw badRequest("Invalid JSON Patch");
  if (!isJsonObject(patch)) {
    throw malformedPatch(`json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`);
  }
  return merged(isJsonObject(document) ? document : {}, patch);
}

function merged(target: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const old = result.get(name);
    if (value === null) result.delete(name);
    else if (isJsonObject(value) && isJsonObject(old)) result.set(name, merged(old, value));
    else result.set(name, withoutNulls(value));
  }
  return Object.fromEntries(result);
}

/** What a patch's value means where nothing is there to merge with. Null elements of a list stay. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (field === null ? [] : [[name, withoutNulls(field)]])),
  );
}

/**
 * The smallest merge patch that turns `from` into `to`; `{}` where they are equal. Lists are replaced whole. A merge patch cannot
 * set a field to null, so a null in `to` counts as absent.
 */
export function createMergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch: [string, unknown][] = [];
  for (const name of Object.keys(from)) {
    if (isPresent(from, name) && !isPresent(to, name)) patch.push([name, null]);
  }
  for (const name of Object.keys(to)) {
    if (isPresent(to, name)) patch.push(...fieldPatch(name, isPresent(from, name) ? from[name] : undefined, to[name]));
  }
  return Object.fromEntries(patch);
}

function fieldPatch(name: string, old: unknown, value: unknown): [string, unknown][] {
  if (!isJsonObject(old) || !isJsonObject(value)) return deepEqual(old, value) ? [] : [[name, value]];
  const inner = createMergePatch(old, value);
  return Object.keys(inner).length > 0 ? [[name, inner]] : [];
}

const isPresent = (object: JsonObject, name: string): boolean =>
  Object.hasOwn(object, name) && object[name] !== undefined && object[name] !== null;
