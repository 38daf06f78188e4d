import type { JsonObject } from "#base";
import type { SchemaNode } from "../kinds/definition.ts";
import { decodeMessage } from "./message.ts";
import { textOf, wholeOf } from "./scalar.ts";
import { ProtobufError, readFields } from "./wire.ts";

/** Kubernetes puts these four bytes before its protobuf: `k8s` and a zero. */
const magic = [0x6b, 0x38, 0x73, 0x00];

export const isProtobuf = (mediaType: string): boolean => mediaType === "application/vnd.kubernetes.protobuf";

/** Types that have no protobuf form at all have no numbers: custom resources, and those of the API aggregator. */
export const speaksProtobuf = (node: SchemaNode): boolean =>
  (node.fieldNames?.() ?? []).some((name) => (node.field?.(name)?.protobufNumber ?? 0) > 0);

/**
 * The object in its envelope, with the kind and apiVersion that the envelope says. An object of another kind than the node's is not
 * looked into.
 *
 * @throws ProtobufError for anything else.
 */
export function decodeProtobuf(bytes: Uint8Array, node: SchemaNode): JsonObject {
  if (magic.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(" ")}]`,
    );
  }
  const envelope = readFields(bytes.subarray(magic.length));
  const typeMeta = readFields(wholeOf(envelope.get(1) ?? []));
  const [apiVersion, kind] = [textOf(typeMeta.get(1)), textOf(typeMeta.get(2))];
  const identity = { ...(kind === "" ? {} : { kind }), ...(apiVersion === "" ? {} : { apiVersion }) };
  if (kind !== "" && kind !== node.typeName?.split(".").at(-1)) return identity;
  return { ...identity, ...decodeMessage(wholeOf(envelope.get(2) ?? []), node) };
}
