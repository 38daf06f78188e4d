import type { SchemaNode } from "./definition.ts";

const quantityPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;
const timePattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/;

interface ScalarPlace {
  readonly goPath: string;
  readonly owner: string;
}

/** Why a value cannot be decoded into a scalar type, in Go's words; undefined where it can. */
export function scalarProblem(value: unknown, node: SchemaNode, place: ScalarPlace): string | undefined {
  switch (node.type) {
    case "string":
      return typeof value === "string" ? undefined : mismatch(value, "string", place);
    case "boolean":
      return typeof value === "boolean" ? undefined : mismatch(value, "bool", place);
    case "number":
      return typeof value === "number" || typeof value === "bigint" ? undefined : mismatch(value, "float64", place);
    case "integer":
      return integerProblem(value, node.format ?? "int64", place);
    case "time":
      return typeof value === "string" ? timeProblem(value, node.format) : mismatch(value, "string", place);
    case "bytes":
      return typeof value === "string" ? base64Problem(value) : mismatch(value, "[]uint8", place);
    case "quantity":
      return quantityProblem(value);
    case "int-or-string":
      return typeof value === "string" ? undefined : integerProblem(value, "int32", place);
    default:
      return undefined;
  }
}

function mismatch(value: unknown, type: string, place: ScalarPlace): string {
  const names: Readonly<Record<string, string>> = { boolean: "bool", bigint: "number" };
  const name = Array.isArray(value) ? "array" : (names[typeof value] ?? typeof value);
  return `json: cannot unmarshal ${name} into Go struct field ${place.owner}.${place.goPath} of type ${type}`;
}

const limits: Readonly<Record<string, bigint>> = { int32: 2n ** 31n, int64: 2n ** 63n };

function integerProblem(value: unknown, format: string, place: ScalarPlace): string | undefined {
  if (typeof value !== "number" && typeof value !== "bigint") return mismatch(value, format, place);
  const limit = limits[format] ?? 2n ** 63n;
  const fits = typeof value === "bigint" || Number.isInteger(value);
  if (fits && BigInt(value) < limit && BigInt(value) >= -limit) return undefined;
  return `json: cannot unmarshal number ${value} into Go struct field ${place.owner}.${place.goPath} of type ${format}`;
}

function quantityProblem(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "bigint") return undefined;
  if (typeof value === "string" && quantityPattern.test(value)) return undefined;
  return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
}

/** Names the layout that Go parses by; both kinds of times take the same texts. */
function timeProblem(value: string, format: string | undefined): string | undefined {
  if (timePattern.test(value)) return undefined;
  const layout = `2006-01-02T15:04:05${format === "micro" ? ".000000" : ""}Z07:00`;
  return `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`;
}

/** Padded base64 of the standard alphabet; newlines are skipped, as Go does. */
function base64Problem(value: string): string | undefined {
  const text = value.replaceAll(/[\r\n]/g, "");
  const body = /^[A-Za-z0-9+/]*/.exec(text)?.[0].length ?? 0;
  const padding = text.slice(body);
  if (padding === "" && body % 4 === 0) return undefined;
  if (body % 4 >= 2 && padding === "=".repeat(4 - (body % 4))) return undefined;
  if (padding === "" || padding.startsWith("="))
    return `illegal base64 data at input byte ${padding === "" ? body - (body % 4) : body}`;
  return `illegal base64 data at input byte ${body}`;
}
