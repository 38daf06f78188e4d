import { badRequest, StatusError } from "../status-error.ts";

/** A JSON patch that is well-formed but cannot be applied: Kubernetes does not say why. */
export const rejectedPatch = (): StatusError =>
  new StatusError(422, "Invalid", "the server rejected our request due to an error in our request", {});

/** A strategic merge patch that goes against the document; answered without a reason. */
export const failedPatch = (message: string): StatusError => new StatusError(500, "", message);

export const malformedPatch = (what: string): StatusError => badRequest(`error decoding patch: ${what}`);

/** How Go's decoder names the type of a JSON value. */
export function jsonTypeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "number":
    case "bigint":
      return "number";
    case "string":
      return "string";
    default:
      return "object";
  }
}

/** A JSON value as Go prints it with %v, which some messages quote. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([name, field]) => `${name}:${goText(field)}`).join(" ")}]`;
}
