import { expect, test } from "vitest";
import { builtinDefinitions } from "../kinds/index.ts";
import { decodeProtobuf } from "./protobuf.ts";

const definitionOf = (kind: string) => {
  const found = builtinDefinitions().find((definition) => definition.kind === kind);
  if (found === undefined) throw new Error(kind);
  return found;
};

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]);
const bytes = (field: number, content: readonly number[]): number[] => [
  ...varint((field << 3) | 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): number[] => bytes(field, [...Buffer.from(value)]);
const number = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)];

const envelope = (apiVersion: string, kind: string, raw: readonly number[]): Uint8Array =>
  Uint8Array.from([
    ...[0x6b, 0x38, 0x73, 0],
    ...bytes(1, [...text(1, apiVersion), ...text(2, kind)]),
    ...bytes(2, raw),
  ]);

test("a ConfigMap as Kubernetes' typed clients send it", () => {
  const metadata = bytes(1, [
    ...text(1, "a"),
    ...text(2, ""),
    ...bytes(8, []),
    ...bytes(11, [...text(1, "l"), ...text(2, "x")]),
  ]);
  const data = bytes(2, [...text(1, "k"), ...text(2, "v")]);
  const body = envelope("v1", "ConfigMap", [...metadata, ...data, ...number(4, 0)]);
  expect(decodeProtobuf(definitionOf("ConfigMap"), body)).toEqual({
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: { name: "a", labels: { l: "x" } },
    data: { k: "v" },
    immutable: false,
  });
});

test("fields that Go embeds come back to where JSON has them", () => {
  const config = bytes(19, [...bytes(1, text(1, "settings"))]);
  const volume = bytes(1, [...text(1, "v"), ...bytes(2, config)]);
  const port = bytes(2, [...number(1, 1), ...text(3, "http")]);
  const probe = bytes(10, [...bytes(1, bytes(2, [...text(1, "/ok"), ...port])), ...number(2, 0), ...number(6, 3)]);
  const container = bytes(2, [...text(1, "c"), ...probe]);
  const pod = envelope("v1", "Pod", [...bytes(1, text(1, "p")), ...bytes(2, [...volume, ...container])]);
  expect(decodeProtobuf(definitionOf("Pod"), pod)).toMatchObject({
    spec: {
      volumes: [{ name: "v", configMap: { name: "settings" } }],
      containers: [{ name: "c", livenessProbe: { httpGet: { path: "/ok", port: "http" }, failureThreshold: 3 } }],
    },
  });
});

test("a message cut short is refused", () => {
  const body = envelope("v1", "ConfigMap", bytes(1, text(1, "a"))).subarray(0, 20);
  expect(() => decodeProtobuf(definitionOf("ConfigMap"), body)).toThrow("it ends in the middle of a field");
});
