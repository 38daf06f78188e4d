import type { JsonObject } from "#base";
import type { SchemaNode } from "../kinds/definition.ts";
import { decodeScalar, textOf, wholeOf } from "./scalar.ts";
import { ProtobufError, readFields, readPacked, type WireValue } from "./wire.ts";

/** Where each field of a type is in its message; a field that Go embeds is in a message of its own. */
type Layout = ReadonlyMap<number, Member>;
type Member =
  | { readonly kind: "field"; readonly name: string; readonly node: SchemaNode }
  | { readonly kind: "embedded"; readonly layout: Map<number, Member> };

const layouts = new WeakMap<SchemaNode, Layout>();

/** Types nest less deep; those that contain themselves must not nest for ever. */
const maximumDepth = 64;

export function decodeMessage(bytes: Uint8Array, node: SchemaNode, depth = 0): JsonObject {
  if (depth > maximumDepth) throw new ProtobufError("exceeded max depth");
  const entries: [string, unknown][] = [];
  decodeInto(entries, bytes, { layout: layoutOf(node), depth });
  return Object.fromEntries(entries);
}

function decodeInto(
  entries: [string, unknown][],
  bytes: Uint8Array,
  place: { readonly layout: Layout; readonly depth: number },
): void {
  const fields = readFields(bytes);
  for (const [number, member] of place.layout) {
    const values = fields.get(number);
    if (values === undefined) continue;
    if (member.kind === "embedded") decodeInto(entries, wholeOf(values), { ...place, layout: member.layout });
    else {
      const value = decodeField(values, member.node, place.depth);
      if (isSaid(value, member.node)) entries.push([member.name, value]);
    }
  }
}

function layoutOf(node: SchemaNode): Layout {
  const known = layouts.get(node);
  if (known !== undefined) return known;
  const layout = new Map<number, Member>();
  for (const name of node.fieldNames?.() ?? []) {
    const field = node.field?.(name);
    if (field === undefined || (field.protobufNumber ?? 0) === 0) continue;
    const holder = (field.protobufWithin ?? []).reduce(embeddedLayout, layout);
    holder.set(field.protobufNumber ?? 0, { kind: "field", name, node: field });
  }
  layouts.set(node, layout);
  return layout;
}

function embeddedLayout(layout: Map<number, Member>, number: number): Map<number, Member> {
  const known = layout.get(number);
  if (known?.kind === "embedded") return known.layout;
  const inner = new Map<number, Member>();
  layout.set(number, { kind: "embedded", layout: inner });
  return inner;
}

/** Go sends fields that nobody set, as empty; its JSON leaves those out unless their type can tell the two apart. */
function isSaid(value: unknown, node: SchemaNode): boolean {
  if (value === undefined) return false;
  if (node.always === true || node.nullable === true) return true;
  return value !== "" && value !== 0 && value !== false && value !== null;
}

function decodeField(values: readonly WireValue[], node: SchemaNode, depth: number): unknown {
  const { values: element } = node;
  if (node.type === "list" && element !== undefined)
    return unpacked(values, element).map((value) => decodeValue([value], element, depth));
  if (node.type === "map" && element !== undefined)
    return Object.fromEntries(values.map((value) => decodeEntry(value, element, depth)));
  return decodeValue(values, node, depth);
}

function unpacked(values: readonly WireValue[], element: SchemaNode): readonly WireValue[] {
  if (element.type !== "integer" && element.type !== "boolean") return values;
  return values.flatMap((value) => (typeof value === "bigint" ? value : readPacked(value)));
}

/** A key or value that is missing is an empty one. A list in a map is a message around it. */
function decodeEntry(entry: WireValue, element: SchemaNode, depth: number): readonly [string, unknown] {
  const fields = readFields(wholeOf([entry]));
  const values = fields.get(2) ?? [];
  const inner = element.type === "list" ? (readFields(wholeOf(values)).get(1) ?? []) : values;
  return [textOf(fields.get(1)), decodeField(inner, element, depth)];
}

function decodeValue(values: readonly WireValue[], node: SchemaNode, depth: number): unknown {
  return node.type === "object" ? decodeMessage(wholeOf(values), node, depth + 1) : decodeScalar(values, node);
}
