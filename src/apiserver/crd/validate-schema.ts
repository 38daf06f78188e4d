import { RE2JS } from "re2js";
import type { StructuralSchema } from "#api/schema";
import { forbiddenField, invalidValue, requiredValue, type StatusCause, unsupportedValue } from "#machinery";
import { compileSchema, pruned, violations } from "../schema/index.ts";

const types = ["array", "boolean", "integer", "number", "object", "string"];
const unsupportedKeywords = ["$ref", "definitions", "dependencies", "patternProperties", "id"];

/** What makes a schema not structural, or not a schema that this server can evaluate. */
export function schemaProblems(schema: StructuralSchema, path: string): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  if (schema.type === undefined || schema.type === "")
    causes.push(requiredValue(`${path}.type`, "must not be empty at the root"));
  else if (schema.type !== "object")
    causes.push(invalidValue(`${path}.type`, schema.type, "must be object at the root"));
  collect(schema, path, causes);
  return causes.length > 0 ? causes : defaultProblems(schema, path);
}

function collect(schema: StructuralSchema, path: string, causes: StatusCause[]): void {
  collectKeywords(schema, path, causes);
  collectExtensions(schema, path, causes);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (path.endsWith("openAPIV3Schema") && name === "metadata") {
      collectMetadata(field, `${path}.properties[metadata]`, causes);
      continue;
    }
    collectTyped(field, `${path}.properties[${name}]`, { what: "object fields", causes });
  }
  if (schema.items !== undefined) collectTyped(schema.items, `${path}.items`, { what: "array items", causes });
  else if (schema.type === "array") causes.push(requiredValue(`${path}.items`, "must be specified"));
  if (typeof schema.additionalProperties === "object")
    collectTyped(schema.additionalProperties, `${path}.additionalProperties`, { what: "object fields", causes });
  for (const [kind, parts] of combinations(schema)) {
    parts.forEach((part, index) => {
      collectValueOnly(
        part,
        kind === "not" ? `${path}.not` : `${path}.${kind}[${index}]`,
        causes,
        isIntOrString(schema),
      );
    });
  }
}

/** Every object has the same metadata; a schema may only narrow its names. */
function collectMetadata(schema: StructuralSchema, path: string, causes: StatusCause[]): void {
  const { type: _type, properties = {}, description: _description, ...rest } = schema;
  const others = Object.keys(properties).filter((name) => name !== "name" && name !== "generateName");
  if (others.length > 0 || Object.keys(rest).length > 0)
    causes.push(
      forbiddenField(
        path,
        "must not specify anything other than name and generateName, but metadata is implicitly specified",
      ),
    );
  for (const [name, field] of Object.entries(properties))
    if (field.default !== undefined)
      causes.push(forbiddenField(`${path}.properties[${name}].default`, "must not be set in top-level metadata"));
}

const isIntOrString = (schema: StructuralSchema): boolean => schema["x-kubernetes-int-or-string"] === true;

function combinations(schema: StructuralSchema): readonly (readonly [string, readonly StructuralSchema[]])[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  return [
    ["allOf", allOf],
    ["anyOf", anyOf],
    ["oneOf", oneOf],
    ["not", not === undefined ? [] : [not]],
  ];
}

function collectTyped(
  schema: StructuralSchema,
  path: string,
  { what, causes }: { readonly what: string; readonly causes: StatusCause[] },
): void {
  const untyped = schema.type === undefined || schema.type === "";
  const free = "$ref" in schema || isIntOrString(schema) || schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (untyped && !free) causes.push(requiredValue(`${path}.type`, `must not be empty for specified ${what}`));
  else if (!untyped && !types.includes(schema.type ?? ""))
    causes.push(unsupportedValue(`${path}.type`, schema.type, types));
  collect(schema, path, causes);
}

function collectKeywords(schema: StructuralSchema, path: string, causes: StatusCause[]): void {
  for (const keyword of unsupportedKeywords)
    if (keyword in schema) causes.push(forbiddenField(`${path}.${keyword}`, `${keyword} is not supported`));
  if (schema.uniqueItems === true)
    causes.push(
      forbiddenField(
        `${path}.uniqueItems`,
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ),
    );
  if (schema.properties !== undefined && typeof schema.additionalProperties === "object")
    causes.push(
      forbiddenField(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"),
    );
  const problem = schema.pattern === undefined ? undefined : patternProblem(schema.pattern);
  if (problem !== undefined)
    causes.push(
      invalidValue(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${problem}`),
    );
}

function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function collectExtensions(schema: StructuralSchema, path: string, causes: StatusCause[]): void {
  if (schema["x-kubernetes-preserve-unknown-fields"] === false)
    causes.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  if (schema["x-kubernetes-embedded-resource"] === true && schema.type !== "object")
    causes.push(invalidValue(`${path}.type`, schema.type, "must be object if x-kubernetes-embedded-resource is true"));
  if (
    schema["x-kubernetes-embedded-resource"] === true &&
    schema["x-kubernetes-preserve-unknown-fields"] !== true &&
    Object.keys(schema.properties ?? {}).length === 0
  ) {
    const why =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    causes.push(requiredValue(`${path}.properties`, why));
  }
  if (schema["x-kubernetes-map-type"] !== undefined && schema.type !== "object")
    causes.push(invalidValue(`${path}.type`, schema.type, "must be object if x-kubernetes-map-type is specified"));
  collectListType(schema, path, causes);
}

function collectListType(schema: StructuralSchema, path: string, causes: StatusCause[]): void {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const field = `${path}.x-kubernetes-list-type`;
  if (listType !== undefined && schema.type !== "array")
    causes.push(invalidValue(`${path}.type`, schema.type, "must be array if x-kubernetes-list-type is specified"));
  if (listType !== undefined && !["atomic", "set", "map"].includes(listType))
    causes.push(unsupportedValue(field, listType, ["atomic", "set", "map"]));
  if (keys.length > 0 && listType !== "map")
    causes.push(requiredValue(field, "must be map if x-kubernetes-list-map-keys is non-empty"));
  if (listType === "set") collectSetItems(schema.items, `${path}.items`, causes);
  if (listType === "map") collectMapList(schema, path, causes);
}

function collectMapList(schema: StructuralSchema, path: string, causes: StatusCause[]): void {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (keys.length === 0)
    causes.push(
      requiredValue(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map"),
    );
  if (schema.items?.type !== "object") {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    causes.push(invalidValue(`${path}.items.type`, schema.items?.type, why));
    return;
  }
  if (keys.some((key) => schema.items?.properties?.[key] === undefined))
    causes.push(
      invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, "entries must all be names of item properties"),
    );
  for (const key of keys) {
    const property = schema.items?.properties?.[key];
    if (property === undefined || property.default !== undefined || schema.items?.required?.includes(key)) continue;
    const why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
    causes.push(requiredValue(`${path}.items.properties[${key}].default`, why));
  }
}

/** Objects and lists in a set are told apart as wholes. */
function collectSetItems(items: StructuralSchema | undefined, path: string, causes: StatusCause[]): void {
  const listType = items?.["x-kubernetes-list-type"];
  const mapType = items?.["x-kubernetes-map-type"];
  const why = "must be atomic as item of a list with x-kubernetes-list-type=set";
  if (items?.type === "object" && mapType !== "atomic")
    causes.push(invalidValue(`${path}.x-kubernetes-map-type`, mapType ?? null, why));
  if (items?.type === "array" && listType !== undefined && listType !== "atomic")
    causes.push(invalidValue(`${path}.x-kubernetes-list-type`, listType, why));
}

const structural = ["type", "description", "title"] as const;

/** Below allOf and its like only values may be restricted; the structure is told once, outside. */
function collectValueOnly(schema: StructuralSchema, path: string, causes: StatusCause[], mayHaveType: boolean): void {
  for (const keyword of structural) {
    if (keyword === "type" && mayHaveType) continue;
    if ((schema as Readonly<Record<string, unknown>>)[keyword] !== undefined)
      causes.push(forbiddenField(`${path}.${keyword}`, "must be empty to be structural"));
  }
  if (schema.default !== undefined)
    causes.push(forbiddenField(`${path}.default`, "must be undefined to be structural"));
  if (schema.additionalProperties !== undefined)
    causes.push(forbiddenField(`${path}.additionalProperties`, "must be undefined to be structural"));
  if (schema.nullable === true) causes.push(forbiddenField(`${path}.nullable`, "must be false to be structural"));
  for (const extension of ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const)
    if (schema[extension] === true)
      causes.push(forbiddenField(`${path}.${extension}`, "must be false to be structural"));
  collectKeywords(schema, path, causes);
  for (const [name, field] of Object.entries(schema.properties ?? {}))
    collectValueOnly(field, `${path}.properties[${name}]`, causes, false);
  for (const [kind, parts] of combinations(schema))
    parts.forEach((part, index) => {
      collectValueOnly(part, kind === "not" ? `${path}.not` : `${path}.${kind}[${index}]`, causes, false);
    });
}

/** A default has to be valid by the schema it stands in, and known to it. */
function defaultProblems(schema: StructuralSchema, path: string): readonly StatusCause[] {
  const own = schema.default === undefined || schema.default === null ? [] : oneDefaultProblems(schema, path);
  const below = [
    ...Object.entries(schema.properties ?? {}).map(([name, field]) => [field, `${path}.properties[${name}]`] as const),
    ...(schema.items === undefined ? [] : [[schema.items, `${path}.items`] as const]),
    ...(typeof schema.additionalProperties === "object"
      ? [[schema.additionalProperties, `${path}.additionalProperties`] as const]
      : []),
  ];
  return [...own, ...below.flatMap(([field, at]) => defaultProblems(field, at))];
}

function oneDefaultProblems(schema: StructuralSchema, path: string): readonly StatusCause[] {
  const compiled = compileSchema(schema);
  const at = `${path}.default`;
  if (pruned(compiled, schema.default) !== schema.default)
    return [invalidValue(at, schema.default, "must not have unknown fields")];
  return violations(compiled, schema.default).map((cause) => ({
    ...cause,
    field: cause.field === "" || cause.field === undefined ? at : `${at}.${cause.field}`,
  }));
}
