import type { AdmissionRequest } from "#apiserver";
import { encodeJson, invalid, type StatusCause, type StatusError } from "#machinery";

/** An object that cannot be, field by field. */
export function refused(request: AdmissionRequest, causes: readonly StatusCause[]): StatusError {
  return invalid({ group: request.group, kind: request.object?.kind ?? "" }, request.name, causes);
}

export const wrong = (field: string, value: unknown, why: string): StatusCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${encodeJson(value)}: ${why}`,
  field,
});

export const fixed = (field: string, why: string): StatusCause => ({
  reason: "FieldValueForbidden",
  message: `Forbidden: ${why}`,
  field,
});

export const lacking = (field: string): StatusCause => ({
  reason: "FieldValueRequired",
  message: "Required value",
  field,
});
