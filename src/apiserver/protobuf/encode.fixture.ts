import { isJsonObject, type JsonObject } from "#base";
import { encodeJson } from "#machinery";
import type { SchemaNode } from "../kinds/definition.ts";

/** What a typed client sends, for tests: every scalar that is no pointer is there, set or not. */
export function encodeProtobuf(object: JsonObject, node: SchemaNode): Uint8Array {
  const typeMeta = [...text(1, String(object.apiVersion ?? "")), ...text(2, String(object.kind ?? ""))];
  const raw = [...bytes(2, message(object, node)), ...text(3, ""), ...text(4, "")];
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...bytes(1, typeMeta), ...raw]);
}

type Bytes = readonly number[];

function varint(value: number | bigint): Bytes {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return [...out, Number(rest)];
    out.push(Number(rest & 127n) | 128);
  }
}

const number = (field: number, value: number | bigint): Bytes => [...varint(field << 3), ...varint(value)];
const bytes = (field: number, content: Bytes): Bytes => [
  ...varint((field << 3) | 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): Bytes => bytes(field, [...Buffer.from(value)]);

function message(object: JsonObject, node: SchemaNode): Bytes {
  const outer: number[] = [];
  const embedded = new Map<number, number[]>();
  for (const name of node.fieldNames?.() ?? []) {
    const field = node.field?.(name);
    if (field === undefined || (field.protobufNumber ?? 0) === 0) continue;
    const [within] = field.protobufWithin ?? [];
    const target = within === undefined ? outer : (embedded.get(within) ?? []);
    if (within !== undefined) embedded.set(within, target);
    target.push(...fieldBytes(field.protobufNumber ?? 0, object[name], field));
  }
  for (const [field, content] of embedded) outer.push(...bytes(field, content));
  return outer;
}

function fieldBytes(field: number, value: unknown, node: SchemaNode): Bytes {
  const { values } = node;
  if (value === undefined) return node.nullable === true || values !== undefined ? [] : emptyScalar(field, node);
  if (node.type === "list" && values !== undefined && Array.isArray(value))
    return value.flatMap((item: unknown) => one(field, item, values));
  if (node.type === "map" && values !== undefined && isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => {
      const inner = values.type === "list" ? bytes(2, fieldBytes(1, item, values)) : one(2, item, values);
      return bytes(field, [...text(1, key), ...inner]);
    });
  }
  return one(field, value, node);
}

function emptyScalar(field: number, node: SchemaNode): Bytes {
  if (node.type === "string") return text(field, "");
  return node.type === "integer" || node.type === "boolean" ? number(field, 0) : [];
}

function one(field: number, value: unknown, node: SchemaNode): Bytes {
  switch (node.type) {
    case "object":
      return bytes(field, message(value as JsonObject, node));
    case "boolean":
      return number(field, value === true ? 1 : 0);
    case "integer":
      return number(field, value as number | bigint);
    case "bytes":
      return bytes(field, [...Buffer.from(String(value), "base64")]);
    case "quantity":
      return bytes(field, text(1, String(value)));
    case "time":
      return value === null ? bytes(field, []) : bytes(field, number(1, Date.parse(String(value)) / 1000));
    case "int-or-string":
      return bytes(
        field,
        typeof value === "string" ? [...number(1, 1), ...text(3, value)] : number(2, value as number),
      );
    case "any":
      return bytes(field, text(1, encodeJson(value)));
    default:
      return text(field, String(value));
  }
}
