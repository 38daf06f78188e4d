import type { StatusCause } from "./status-error.ts";

/** Violations as Kubernetes words them: reason, message and field of `details.causes`. */
export const requiredValue = (field: string, detail = ""): StatusCause => ({
  reason: "FieldValueRequired",
  message: detail === "" ? "Required value" : `Required value: ${detail}`,
  field,
});
export const invalidValue = (field: string, value: unknown, detail: string): StatusCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${valueText(value)}: ${detail}`,
  field,
});
export const wrongType = (field: string, value: unknown, detail: string): StatusCause => ({
  ...invalidValue(field, value, detail),
  reason: "FieldValueTypeInvalid",
});
export const forbiddenField = (field: string, detail: string): StatusCause => ({
  reason: "FieldValueForbidden",
  message: `Forbidden: ${detail}`,
  field,
});
export const duplicateValue = (field: string, value: unknown): StatusCause => ({
  reason: "FieldValueDuplicate",
  message: `Duplicate value: ${valueText(value)}`,
  field,
});
export const unsupportedValue = (field: string, value: unknown, supported: readonly unknown[]): StatusCause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${valueText(value)}: supported values: ${supported.map(quotedOption).join(", ")}`,
  field,
});
export const tooLong = (field: string, max: number): StatusCause => ({
  reason: "FieldValueTooLong",
  message: `Too long: may not be more than ${max} bytes`,
  field,
});
export const tooMany = (field: string, count: number, max: number): StatusCause => ({
  reason: "FieldValueTooMany",
  message: `Too many: ${count}: must have at most ${max} items`,
  field,
});
/** A violation of the whole rather than of a field: Kubernetes names no field for these. */
export const ofNoField = (detail: string): StatusCause => invalidValue("<nil>", "", detail);

const quotedOption = (option: unknown): string =>
  typeof option === "string" ? JSON.stringify(option) : `"${valueText(option)}"`;

/** A value as Kubernetes quotes it in messages, and as a key that is equal for equal values. */
export function valueText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${valueText(fields[name])}`).join(",")}}`;
}
