import { RE2JS } from "re2js";
import type { StructuralSchema } from "#api/schema";
import { valueText } from "#machinery";
import { type FormatCheck, formatCheckFor } from "./format.ts";
import { objectMetaSchema } from "./object-meta.ts";

/** A structural schema made ready to walk: patterns compiled, names in sets, fields in the order errors are told in. */
export interface CompiledSchema {
  readonly source: StructuralSchema;
  readonly types: readonly string[];
  readonly properties: ReadonlyMap<string, CompiledSchema> | undefined;
  readonly additional: CompiledSchema | undefined;
  readonly items: CompiledSchema | undefined;
  readonly required: readonly string[];
  readonly keepsUnknown: boolean;
  readonly embedded: boolean;
  readonly nullable: boolean;
  /** Whether defaulting can add anything at or below this place. */
  readonly hasDefaults: boolean;
  readonly hasDefault: boolean;
  readonly pattern: RE2JS | undefined;
  readonly format: FormatCheck | undefined;
  readonly enumTexts: ReadonlySet<string> | undefined;
  readonly allOf: readonly CompiledSchema[];
  readonly anyOf: readonly CompiledSchema[];
  readonly oneOf: readonly CompiledSchema[];
  readonly not: CompiledSchema | undefined;
  /** Lists: how an element finds its old self and its duplicates. */
  readonly listKeys: readonly string[] | "value" | undefined;
}

const intOrString = ["integer", "string"];

export function compileSchema(source: StructuralSchema): CompiledSchema {
  const children = childrenOf(source);
  const hasDefault = source.default !== undefined && source.default !== null;
  return {
    source,
    ...children,
    types: typesOf(source),
    required: [...(source.required ?? [])].sort(),
    keepsUnknown: source["x-kubernetes-preserve-unknown-fields"] === true,
    embedded: source["x-kubernetes-embedded-resource"] === true,
    nullable: source.nullable === true,
    hasDefault,
    hasDefaults: hasDefault || defaultsBelow(children),
    pattern: source.pattern === undefined ? undefined : RE2JS.compile(source.pattern),
    format: source.format === undefined ? undefined : formatCheckFor(source.format),
    enumTexts: source.enum === undefined ? undefined : new Set(source.enum.map(valueText)),
    allOf: (source.allOf ?? []).map(compileSchema),
    anyOf: anyOfOf(source).map(compileSchema),
    oneOf: (source.oneOf ?? []).map(compileSchema),
    not: source.not === undefined ? undefined : compileSchema(source.not),
    listKeys: listKeysOf(source),
  };
}

/** A kind's whole schema: apiVersion, kind and metadata are known whatever the source says of them. */
export function compileRoot(source: StructuralSchema): CompiledSchema {
  const compiled = compileSchema(withoutObjectFields(source));
  const own = { apiVersion: stringField, kind: stringField, metadata: metadataField };
  return {
    ...compiled,
    properties: sortedMap([...Object.entries(own), ...(compiled.properties ?? [])]),
    required: compiled.required.filter((name) => !(name in own)),
  };
}

function withoutObjectFields(source: StructuralSchema): StructuralSchema {
  if (source.properties === undefined) return source;
  const { apiVersion: _a, kind: _k, metadata: _m, ...properties } = source.properties;
  return { ...source, properties };
}

type Children = Pick<CompiledSchema, "properties" | "additional" | "items">;

function childrenOf(source: StructuralSchema): Children {
  const { properties, additionalProperties, items } = source;
  const additional = typeof additionalProperties === "object" ? compileSchema(additionalProperties) : undefined;
  const embedded = source["x-kubernetes-embedded-resource"] === true;
  const entries = Object.entries(properties ?? {}).map(([name, field]): [string, CompiledSchema] => [
    name,
    embedded && name === "metadata" ? metadataField : compileSchema(field),
  ]);
  if (embedded) entries.unshift(["apiVersion", stringField], ["kind", stringField], ["metadata", metadataField]);
  return {
    properties: entries.length === 0 && properties === undefined ? undefined : sortedMap(entries),
    additional: additionalProperties === true ? anythingGoes : additional,
    items: items === undefined ? undefined : compileSchema(items),
  };
}

const sortedMap = (entries: Iterable<readonly [string, CompiledSchema]>): ReadonlyMap<string, CompiledSchema> =>
  new Map([...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1)));

/** An int-or-string may carry this anyOf to say what it says already. */
function anyOfOf(source: StructuralSchema): readonly StructuralSchema[] {
  return source["x-kubernetes-int-or-string"] === true && isTypesOnly(source.anyOf) ? [] : (source.anyOf ?? []);
}

function isTypesOnly(anyOf: readonly StructuralSchema[] | undefined): boolean {
  return anyOf?.length === 2 && anyOf[0]?.type === "integer" && anyOf[1]?.type === "string";
}

function typesOf(source: StructuralSchema): readonly string[] {
  if (source["x-kubernetes-int-or-string"] === true) return intOrString;
  return source.type === undefined || source.type === "" ? [] : [source.type];
}

function defaultsBelow({ properties, additional, items }: Children): boolean {
  if (additional?.hasDefaults || items?.hasDefaults) return true;
  return [...(properties?.values() ?? [])].some((field) => field.hasDefaults);
}

function listKeysOf(source: StructuralSchema): CompiledSchema["listKeys"] {
  if (source["x-kubernetes-list-type"] === "set") return "value";
  return source["x-kubernetes-list-type"] === "map" ? (source["x-kubernetes-list-map-keys"] ?? []) : undefined;
}

const anythingGoes: CompiledSchema = {
  source: {},
  types: [],
  properties: undefined,
  additional: undefined,
  items: undefined,
  required: [],
  keepsUnknown: true,
  embedded: false,
  nullable: true,
  hasDefaults: false,
  hasDefault: false,
  pattern: undefined,
  format: undefined,
  enumTexts: undefined,
  allOf: [],
  anyOf: [],
  oneOf: [],
  not: undefined,
  listKeys: undefined,
};

const stringField = compileSchema({ type: "string" });
/** Of every object and embedded object; what its values may be beyond their types is the registry's to say. */
export const metadataField = compileSchema(objectMetaSchema);
