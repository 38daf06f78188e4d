import type { StructuralSchema } from "#api/schema";
import type { KubeObject } from "#machinery";
import type { DecodeProblem, KindSchema } from "../kinds/definition.ts";
import { type CompiledSchema, compileRoot, compileSchema, metadataField } from "./compile.ts";
import { defaulted } from "./default.ts";
import { fieldPath, indexPath, isFields } from "./fields.ts";
import { schemaNode } from "./node.ts";
import { pruned, unknownFields } from "./prune.ts";
import { typeProblem } from "./scalars.ts";
import { violations } from "./validate.ts";

/** What the registry asks of a kind, answered from a structural schema. */
export function kindSchemaFor(source: StructuralSchema): KindSchema {
  const schema = compileRoot(source);
  const names = compileSchema(nameRules(source));
  return {
    root: schemaNode(schema),
    check: (object) => decodeProblems(schema, object),
    prune: (object) => pruned(schema, object) as KubeObject,
    applyDefaults: (object) => defaulted(schema, object) as KubeObject,
    validate: (object, old) => [
      ...violations(schema, object, old),
      ...(names.properties === undefined ? [] : violations(names, { metadata: nameFields(object) })),
    ],
  };
}

/** Of metadata a kind may restrict the name and generateName, nothing else. */
function nameRules(source: StructuralSchema): StructuralSchema {
  const { name, generateName } = source.properties?.metadata?.properties ?? {};
  if (name === undefined && generateName === undefined) return {};
  const properties = { ...(name && { name }), ...(generateName && { generateName }) };
  return { type: "object", properties: { metadata: { type: "object", properties } } };
}

function nameFields({ metadata: { name, generateName } }: KubeObject): Readonly<Record<string, unknown>> {
  return { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) };
}

/** Unknown fields anywhere, and wrong types in metadata; those elsewhere are left to validation. */
function decodeProblems(schema: CompiledSchema, object: KubeObject): readonly DecodeProblem[] {
  const problems: DecodeProblem[] = [];
  collectTypeProblems(metadataField, object.metadata, "metadata", problems);
  for (const field of unknownFields(schema, object))
    problems.push({ field, kind: "unknown", message: `unknown field "${field}"` });
  return problems;
}

function collectTypeProblems(schema: CompiledSchema, value: unknown, path: string, problems: DecodeProblem[]): void {
  if (value === null || value === undefined) return;
  if (typeProblem(schema, value, path) !== undefined) {
    problems.push({ field: path, kind: "type", message: `${path}: expected ${schema.types.join(" or ")}` });
  } else if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined)
      value.forEach((element, index) => {
        collectTypeProblems(items, element, indexPath(path, index), problems);
      });
  } else if (isFields(value)) {
    for (const name of Object.keys(value)) {
      const place = schema.properties?.get(name) ?? schema.additional;
      if (place !== undefined) collectTypeProblems(place, value[name], fieldPath(path, name), problems);
    }
  }
}
