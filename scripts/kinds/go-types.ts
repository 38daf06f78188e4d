/**
 * Reads Go type files for the facts that a Kubernetes type is: names of fields, their types, merge keys, list kinds,
 * optionality, enumerations and protobuf numbers. A line reader, no Go parser: the files are gofmt's, one declaration a line.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface GoField {
  /** JSON name; the empty string for an inlined struct. */
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** Whether Go writes the field even when it is empty. */
  readonly always: boolean;
  readonly proto: number;
  /** Whether Go tells an unset field from an empty one. */
  readonly pointer?: boolean;
  /** Of a field that Go embeds: the numbers of the protobuf messages around it. */
  readonly within?: readonly number[];
  readonly patch?: string;
  readonly list?: string;
  readonly defaultValue?: string;
}

export type GoType =
  | { readonly kind: "struct"; readonly fields: readonly GoField[]; readonly atomic: boolean }
  | { readonly kind: "alias"; readonly target: string; readonly values: readonly string[] };

interface Reader {
  readonly packageName: string;
  readonly types: Map<string, GoType>;
  readonly imports: Map<string, string>;
  readonly enums: Map<string, string[]>;
  comments: string[];
  struct: { readonly name: string; readonly atomic: boolean; readonly fields: GoField[] } | undefined;
}

/** The package's name in the table: `core/v1`, `meta/v1`, `apiextensions/v1`. */
export const shortName = (path: string): string => path.split("/").slice(-2).join("/");

/** All types of the packages under the folders, by `package.Name`. */
export function readGoTypes(folders: readonly string[]): ReadonlyMap<string, GoType> {
  const types = new Map<string, GoType>();
  for (const folder of folders) {
    const enums = new Map<string, string[]>();
    const files = readdirSync(folder).filter((file) => /^(types.*|.*_types)\.go$/.test(file) && !isDerived(file));
    for (const file of files) {
      readFile(readFileSync(join(folder, file), "utf8"), {
        packageName: shortName(folder),
        types,
        imports: new Map(),
        enums,
        comments: [],
        struct: undefined,
      });
    }
    for (const [name, values] of enums) {
      const type = types.get(name);
      if (type?.kind === "alias" && type.values.length > 0)
        types.set(name, { ...type, values: [...new Set(values)].sort() });
    }
  }
  return types;
}

const isDerived = (file: string): boolean =>
  file.includes("swagger") || file.includes("_test") || file.includes("proto");

function readFile(text: string, reader: Reader): void {
  for (const line of text.split("\n")) {
    const comment = /^\s*\/\/ ?(.*)$/.exec(line);
    if (comment) reader.comments.push(comment[1] ?? "");
    else readLine(line, reader);
  }
}

function readLine(line: string, reader: Reader): void {
  const imported = /^\t(?:(\w+) )?"([\w./-]+)"$/.exec(line);
  if (imported?.[2]) reader.imports.set(imported[1] ?? imported[2].split("/").at(-1) ?? "", imported[2]);
  else if (reader.struct) readStructLine(line, reader);
  else readTopLine(line, reader);
}

function readTopLine(line: string, reader: Reader): void {
  const struct = /^type (\w+) struct ?\{(\})?$/.exec(line);
  const alias = /^type (\w+) =?\s*([^{]+)$/.exec(line);
  const constant = /^\t\w+\s+(\w+)\s*=\s*"([^"]*)"/.exec(line) ?? /^const \w+ (\w+) = "([^"]*)"/.exec(line);
  const has = (marker: string): boolean => reader.comments.some((comment) => comment.startsWith(marker));
  if (struct?.[1]) {
    reader.struct = { name: qualified(struct[1], reader), atomic: has("+structType=atomic"), fields: [] };
    if (struct[2]) endStruct(reader);
  } else if (alias?.[1] && alias[2]) {
    const target = qualified(alias[2].trim(), reader);
    reader.types.set(qualified(alias[1], reader), { kind: "alias", target, values: has("+enum") ? ["?"] : [] });
  } else if (constant?.[1] && constant[2] !== undefined) {
    const name = qualified(constant[1], reader);
    reader.enums.set(name, [...(reader.enums.get(name) ?? []), constant[2]]);
  }
  if (line !== "") reader.comments = [];
}

function readStructLine(line: string, reader: Reader): void {
  if (line === "}") endStruct(reader);
  const match = /^\s+(?:(\w+)\s+)?([\w.[\]*]+)\s+`(.*)`/.exec(line);
  if (match?.[2] && match[3] !== undefined) {
    const field = fieldOf(match[2], match[3], reader);
    if (field) reader.struct?.fields.push(field);
  }
  if (line.trim() !== "") reader.comments = [];
}

function endStruct(reader: Reader): void {
  if (reader.struct) {
    const { name, fields, atomic } = reader.struct;
    reader.types.set(name, { kind: "struct", fields, atomic });
  }
  reader.struct = undefined;
}

function fieldOf(type: string, tags: string, reader: Reader): GoField | undefined {
  const tag = (name: string): string => new RegExp(`(?:^| )${name}:"([^"]*)"`).exec(tags)?.[1] ?? "";
  const [name = "", ...options] = tag("json").split(",");
  if (name === "-" || (name === "" && !options.includes("inline"))) return undefined;
  const omits = options.includes("omitempty") || options.includes("omitzero");
  const marker = (text: string): string | undefined =>
    reader.comments.find((comment) => comment.startsWith(`+${text}`))?.slice(text.length + 1);
  const keys = reader.comments.flatMap((comment) => /^\+listMapKey=(\w+)/.exec(comment)?.[1] ?? []);
  const listType = marker("listType=");
  const strategy = tag("patchStrategy");
  return {
    name,
    type: qualified(type.replace(/^\*/, ""), reader),
    optional: marker("required") === undefined && (omits || marker("optional") !== undefined),
    always: !omits,
    proto: Number(tag("protobuf").split(",")[1] ?? 0),
    ...(type.startsWith("*") ? { pointer: true } : {}),
    ...(strategy === "" ? {} : { patch: `${strategy}:${tag("patchMergeKey")}` }),
    ...listFacts(listType ?? marker("mapType=") ?? marker("structType="), keys),
    ...(marker("default=") === undefined ? {} : { defaultValue: marker("default=") ?? "" }),
  };
}

function listFacts(listType: string | undefined, keys: readonly string[]): Pick<GoField, "list"> {
  if (listType === undefined) return {};
  return { list: keys.length > 0 ? `${listType}:${keys.join(",")}` : listType };
}

const builtin = /^(string|bool|int|int32|int64|float64|byte|uint8|interface|any)$/;

/** `[]Container` to `[]core/v1.Container`, `metav1.Time` to `meta/v1.Time`. */
function qualified(type: string, reader: Reader): string {
  const wrapper = /^(\[\]|map\[[^\]]*\]|\*)(.*)$/.exec(type);
  if (wrapper?.[1] && wrapper[2] !== undefined) {
    const inner = qualified(wrapper[2], reader);
    if (wrapper[1] === "*") return inner;
    return wrapper[1] === "[]" ? `[]${inner}` : `{}${inner}`;
  }
  if (builtin.test(type)) return type;
  const [alias, name] = type.split(".");
  if (name === undefined) return `${reader.packageName}.${type}`;
  return `${shortName(reader.imports.get(alias ?? "") ?? alias ?? "")}.${name}`;
}
