import { isJsonObject } from "#base";
import type { ResourceDefinition, SchemaNode } from "../kinds/definition.ts";
import { typeNode } from "../kinds/node.ts";

export type Schema = Readonly<Record<string, unknown>>;

/** How one version of OpenAPI writes references. */
export interface Dialect {
  readonly prefix: "#/components/schemas/" | "#/definitions/";
  /** Version 3 takes no other keys beside `$ref` and wraps it in `allOf`. */
  readonly wrapsReferences: boolean;
}

export const dialect3: Dialect = { prefix: "#/components/schemas/", wrapsReferences: true };
export const dialect2: Dialect = { prefix: "#/definitions/", wrapsReferences: false };

/** Schemas by name, filled with everything that they refer to. */
export class SchemaSet {
  readonly schemas: Record<string, Schema> = {};
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  reference(name: string): Schema {
    const reference = { $ref: `${this.#dialect.prefix}${name}` };
    return this.#dialect.wrapsReferences ? { allOf: [reference] } : reference;
  }

  /** Adds a resource's kind and its list; returns the kind's name. */
  addKind(definition: ResourceDefinition): string {
    const name = kindName(definition);
    if (this.schemas[name]?.["x-kubernetes-group-version-kind"] === undefined) {
      this.schemas[name] = this.#kindSchema(definition);
      if (definition.verbs.includes("list")) this.schemas[listName(definition)] = this.#listSchema(definition, name);
    }
    return name;
  }

  #kindSchema(definition: ResourceDefinition): Schema {
    const gvk = { "x-kubernetes-group-version-kind": [gvkOf(definition, definition.kind)] };
    if (definition.openApiSchema === undefined) {
      const { typeName, ...root } = definition.schema.root;
      const schema = typeName === undefined ? this.#schemaOf(root) : this.#objectSchema(definition.schema.root);
      return { ...schema, ...gvk };
    }
    const { properties, ...rest } = definition.openApiSchema;
    const own = isJsonObject(properties) ? properties : {};
    const meta = this.addNode(typeNode("meta/v1.ObjectMeta"));
    const common = { ...typeTexts, metadata: { ...meta, description: "Standard object's metadata." } };
    const converted = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, withIntOrString(value)]));
    return { type: "object", ...rest, properties: { ...converted, ...common }, ...gvk };
  }

  #listSchema(definition: ResourceDefinition, kind: string): Schema {
    const meta = this.addNode(typeNode("meta/v1.ListMeta"));
    return {
      type: "object",
      description: `${definition.kind}List is a list of ${definition.kind}`,
      required: ["items"],
      properties: {
        ...typeTexts,
        items: { type: "array", items: { $ref: `${this.#dialect.prefix}${kind}` }, description: "The objects." },
        metadata: { ...meta, description: "Standard list metadata." },
      },
      "x-kubernetes-group-version-kind": [gvkOf(definition, definition.listKind)],
    };
  }

  /** The schema to stand where a node is: a reference for named types, which are added, else the schema itself. */
  addNode(node: SchemaNode): Schema {
    const { typeName } = node;
    if (typeName === undefined) return this.#schemaOf(node);
    if (this.schemas[typeName] === undefined) {
      this.schemas[typeName] = {};
      this.schemas[typeName] =
        node.type === "object" ? this.#objectSchema(node) : (namedScalars[node.type] ?? { type: "object" });
    }
    return this.reference(typeName);
  }

  #objectSchema(node: SchemaNode): Schema {
    const names = node.fieldNames?.() ?? [];
    const properties = names.flatMap((name) => {
      const field = node.field?.(name);
      return field === undefined ? [] : [[name, this.#fieldSchema(field)] as const];
    });
    return {
      type: "object",
      ...describe(node),
      ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
      ...(node.topology === undefined ? {} : { "x-kubernetes-map-type": node.topology.kind }),
      ...(node.required === undefined || node.required.length === 0 ? {} : { required: [...node.required].sort() }),
    };
  }

  #fieldSchema(field: SchemaNode): Schema {
    return { ...this.addNode(field), ...extensions(field) };
  }

  #schemaOf(node: SchemaNode): Schema {
    switch (node.type) {
      case "object":
        return this.#objectSchema(node);
      case "map":
        return { type: "object", ...(node.values ? { additionalProperties: this.addNode(node.values) } : {}) };
      case "list":
        return { type: "array", ...(node.values ? { items: this.addNode(node.values) } : {}) };
      default:
        return scalarSchema(node);
    }
  }
}

/** Built-in types come without prose: what their fields mean is told by the reference of the API that they are of. */
function describe(node: SchemaNode): Schema {
  if (node.description !== undefined) return { description: node.description };
  if (node.typeName === undefined) return {};
  const name = node.typeName.slice(node.typeName.lastIndexOf(".") + 1);
  return { description: `${name} as Kubernetes defines it; its API reference tells what each field means.` };
}

const namedScalars: Readonly<Record<string, Schema>> = {
  quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
  "int-or-string": { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
};

function scalarSchema(node: SchemaNode): Schema {
  const format = node.format === undefined ? {} : { format: node.format };
  switch (node.type) {
    case "time":
      return { type: "string", format: "date-time" };
    case "bytes":
      return { type: "string", format: "byte" };
    case "quantity":
      return { type: "string" };
    case "int-or-string":
      return { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true };
    case "any":
      return { "x-kubernetes-preserve-unknown-fields": true };
    default:
      return { type: node.type, ...format };
  }
}

/** Merge keys and list kinds, which clients patch and apply by. */
function extensions(field: SchemaNode): Schema {
  const { merge } = field;
  const topology = field.type === "object" ? undefined : field.topology;
  const kind = field.type === "list" ? "x-kubernetes-list-type" : "x-kubernetes-map-type";
  return {
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.defaultValue === undefined ? {} : { default: field.defaultValue }),
    ...(merge === undefined ? {} : { "x-kubernetes-patch-strategy": merge.strategies.join(",") }),
    ...(merge?.mergeKey === undefined ? {} : { "x-kubernetes-patch-merge-key": merge.mergeKey }),
    ...(topology === undefined ? {} : { [kind]: topology.kind }),
    ...(topology?.kind === "map" ? { "x-kubernetes-list-map-keys": topology.keys } : {}),
  };
}

const typeTexts = {
  apiVersion: { type: "string", description: "The version of the schema that the object is written in." },
  kind: { type: "string", description: "The kind of the object." },
};

/** Publishes `x-kubernetes-int-or-string` with the two types that it stands for. */
function withIntOrString(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withIntOrString);
  if (!isJsonObject(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withIntOrString(value)]));
  if (schema["x-kubernetes-int-or-string"] !== true || schema.anyOf !== undefined) return inner;
  return { anyOf: [{ type: "integer" }, { type: "string" }], ...inner };
}

export const gvkOf = (definition: ResourceDefinition, kind: string): Schema => ({
  group: definition.group,
  kind,
  version: definition.version,
});

/** `io.k8s.api.apps.v1.Deployment`, or for a custom kind its group reversed: `com.example.shop.v1.Widget`. */
function kindName(definition: ResourceDefinition): string {
  const { typeName } = definition.schema.root;
  if (typeName !== undefined && definition.openApiSchema === undefined) return typeName;
  return `${definition.group.split(".").reverse().join(".")}.${definition.version}.${definition.kind}`;
}

const listName = (definition: ResourceDefinition): string => {
  const name = kindName(definition);
  return `${name.slice(0, name.lastIndexOf("."))}.${definition.listKind}`;
};
