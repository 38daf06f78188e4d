import { parseJson, unsupportedMediaType } from "#machinery";
import { scanJson } from "../decode/scan.ts";
import type { SchemaNode } from "../kinds/definition.ts";
import { ProtobufError, readFields, type WireValue } from "./wire.ts";

const decoder = new TextDecoder();

/** The bytes of a field; given more than once its messages are one, which is what joining their bytes makes of them. */
export function wholeOf(values: readonly WireValue[]): Uint8Array {
  const parts = values.map(bytesOf);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

function bytesOf(value: WireValue): Uint8Array {
  if (typeof value === "bigint") throw new ProtobufError("proto: wrong wireType = 0");
  return value;
}

/** The text of a field; empty where it is missing. */
export const textOf = (values: readonly WireValue[] | undefined): string => {
  const last = values?.at(-1);
  return last === undefined ? "" : decoder.decode(bytesOf(last));
};

/** A value that is no message of fields; the last one given counts. */
export function decodeScalar(values: readonly WireValue[], node: SchemaNode): unknown {
  switch (node.type) {
    case "string":
      return textOf(values);
    case "boolean":
      return integerOf(values) !== 0n;
    case "integer":
      return node.format === "int32" ? Number(BigInt.asIntN(32, integerOf(values))) : asNumber(integerOf(values));
    case "number":
      return doubleOf(values);
    case "bytes":
      return Buffer.from(values.length === 0 ? [] : wholeOf(values.slice(-1))).toString("base64");
    case "quantity":
      return textOf(readFields(wholeOf(values)).get(1)) || "0";
    case "time":
      return timeOf(wholeOf(values), node.format === "micro");
    case "int-or-string":
      return intOrStringOf(wholeOf(values));
    case "any":
      return jsonOf(values, node);
    default:
      throw new ProtobufError(`no ${node.type} stands alone`);
  }
}

function integerOf(values: readonly WireValue[]): bigint {
  const last = values.at(-1) ?? 0n;
  if (typeof last !== "bigint") throw new ProtobufError("proto: wrong wireType = 2");
  return last;
}

const asNumber = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

function doubleOf(values: readonly WireValue[]): number {
  const bytes = wholeOf(values.slice(-1));
  if (bytes.length === 0) return 0;
  if (bytes.length !== 8) throw new ProtobufError("proto: wrong wireType = 5");
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
}

/** Go's zero time is sent as nothing, and written as null. */
function timeOf(bytes: Uint8Array, micro: boolean): string | null {
  if (bytes.length === 0) return null;
  const fields = readFields(bytes);
  const date = new Date(Number(integerOf(fields.get(1) ?? [])) * 1000);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new ProtobufError("Time.MarshalJSON: year outside of range [0,9999]");
  const whole = date.toISOString().slice(0, 19);
  if (!micro) return `${whole}Z`;
  const micros = Number(integerOf(fields.get(2) ?? [])) / 1000;
  if (!(micros >= 0 && micros < 1_000_000)) throw new ProtobufError("the nanoseconds of a time are out of range");
  return `${whole}.${String(Math.floor(micros)).padStart(6, "0")}Z`;
}

function intOrStringOf(bytes: Uint8Array): number | string {
  const fields = readFields(bytes);
  if (integerOf(fields.get(1) ?? []) === 1n) return textOf(fields.get(3));
  return Number(BigInt.asIntN(32, integerOf(fields.get(2) ?? [])));
}

/** JSON inside protobuf, of objects whose type is open. The types of schemas have a protobuf form of their own that is not spoken. */
function jsonOf(values: readonly WireValue[], node: SchemaNode): unknown {
  if (node.typeName === undefined)
    throw unsupportedMediaType("this kind is taken in application/json or application/yaml only");
  const text = textOf(readFields(wholeOf(values)).get(1));
  if (text === "") return null;
  if (scanJson(text).tooDeepAt !== undefined) throw new ProtobufError("exceeded max depth");
  try {
    return parseJson(text);
  } catch {
    throw new ProtobufError("an object inside the message is not JSON");
  }
}
