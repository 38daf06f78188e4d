import type { StructuralSchema } from "#api/schema";
import type { SchemaNode } from "../kinds/definition.ts";
import type { CompiledSchema } from "./compile.ts";

/** A structural schema as explaining, decoding and patching see it. */
export function schemaNode(schema: CompiledSchema): SchemaNode {
  const type = nodeType(schema);
  const values = schema.items ?? schema.additional;
  return {
    type,
    ...(type === "object" ? objectFields(schema) : {}),
    ...(values === undefined ? {} : { values: schemaNode(values) }),
    ...(schema.required.length === 0 ? {} : { required: schema.required }),
    ...topologyOf(schema),
    ...describedBy(schema.source),
  };
}

function topologyOf({ source, listKeys }: CompiledSchema): Pick<SchemaNode, "topology"> {
  if (listKeys === "value") return { topology: { kind: "set" } };
  if (listKeys !== undefined) return { topology: { kind: "map", keys: listKeys } };
  return source["x-kubernetes-map-type"] === "atomic" ? { topology: { kind: "atomic" } } : {};
}

function describedBy(source: StructuralSchema): Partial<SchemaNode> {
  return {
    ...(source.format === undefined ? {} : { format: source.format }),
    ...(source.enum === undefined ? {} : { enumeration: source.enum.map(String) }),
    ...(source.description === undefined ? {} : { description: source.description }),
    ...(source.default === undefined ? {} : { defaultValue: source.default }),
  };
}

function objectFields(schema: CompiledSchema): Pick<SchemaNode, "field" | "fieldNames"> {
  return {
    field: (name) => {
      const field = schema.properties?.get(name);
      return field === undefined ? undefined : schemaNode(field);
    },
    fieldNames: () => [...(schema.properties?.keys() ?? [])],
  };
}

function nodeType(schema: CompiledSchema): SchemaNode["type"] {
  if (schema.types.length === 2) return "int-or-string";
  const [type] = schema.types;
  if (type === "array") return "list";
  if (type === "object") return objectType(schema);
  if (type === "string") return stringType(schema.source.format);
  return type === "integer" || type === "number" || type === "boolean" ? type : "any";
}

function objectType(schema: CompiledSchema): SchemaNode["type"] {
  if (schema.additional !== undefined) return "map";
  return schema.properties === undefined && schema.keepsUnknown ? "any" : "object";
}

function stringType(format: string | undefined): SchemaNode["type"] {
  if (format === "date-time") return "time";
  return format === "byte" ? "bytes" : "string";
}
