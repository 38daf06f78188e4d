/**
 * The OpenAPI v2 document in the protobuf of gnostic's `openapi.v2.Document`, which is the only form kubectl takes it in
 * (to check `kind: List` on its own side). Only the fields that our documents have are written.
 */
import { isJsonObject, type JsonObject } from "#base";
import { encodeJson } from "#machinery";

const text = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** A length-delimited field: a message, a text or bytes. */
function field(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === "string" ? text.encode(content) : content;
  return Buffer.concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const message = (...fields: readonly (Uint8Array | undefined)[]): Uint8Array =>
  Buffer.concat(fields.filter((one) => one !== undefined));

const textField = (number: number, value: unknown): Uint8Array | undefined =>
  typeof value === "string" && value !== "" ? field(number, value) : undefined;

/** `Any` carries its value as YAML, of which JSON is a part. */
const any = (value: unknown): Uint8Array => field(2, encodeJson(value));

/** Vendor extensions: every key that begins with `x-`. */
function extensions(number: number, of: JsonObject): readonly Uint8Array[] {
  return Object.entries(of)
    .filter(([key]) => key.startsWith("x-"))
    .map(([key, value]) => field(number, message(field(1, key), field(2, any(value)))));
}

function schema(of: JsonObject): Uint8Array {
  const { required, type, items, properties, additionalProperties } = of;
  return message(
    textField(1, of.$ref),
    textField(2, of.format),
    textField(4, of.description),
    of.default === undefined ? undefined : field(5, any(of.default)),
    ...(Array.isArray(required) ? required.map((name: string) => field(19, name)) : []),
    ...(Array.isArray(of.enum) ? of.enum.map((value: unknown) => field(20, any(value))) : []),
    isJsonObject(additionalProperties) ? field(21, field(1, schema(additionalProperties))) : undefined,
    typeof type === "string" ? field(22, field(1, type)) : undefined,
    isJsonObject(items) ? field(23, field(1, schema(items))) : undefined,
    isJsonObject(properties) ? field(25, namedSchemas(properties)) : undefined,
    ...extensions(31, of),
  );
}

function namedSchemas(schemas: JsonObject): Uint8Array {
  return message(
    ...Object.entries(schemas).map(([name, value]) =>
      field(1, message(field(1, name), field(2, schema(isJsonObject(value) ? value : {})))),
    ),
  );
}

/** @param document a Swagger 2.0 document; its paths are left out. */
export function swaggerProtobuf(document: JsonObject): Uint8Array {
  const info = isJsonObject(document.info) ? document.info : {};
  const definitions = isJsonObject(document.definitions) ? document.definitions : {};
  return message(
    textField(1, document.swagger),
    field(2, message(textField(1, info.title), textField(2, info.version))),
    field(8, message()),
    field(9, namedSchemas(definitions)),
  );
}

/** What kubectl asks for it by. */
export const swaggerProtobufType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
/** What it is answered as: an `@` is no part of a media type. */
export const swaggerContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
