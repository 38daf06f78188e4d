import { badRequest, type KubeObject } from "#machinery";
import type { ResourceDefinition, SchemaNode } from "../kinds/definition.ts";

/** Kubernetes puts these four bytes before its protobuf: `k8s` and a zero. */
const magic = [0x6b, 0x38, 0x73, 0x00];

/**
 * Fields that Go embeds: on the wire they are in a message of their own, in JSON they stand among their parent's.
 * Of a type: the number of that message; the fields outside it keep their own numbers.
 */
const embedded: Readonly<Record<string, { readonly number: number; readonly outside: ReadonlySet<string> }>> = {
  Volume: { number: 2, outside: new Set(["name"]) },
  Probe: {
    number: 1,
    outside: new Set([
      "initialDelaySeconds",
      "timeoutSeconds",
      "periodSeconds",
      "successThreshold",
      "failureThreshold",
      "terminationGracePeriodSeconds",
    ]),
  },
  PersistentVolumeSpec: {
    number: 2,
    outside: new Set([
      "capacity",
      "accessModes",
      "claimRef",
      "persistentVolumeReclaimPolicy",
      "storageClassName",
      "mountOptions",
      "volumeMode",
      "nodeAffinity",
      "volumeAttributesClassName",
    ]),
  },
  EphemeralContainer: { number: 1, outside: new Set(["targetContainerName"]) },
  ...Object.fromEntries(
    [
      "ConfigMapVolumeSource",
      "ConfigMapProjection",
      "SecretProjection",
      "ConfigMapEnvSource",
      "SecretEnvSource",
      "ConfigMapKeySelector",
      "SecretKeySelector",
    ].map((type) => [type, { number: 1, outside: new Set(["items", "optional", "defaultMode", "key"]) }]),
  ),
};

/** Go sends these even when nobody set them; as false or zero they say nothing. */
const silentWhenZero = new Set(
  `healthCheckNodePort hostNetwork hostPID hostIPC stdin stdinOnce tty generation minReadySeconds hostPort nodePort paused readOnly
  publishNotReadyAddresses initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold unhealthyPodEvictionPolicy`.split(
    /\s+/,
  ),
);

type Wire = number | bigint | Uint8Array;
const decoder = new TextDecoder();

export const isProtobuf = (type: string): boolean => type === "application/vnd.kubernetes.protobuf";

/** An object of a built-in kind from Kubernetes' protobuf. @throws StatusError 400 where it is none. */
export function decodeProtobuf(definition: ResourceDefinition, bytes: Uint8Array): KubeObject {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw badRequest("the body is not Kubernetes protobuf");
  try {
    const envelope = fieldsOf(bytes.subarray(magic.length));
    const typeMeta = fieldsOf(asBytes(envelope.get(1)?.[0]));
    const kind = textOf(typeMeta.get(2)?.[0]);
    const apiVersion = textOf(typeMeta.get(1)?.[0]);
    const object = decodeMessage(asBytes(envelope.get(2)?.[0]), definition.schema.root);
    return { ...object, kind, apiVersion } as unknown as KubeObject;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badRequest("the body is not Kubernetes protobuf: it ends in the middle of a field");
  }
}

function decodeMessage(bytes: Uint8Array, node: SchemaNode): Readonly<Record<string, unknown>> {
  const wire = fieldsOf(bytes);
  const rule = embedded[node.typeName?.split(".").at(-1) ?? ""];
  const inner = rule === undefined ? undefined : fieldsOf(asBytes(wire.get(rule.number)?.[0]));
  const result: Record<string, unknown> = {};
  for (const name of node.fieldNames?.() ?? []) {
    const field = node.field?.(name);
    if (field?.protobufNumber === undefined || field.protobufNumber === 0) continue;
    const source = inner !== undefined && rule?.outside.has(name) === false ? inner : wire;
    const values = source.get(field.protobufNumber);
    if (values === undefined) continue;
    const value = decodeField(values, field);
    if (isSaid(name, value)) result[name] = value;
  }
  return result;
}

function isSaid(name: string, value: unknown): boolean {
  if (value === undefined || value === "") return false;
  return !((value === 0 || value === false) && silentWhenZero.has(name));
}

function decodeField(values: readonly Wire[], node: SchemaNode): unknown {
  const { values: element } = node;
  if (node.type === "list" && element !== undefined) return values.map((value) => decodeValue(value, element));
  if (node.type === "map" && element !== undefined) {
    const entries = values.map((value) => {
      const entry = fieldsOf(asBytes(value));
      return [textOf(entry.get(1)?.[0]), decodeEntry(entry.get(2)?.[0], element)] as const;
    });
    return Object.fromEntries(entries);
  }
  const last = values.at(-1);
  return last === undefined ? undefined : decodeValue(last, node);
}

/** An entry's empty value is left out on the wire. */
function decodeEntry(value: Wire | undefined, node: SchemaNode): unknown {
  return decodeValue(value ?? (node.type === "integer" || node.type === "boolean" ? 0 : new Uint8Array(0)), node);
}

function decodeValue(value: Wire, node: SchemaNode): unknown {
  switch (node.type) {
    case "object":
      return decodeMessage(asBytes(value), node);
    case "string":
      return typeof value === "number" ? String(value) : textOf(value);
    case "boolean":
      return value === 1;
    case "integer":
      return typeof value === "number" || typeof value === "bigint" ? value : 0;
    case "number":
      return value instanceof Uint8Array ? new DataView(value.slice().buffer).getFloat64(0, true) : Number(value);
    case "bytes":
      return Buffer.from(asBytes(value)).toString("base64");
    case "quantity":
      return textOf(fieldsOf(asBytes(value)).get(1)?.[0]);
    case "time":
      return timeOf(asBytes(value), node.format === "micro");
    case "int-or-string":
      return intOrString(asBytes(value));
    case "any":
      return jsonOf(asBytes(value));
    case "list":
      return decodeField(fieldsOf(asBytes(value)).get(1) ?? [], node);
    case "map":
      return decodeField([value], node);
  }
}

/** Go's zero time is before the epoch and means none. */
function timeOf(bytes: Uint8Array, micro: boolean): string | undefined {
  const fields = fieldsOf(bytes);
  const seconds = Number(fields.get(1)?.[0] ?? 0);
  if (seconds <= 0) return undefined;
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (!micro) return `${whole}Z`;
  const micros = Math.floor(Number(fields.get(2)?.[0] ?? 0) / 1000);
  return `${whole}.${String(micros).padStart(6, "0")}Z`;
}

function intOrString(bytes: Uint8Array): number | string {
  const fields = fieldsOf(bytes);
  return fields.get(1)?.[0] === 1 ? textOf(fields.get(3)?.[0]) : Number(fields.get(2)?.[0] ?? 0);
}

function jsonOf(bytes: Uint8Array): unknown {
  const raw = textOf(fieldsOf(bytes).get(1)?.[0]);
  return raw === "" ? undefined : (JSON.parse(raw) as unknown);
}

const asBytes = (value: Wire | undefined): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(0));
const textOf = (value: Wire | undefined): string => decoder.decode(asBytes(value));

/** The fields of a message by number, each with all its values. @throws RangeError where it is cut. */
function fieldsOf(bytes: Uint8Array): Map<number, Wire[]> {
  const fields = new Map<number, Wire[]>();
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = Number(readVarint(cursor));
    const number = tag >>> 3;
    const values = fields.get(number) ?? [];
    values.push(readValue(cursor, tag & 7));
    fields.set(number, values);
  }
  return fields;
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function readValue(cursor: Cursor, wireType: number): Wire {
  if (wireType === 0) {
    const value = BigInt.asIntN(64, readVarint(cursor));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (wireType === 1) return take(cursor, 8);
  if (wireType === 5) return take(cursor, 4);
  if (wireType === 2) return take(cursor, Number(readVarint(cursor)));
  throw new RangeError(`wire type ${wireType}`);
}

function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new RangeError("cut");
  const part = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return part;
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw new RangeError("cut");
    cursor.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new RangeError("varint too long");
}
