import type { SchemaNode, Topology } from "./definition.ts";
import { kindTable, openApiName } from "./table.ts";

/** What one expression of the table says of a node. */
type NodeFacts = Partial<Omit<SchemaNode, "type">> & Pick<SchemaNode, "type">;

const scalars: Readonly<Record<string, NodeFacts>> = {
  s: { type: "string" },
  b: { type: "boolean" },
  i: { type: "integer", format: "int32" },
  l: { type: "integer", format: "int64" },
  f: { type: "number", format: "double" },
  y: { type: "bytes", format: "byte" },
  t: { type: "time", format: "date-time" },
  u: { type: "time", format: "micro" },
  d: { type: "string" },
  q: { type: "quantity", typeName: "io.k8s.apimachinery.pkg.api.resource.Quantity" },
  x: { type: "int-or-string", format: "int-or-string", typeName: "io.k8s.apimachinery.pkg.util.intstr.IntOrString" },
  o: { type: "any", typeName: "io.k8s.apimachinery.pkg.runtime.RawExtension" },
  v: { type: "any", typeName: "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1" },
  a: { type: "any" },
};

const roots = new Map<string, SchemaNode>();

/** The node of a named type. Types are made when they are first asked for, and once. */
export function typeNode(name: string): SchemaNode {
  const known = roots.get(name);
  if (known !== undefined) return known;
  const facts = kindTable.types[name] ?? {};
  const fields = new Map<string, SchemaNode>();
  const names = Object.keys(facts).filter((field) => field !== "");
  const node: SchemaNode = {
    type: "object",
    typeName: openApiName(name),
    field(field) {
      const text = Object.hasOwn(facts, field) && field !== "" ? facts[field] : undefined;
      if (text === undefined) return undefined;
      const made = fields.get(field) ?? fieldNode(text);
      fields.set(field, made);
      return made;
    },
    fieldNames: () => names,
    required: names.filter((field) => !/^\S+ \d+ \?/.test(facts[field] ?? "")),
    ...(facts[""] === undefined ? {} : { topology: { kind: "atomic" } as const }),
  };
  roots.set(name, node);
  return node;
}

function fieldNode(text: string): SchemaNode {
  const [expression = "", number, ...flags] = text.split(" ");
  const flag = (prefix: string): string | undefined =>
    flags.find((word) => word.startsWith(prefix))?.slice(prefix.length);
  const patch = flag("p=");
  const list = flag("l=");
  const fallback = flag("d=");
  const within = flag("e=");
  return {
    ...expressionNode(expression),
    protobufNumber: Number(number),
    ...(flags.includes("!") ? { always: true } : {}),
    ...(flags.includes("*") ? { nullable: true } : {}),
    ...(within === undefined ? {} : { protobufWithin: within.split(".").map(Number) }),
    ...(patch === undefined ? {} : { merge: mergeHint(patch) }),
    ...(list === undefined ? {} : { topology: topology(list) }),
    ...(fallback === undefined ? {} : { defaultValue: JSON.parse(fallback) as unknown }),
  };
}

function expressionNode(expression: string): SchemaNode {
  if (expression.startsWith("[]")) return containerNode("list", expression.slice(2));
  if (expression.startsWith("{}")) return containerNode("map", expression.slice(2));
  if (expression.startsWith("s=")) {
    return {
      type: "string",
      enumeration: expression
        .slice(2)
        .split(",")
        .filter((value) => value !== ""),
    };
  }
  return scalars[expression] ?? typeNode(expression);
}

function containerNode(type: "list" | "map", element: string): SchemaNode {
  return { type, values: expressionNode(element) };
}

function mergeHint(text: string): NonNullable<SchemaNode["merge"]> {
  const [strategies = "", mergeKey = ""] = text.split(":");
  const known = strategies.split(",") as readonly ("merge" | "replace" | "retainKeys")[];
  return mergeKey === "" ? { strategies: known } : { strategies: known, mergeKey };
}

function topology(text: string): Topology | undefined {
  const [kind, keys = ""] = text.split(":");
  if (kind === "map") return { kind: "map", keys: keys.split(",") };
  if (kind === "granular") return undefined;
  return kind === "set" ? { kind: "set" } : { kind: "atomic" };
}
