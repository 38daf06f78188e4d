import {
  dns1035LabelProblems,
  invalidValue,
  labelValueProblems,
  mapAt,
  ofNoField,
  qualifiedNameProblems,
  requiredValue,
  type StatusCause,
  tooLong,
  unsupportedValue,
  valueText,
  wrongType,
} from "#machinery";
import type { CompiledSchema } from "./compile.ts";

const maxInt64 = 2n ** 63n - 1n;
const minInt64 = -(2n ** 63n);

/** The name JSON Schema has for the type of a value; an integer that int64 cannot hold is a number. */
function jsonTypeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return value >= minInt64 && value <= maxInt64 ? "integer" : "number";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  return typeof value;
}

/** The violation of the schema's type, if there is one. A format stands in for the type's name, as Kubernetes has it. */
export function typeProblem(schema: CompiledSchema, value: unknown, path: string): StatusCause | undefined {
  const { types } = schema;
  if (types.length === 0) return undefined;
  const actual = jsonTypeOf(value);
  if (types.includes(actual) || (actual === "integer" && types.includes("number"))) return undefined;
  if (actual === "null" && schema.nullable) return undefined;
  const format = schema.source.format;
  const named = format !== undefined && !["string", "array", "null"].includes(actual);
  return wrongType(path, actual, `${path} in body must be of type ${named ? format : types.join(",")}: "${actual}"`);
}

export function checkEnum(schema: CompiledSchema, value: unknown, path: string, causes: StatusCause[]): void {
  if (schema.enumTexts === undefined || schema.enumTexts.has(valueText(value))) return;
  causes.push(unsupportedValue(path, value, schema.source.enum ?? []));
}

/** Of length and pattern the first violation is told. Lengths count characters; the message says bytes, as Kubernetes' does. */
export function checkString(schema: CompiledSchema, text: string, path: string, causes: StatusCause[]): void {
  const { minLength, maxLength, format } = schema.source;
  const length = minLength === undefined && maxLength === undefined ? 0 : [...text].length;
  if (maxLength !== undefined && length > maxLength) causes.push(tooLong(path, maxLength));
  else if (minLength !== undefined && length < minLength)
    causes.push(invalidValue(path, text, `${path} in body should be at least ${minLength} chars long`));
  else if (schema.pattern !== undefined && !schema.pattern.test(text))
    causes.push(invalidValue(path, text, `${path} in body should match '${schema.source.pattern}'`));
  if (schema.format !== undefined && !schema.format(text))
    causes.push(wrongType(path, text, `${path} in body must be of type ${format}: ${JSON.stringify(text)}`));
}

export function checkNumber(schema: CompiledSchema, value: number | bigint, path: string, causes: StatusCause[]): void {
  checkRange(schema, value, path, causes);
  checkBounds(schema, value, path, causes);
  const { multipleOf } = schema.source;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf))
    causes.push(invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`));
}

/** Whether the number fits the integer type the schema names. */
function checkRange(schema: CompiledSchema, value: number | bigint, path: string, causes: StatusCause[]): void {
  if (!schema.types.includes("integer") || schema.types.length > 1) return;
  const { format } = schema.source;
  const described = format === "int32" || format === "int64" ? `with format ${format}` : "(default format)";
  const outside = format === "int32" && (value > 2147483647 || value < -2147483648);
  if (outside || jsonTypeOf(value) !== "integer")
    causes.push(ofNoField(`Checked value must be of type integer ${described} in ${path}`));
}

function checkBounds(schema: CompiledSchema, value: number | bigint, path: string, causes: StatusCause[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema.source;
  const complain = (what: string): number =>
    causes.push(invalidValue(path, value, `${path} in body should be ${what}`));
  if (maximum !== undefined && exclusiveMaximum && value >= maximum) complain(`less than ${maximum}`);
  else if (maximum !== undefined && value > maximum) complain(`less than or equal to ${maximum}`);
  if (minimum !== undefined && exclusiveMinimum && value <= minimum) complain(`greater than ${minimum}`);
  else if (minimum !== undefined && value < minimum) complain(`greater than or equal to ${minimum}`);
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (typeof value === "bigint" && Number.isSafeInteger(factor)) return value % BigInt(factor) === 0n;
  return Number.isInteger(Number(value) / factor);
}

/** An embedded object has to say what it is. */
export function checkEmbedded(fields: Readonly<Record<string, unknown>>, path: string, causes: StatusCause[]): void {
  const { apiVersion, kind } = fields;
  if (typeof apiVersion !== "string" || apiVersion === "") causes.push(requiredValue(`${path}.apiVersion`));
  else if (apiVersion.split("/").length > 2)
    causes.push(invalidValue(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  if (typeof kind !== "string" || kind === "") causes.push(requiredValue(`${path}.kind`));
  else
    for (const problem of dns1035LabelProblems(kind.toLowerCase()))
      causes.push(invalidValue(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${problem}`));
  checkLabels(fields.metadata, `${path}.metadata.labels`, causes);
}

function checkLabels(metadata: unknown, path: string, causes: StatusCause[]): void {
  for (const [key, value] of Object.entries(mapAt(metadata, ["labels"]))) {
    for (const why of qualifiedNameProblems(key)) causes.push(invalidValue(path, key, why));
    for (const why of labelValueProblems(String(value))) causes.push(invalidValue(path, value, why));
  }
}
