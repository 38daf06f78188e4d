import type { StructuralSchema } from "./structural.ts";

type More = Omit<StructuralSchema, "type" | "properties" | "required" | "items">;

/** A property name with a star at its end is required: `{ "kind*": string }`. */
export function object(properties: Readonly<Record<string, StructuralSchema>>, more: More = {}): StructuralSchema {
  const named = Object.entries(properties).map(([name, schema]) => [name.replace(/\*$/, ""), schema] as const);
  const required = Object.keys(properties)
    .filter((name) => name.endsWith("*"))
    .map((name) => name.slice(0, -1));
  return {
    type: "object",
    ...(named.length === 0 ? {} : { properties: Object.fromEntries(named) }),
    ...(required.length === 0 ? {} : { required }),
    ...more,
  };
}

export const list = (
  items: StructuralSchema,
  more: Omit<StructuralSchema, "type" | "items"> = {},
): StructuralSchema => ({
  type: "array",
  items,
  ...more,
});
export const atomicList = (items: StructuralSchema): StructuralSchema =>
  list(items, { "x-kubernetes-list-type": "atomic" });
export const listByKeys = (items: StructuralSchema, ...keys: readonly string[]): StructuralSchema =>
  list(items, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys });
export const map = (values: StructuralSchema): StructuralSchema => ({ type: "object", additionalProperties: values });

export const string: StructuralSchema = { type: "string" };
export const boolean: StructuralSchema = { type: "boolean" };
export const integer: StructuralSchema = { type: "integer" };
export const int32: StructuralSchema = { type: "integer", format: "int32" };
export const int64: StructuralSchema = { type: "integer", format: "int64" };
export const dateTime: StructuralSchema = { type: "string", format: "date-time" };
export const oneOfStrings = (...values: readonly string[]): StructuralSchema => ({ type: "string", enum: values });
/** Anything at all, nothing pruned. */
export const anything: StructuralSchema = { "x-kubernetes-preserve-unknown-fields": true };
/** An object of which nothing is pruned. */
export const freeObject: StructuralSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
export const quantity: StructuralSchema = {
  anyOf: [{ type: "integer" }, { type: "string" }],
  pattern:
    "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$",
  "x-kubernetes-int-or-string": true,
};
const withDefault = (schema: StructuralSchema, value: unknown): StructuralSchema => ({ ...schema, default: value });

export { withDefault };

const qualifiedNamePattern =
  "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";
export const qualifiedName: StructuralSchema = { type: "string", maxLength: 316, pattern: qualifiedNamePattern };
export const reasonPattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";

/** metav1.Condition */
export const condition: StructuralSchema = object({
  "lastTransitionTime*": dateTime,
  "message*": { type: "string", maxLength: 32768 },
  observedGeneration: { ...int64, minimum: 0 },
  "reason*": { type: "string", minLength: 1, maxLength: 1024, pattern: reasonPattern },
  "status*": oneOfStrings("True", "False", "Unknown"),
  "type*": qualifiedName,
});

const requirement = object({ "key*": string, "operator*": string, values: atomicList(string) });
/** metav1.LabelSelector */
export const labelSelector: StructuralSchema = object(
  { matchExpressions: atomicList(requirement), matchLabels: map(string) },
  { "x-kubernetes-map-type": "atomic" },
);
/** On provider, region and zone of a Cluster; also the requirements of a node selector. */
export const fieldSelector: StructuralSchema = object({ matchExpressions: list(requirement) });
export const selectorRequirement = requirement;

/** The schema of a whole object: apiVersion, kind, metadata and what the kind adds. */
export const rootSchema = (properties: Readonly<Record<string, StructuralSchema>>): StructuralSchema =>
  object({ apiVersion: string, kind: string, metadata: { type: "object" }, ...properties });
