import { isJsonObject, type JsonObject } from "#base";
import type { DecodeProblem, SchemaNode } from "./definition.ts";
import { scalarProblem } from "./scalar.ts";

/** Where a value stands: its path for messages, and the Go names that decoding errors quote. */
export interface Place {
  /** `spec.containers[0].image`, as unknown fields are named. */
  readonly path: string;
  /** `spec.containers.image`, without indices and map keys, as Go's decoder counts. */
  readonly goPath: string;
  /** The struct that holds the field, `Container`. */
  readonly owner: string;
}

/** Fields that a type does not know and values of the wrong type, in the order of the document. */
export function checkNode(value: unknown, node: SchemaNode, place: Place): readonly DecodeProblem[] {
  if (value === null || value === undefined) return [];
  switch (node.type) {
    case "any":
      return [];
    case "object":
      return isJsonObject(value) ? checkObject(value, node, place) : [wrongType(value, node, place)];
    case "map":
      if (!isJsonObject(value)) return [wrongType(value, node, place)];
      return Object.entries(value).flatMap(([name, item]) =>
        checkValue(item, node.values, { ...place, path: join(place.path, name) }),
      );
    case "list":
      if (!Array.isArray(value)) return [wrongType(value, node, place)];
      return value.flatMap((item: unknown, index) =>
        checkValue(item, node.values, { ...place, path: `${place.path}[${index}]` }),
      );
    default: {
      const message = scalarProblem(value, node, place);
      return message === undefined ? [] : [{ field: place.path, kind: "type", message }];
    }
  }
}

const checkValue = (value: unknown, node: SchemaNode | undefined, place: Place): readonly DecodeProblem[] =>
  node === undefined ? [] : checkNode(value, node, place);

function checkObject(value: JsonObject, node: SchemaNode, place: Place): readonly DecodeProblem[] {
  const owner = node.typeName?.split(".").at(-1) ?? place.owner;
  return Object.keys(value).flatMap((name) => {
    const field = node.field?.(name);
    const path = join(place.path, name);
    if (field === undefined) return [{ field: path, kind: "unknown", message: `unknown field "${path}"` } as const];
    return checkNode(value[name], field, { path, goPath: join(place.goPath, name), owner });
  });
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function wrongType(value: unknown, node: SchemaNode, place: Place): DecodeProblem {
  const target =
    place.owner === ""
      ? `value of type ${goTypeName(node)}`
      : `struct field ${place.owner}.${place.goPath} of type ${goTypeName(node)}`;
  return { field: place.path, kind: "type", message: `json: cannot unmarshal ${jsonName(value)} into Go ${target}` };
}

function jsonName(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "bigint" ? "number" : typeof value;
}

/** `v1.ObjectMeta`, `[]v1.Container`, `map[string]string`: the Go type that a message names. */
function goTypeName(node: SchemaNode): string {
  if (node.type === "list") return `[]${node.values ? goTypeName(node.values) : "interface {}"}`;
  if (node.type === "map") return `map[string]${node.values ? goTypeName(node.values) : "interface {}"}`;
  if (node.type === "bytes") return "[]uint8";
  if (node.type === "boolean") return "bool";
  if (node.type === "integer") return node.format ?? "int64";
  if (node.type === "number") return "float64";
  return node.typeName?.split(".").slice(-2).join(".") ?? "string";
}

/** The value without unknown fields and without nulls, as decoding into Go's types leaves it; the same value where it has none. */
export function pruneNode(value: unknown, node: SchemaNode): unknown {
  if (node.type === "object" && isJsonObject(value)) return pruneObject(value, node);
  if (node.type === "map" && isJsonObject(value) && node.values) return pruneMap(value, node.values);
  if (node.type === "list" && Array.isArray(value) && node.values) return pruneList(value, node.values);
  return value;
}

function pruneObject(value: JsonObject, node: SchemaNode): JsonObject {
  let changed = false;
  const kept: [string, unknown][] = [];
  for (const [name, old] of Object.entries(value)) {
    const field = node.field?.(name);
    const dropped = field === undefined || (field.always !== true && (old === null || isEmptyContainer(old, field)));
    const fresh = dropped ? undefined : pruneNode(old, field);
    changed ||= dropped || fresh !== old;
    if (!dropped) kept.push([name, fresh]);
  }
  return changed ? Object.fromEntries(kept) : value;
}

/** Go leaves empty maps and lists out where the field may be left out. */
function isEmptyContainer(value: unknown, node: SchemaNode): boolean {
  if (node.type === "list") return Array.isArray(value) && value.length === 0;
  return node.type === "map" && isJsonObject(value) && Object.keys(value).length === 0;
}

function pruneMap(value: JsonObject, values: SchemaNode): JsonObject {
  const entries = Object.entries(value).map(([name, item]) => [name, pruneItem(item, values)] as const);
  return entries.some(([name, item]) => item !== value[name]) ? Object.fromEntries(entries) : value;
}

function pruneList(value: readonly unknown[], values: SchemaNode): readonly unknown[] {
  const items = value.map((item) => pruneItem(item, values));
  return items.some((item, index) => item !== value[index]) ? items : value;
}

/** Go decodes a null in a list or map to the type's empty value. */
function pruneItem(item: unknown, values: SchemaNode): unknown {
  if (item !== null) return pruneNode(item, values);
  switch (values.type) {
    case "string":
      return "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    case "object":
      return {};
    default:
      return null;
  }
}
