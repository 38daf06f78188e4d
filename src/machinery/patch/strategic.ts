import { isJsonObject, type JsonObject } from "#base";
import { badRequest } from "../status-error.ts";
import { failedPatch, goText, jsonTypeName, malformedPatch } from "./errors.ts";
import { withoutNulls } from "./merge-patch.ts";
import { checkElementOrder, mergeLists, removeScalars } from "./strategic-list.ts";

/** What a strategic merge patch must know of a type. A kind's schema node is one. */
export interface PatchSchema {
  field?(name: string): PatchSchema | undefined;
  /** Of a map or a list: its values. */
  readonly values?: PatchSchema;
  readonly merge?: { readonly mergeKey?: string; readonly strategies: readonly string[] };
}

const patchDirective = "$patch";
const retainKeysDirective = "$retainKeys";
const elementOrderPrefix = "$setElementOrder/";
const deleteFromListPrefix = "$deleteFromPrimitiveList/";

/**
 * Applies a strategic merge patch with all its directives. Fields that the schema does not know are merged as maps and replaced
 * as lists.
 *
 * @throws StatusError 400 for malformed directives, 500 for those that go against the document, with Kubernetes' texts.
 */
export function applyStrategicMergePatch(
  document: JsonObject,
  patch: unknown,
  schema: PatchSchema | undefined,
): JsonObject {
  if (patch === null) return document;
  if (!isJsonObject(patch)) {
    throw malformedPatch(`json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`);
  }
  return mergeMaps(document, patch, schema);
}

/** One map merged with its patch; also each element of a merged list. */
function mergeMaps(original: JsonObject, patch: JsonObject, schema: PatchSchema | undefined): JsonObject {
  const directive = patch[patchDirective];
  if (directive === "replace") return withoutDirectives(patch) as JsonObject;
  if (directive === "delete") return {};
  if (directive !== undefined) throw failedPatch(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  const result = new Map(Object.entries(retained(original, patch)));
  for (const [name, value] of Object.entries(patch)) {
    if (!isDirective(name)) setField(result, name, value, { patch, schema: fieldSchema(schema, name) });
  }
  applyListDirectives(result, patch, schema);
  return Object.fromEntries(result);
}

interface FieldContext {
  readonly patch: JsonObject;
  readonly schema: PatchSchema | undefined;
}

function setField(result: Map<string, unknown>, name: string, value: unknown, context: FieldContext): void {
  const old = result.get(name);
  if (value === null) result.delete(name);
  else if (old === undefined || old === null) result.set(name, withoutDirectives(withoutNulls(value)));
  else if (isJsonObject(old) && isJsonObject(value)) {
    const replaces = context.schema?.merge?.strategies.includes("replace") ?? false;
    result.set(name, replaces ? value : mergeMaps(old, value, context.schema));
  } else if (Array.isArray(old) && Array.isArray(value) && mergesLists(context.schema)) {
    const kept = removeScalars(old, context.patch[deleteFromListPrefix + name]);
    const order = context.patch[elementOrderPrefix + name];
    result.set(name, mergeLists(kept, value, listContext(context.schema, order)));
  } else result.set(name, value);
}

const listContext = (schema: PatchSchema | undefined, order: unknown) => ({
  mergeKey: schema?.merge?.mergeKey,
  order,
  mergeElement: (old: JsonObject, patch: JsonObject) => mergeMaps(old, patch, schema?.values),
});

/** `$setElementOrder` and `$deleteFromPrimitiveList` of lists that the patch does not name otherwise. */
function applyListDirectives(result: Map<string, unknown>, patch: JsonObject, schema: PatchSchema | undefined): void {
  for (const [directive, order] of Object.entries(patch)) {
    if (directive.startsWith(elementOrderPrefix)) {
      const name = directive.slice(elementOrderPrefix.length);
      const list = fieldSchema(schema, name);
      checkElementOrder(order, patch[name], list?.merge?.mergeKey);
      const old = result.get(name);
      if (Array.isArray(old) && !Object.hasOwn(patch, name)) {
        const kept = removeScalars(old, patch[deleteFromListPrefix + name]);
        result.set(name, mergeLists(kept, [], listContext(list, order)));
      }
    } else if (directive.startsWith(deleteFromListPrefix)) {
      const name = directive.slice(deleteFromListPrefix.length);
      const old = result.get(name);
      if (!Object.hasOwn(patch, name) && Array.isArray(old)) result.set(name, removeScalars(old, patch[directive]));
    }
  }
}

/** The original without the fields that `$retainKeys` does not name; all of the patch's fields must be among them. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[retainKeysDirective];
  if (keys === undefined) return original;
  const wrong = badRequest("invalid patch format of retainKeys");
  if (!Array.isArray(keys)) throw wrong;
  const kept = new Set(keys);
  const strays = Object.keys(patch).some((name) => !isDirective(name) && !kept.has(name));
  if (strays) throw wrong;
  return Object.fromEntries(Object.entries(original).filter(([name]) => kept.has(name)));
}

const isDirective = (name: string): boolean =>
  name === patchDirective ||
  name === retainKeysDirective ||
  name.startsWith(elementOrderPrefix) ||
  name.startsWith(deleteFromListPrefix);

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (isDirective(name) ? [] : [[name, withoutDirectives(field)]])),
  );
}

const fieldSchema = (schema: PatchSchema | undefined, name: string): PatchSchema | undefined =>
  schema?.field?.(name) ?? schema?.values;

const mergesLists = (schema: PatchSchema | undefined): boolean => schema?.merge?.strategies.includes("merge") ?? false;
