/**
 * Writes `src/apiserver/kinds/generated/kinds.json`: the facts of Kubernetes' own types and resources, none of their prose.
 *
 *     node scripts/gen-kinds.ts FOLDER
 *
 * FOLDER holds, unpacked side by side, the Go type files (`k8s.io/...`), the discovery documents (`discovery/`) and the OpenAPI
 * documents (`openapi-spec/`) of one Kubernetes version. Only stable versions are taken, as a server serves them by default.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type GoField, type GoType, readGoTypes, shortName } from "./kinds/go-types.ts";

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly namespaced: boolean;
  readonly singularName: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

const source = resolve(process.argv[2] ?? ".");
const output = resolve(import.meta.dirname, "../src/apiserver/kinds/generated/kinds.json");

/** Types that are written as something else than their fields; letters are explained in `kinds/table.ts`. */
const special: Readonly<Record<string, string>> = {
  string: "s",
  bool: "b",
  int: "i",
  int32: "i",
  int64: "l",
  float64: "f",
  byte: "s",
  uint8: "s",
  "meta/v1.Time": "t",
  "meta/v1.MicroTime": "u",
  "meta/v1.Duration": "d",
  "api/resource.Quantity": "q",
  "util/intstr.IntOrString": "x",
  "pkg/runtime.RawExtension": "o",
  "meta/v1.FieldsV1": "v",
  "pkg/runtime.Object": "o",
  "pkg/types.UID": "s",
  "pkg/types.NodeName": "s",
  "apiextensions/v1.JSON": "a",
  "apiextensions/v1.JSONSchemaPropsOrArray": "a",
  "apiextensions/v1.JSONSchemaPropsOrBool": "a",
  "apiextensions/v1.JSONSchemaPropsOrStringArray": "a",
};

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(source, path), "utf8")) as T;

function packageFolders(): readonly string[] {
  const groups = readdirSync(join(source, "k8s.io/api")).map((group) => join(source, "k8s.io/api", group));
  const apis = join(source, "k8s.io/apimachinery/pkg/apis/meta/v1");
  const extensions = join(source, "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1");
  const versions = groups.flatMap((group) => readdirSync(group).map((version) => join(group, version)));
  return [...versions, apis, extensions];
}

/** `core/v1` of group ``, `rbac/v1` of `rbac.authorization.k8s.io`. */
function packagesByGroupVersion(folders: readonly string[]): ReadonlyMap<string, string> {
  const entries = folders.flatMap((folder): (readonly [string, string])[] => {
    const file = join(folder, "register.go");
    if (!existsSync(file) || folder.includes("/meta/")) return [];
    const group = /GroupName\s*=\s*"([^"]*)"/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    return [[`${group}/${shortName(folder).split("/")[1]}`, shortName(folder)]];
  });
  return new Map(entries);
}

function servedGroupVersions(): readonly { readonly group: string; readonly version: string; readonly file: string }[] {
  const apis = readJson<{ groups: readonly { name: string; versions: readonly { version: string }[] }[] }>(
    "discovery/apis.json",
  );
  const named = apis.groups.flatMap(({ name, versions }) =>
    versions.map(({ version }) => ({ group: name, version, file: `discovery/apis__${name}__${version}.json` })),
  );
  return [{ group: "", version: "v1", file: "discovery/api__v1.json" }, ...named].filter(({ version }) =>
    /^v\d+$/.test(version),
  );
}

const folders = packageFolders();
const goTypes = readGoTypes(folders);
const packages = packagesByGroupVersion(folders);
const types = new Map<string, unknown>();

/** The table's expression of a Go type; notes the types it needs. */
function expression(type: string): string {
  if (type === "[]byte") return "y";
  if (type.startsWith("[]") || type.startsWith("{}")) return type.slice(0, 2) + expression(type.slice(2));
  const known = special[type];
  if (known !== undefined) return known;
  const go = goTypes.get(type);
  if (go === undefined) throw new Error(`unknown type ${type}`);
  if (go.kind === "alias") return go.values.length > 0 ? `s=${go.values.join(",")}` : expression(go.target);
  if (!types.has(type)) noteStruct(type, go);
  return type;
}

function noteStruct(name: string, type: GoType & { kind: "struct" }): void {
  types.set(name, {});
  const fields = Object.fromEntries(flatFields(type).map((field) => [field.name, fieldText(field)]));
  types.set(name, type.atomic ? { ...fields, "": "atomic" } : fields);
}

function flatFields(type: GoType & { kind: "struct" }): readonly GoField[] {
  return type.fields.flatMap((field) => {
    if (field.name !== "") return [field];
    if (field.type === "meta/v1.TypeMeta") {
      const text = { type: "string", optional: true, always: false, proto: 0 };
      return [
        { name: "kind", ...text },
        { name: "apiVersion", ...text },
      ];
    }
    const inlined = goTypes.get(field.type);
    if (inlined?.kind !== "struct") throw new Error(`cannot inline ${field.type}`);
    if (field.proto === 0) return flatFields(inlined);
    return flatFields(inlined).map((one) => ({ ...one, within: [field.proto, ...(one.within ?? [])] }));
  });
}

/** Scalars are the types of which protobuf and JSON differ in what is unset. */
const isScalar = (text: string): boolean => /^([sbilfd]$|s=)/.test(text);

/** `TYPE NUMBER [optional ?] [always !] [pointer *] [e=within] [p=strategy:key] [l=listType:keys] [d=default]`. */
function fieldText(field: GoField): string {
  const parts = [expression(field.type), String(field.proto)];
  if (field.optional) parts.push("?");
  if (field.always) parts.push("!");
  if (field.pointer === true && isScalar(parts[0] ?? "")) parts.push("*");
  if (field.within !== undefined) parts.push(`e=${field.within.join(".")}`);
  if (field.patch !== undefined) parts.push(`p=${field.patch}`);
  if (field.list !== undefined) parts.push(`l=${field.list}`);
  if (field.defaultValue?.startsWith('"') || /^\d/.test(field.defaultValue ?? ""))
    parts.push(`d=${field.defaultValue}`);
  return parts.join(" ");
}

/** Types that no Go file here has (the aggregator's) come from the OpenAPI document. */
function noteOpenApiType(schemas: Readonly<Record<string, OpenApiSchema>>, full: string): string {
  const name = full
    .split(".")
    .slice(-3)
    .join("/")
    .replace(/\/(?=[^/]*$)/, ".");
  const known = special[name] ?? (goTypes.has(name) ? expression(name) : undefined);
  if (known !== undefined) return known;
  if (types.has(name)) return name;
  types.set(name, {});
  const schema = schemas[full] ?? {};
  const fields = Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const patch = property["x-kubernetes-patch-strategy"];
    const listType = property["x-kubernetes-list-type"];
    const keys = property["x-kubernetes-list-map-keys"]?.join(",");
    const parts = [openApiExpression(schemas, property), "0"];
    if (!schema.required?.includes(field)) parts.push("?");
    if (patch) parts.push(`p=${patch}:${property["x-kubernetes-patch-merge-key"] ?? ""}`);
    if (listType) parts.push(`l=${listType}${keys ? `:${keys}` : ""}`);
    return [field, parts.join(" ")];
  });
  types.set(name, Object.fromEntries(fields));
  return name;
}

interface OpenApiSchema {
  readonly $ref?: string;
  readonly allOf?: readonly { readonly $ref: string }[];
  readonly type?: string;
  readonly format?: string;
  readonly items?: OpenApiSchema;
  readonly additionalProperties?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly "x-kubernetes-patch-strategy"?: string;
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

function openApiExpression(schemas: Readonly<Record<string, OpenApiSchema>>, schema: OpenApiSchema): string {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (ref !== undefined) return noteOpenApiType(schemas, ref.replace("#/components/schemas/", ""));
  if (schema.items) return `[]${openApiExpression(schemas, schema.items)}`;
  if (schema.additionalProperties) return `{}${openApiExpression(schemas, schema.additionalProperties)}`;
  if (schema.format === "byte") return "y";
  const letters: Readonly<Record<string, string>> = {
    string: "s",
    boolean: "b",
    integer: schema.format === "int64" ? "l" : "i",
  };
  return letters[schema.type ?? ""] ?? "a";
}

function rootType(group: string, version: string, kind: string): string {
  const name = `${packages.get(`${group}/${version}`)}.${kind}`;
  if (goTypes.has(name)) return expression(name);
  const file = `openapi-spec/v3/apis__${group}__${version}_openapi.json`;
  const { components } = readJson<{ components: { schemas: Readonly<Record<string, OpenApiSchema>> } }>(file);
  const full = Object.keys(components.schemas).find((schema) => schema.endsWith(`.${version}.${kind}`));
  if (full === undefined) throw new Error(`no type for ${group}/${version} ${kind}`);
  return noteOpenApiType(components.schemas, full);
}

function resourcesOf(served: { readonly group: string; readonly version: string; readonly file: string }): unknown[] {
  const { resources } = readJson<{ resources: readonly ApiResource[] }>(served.file);
  const tops = resources.filter(({ name }) => !name.includes("/"));
  return tops.map((resource) => ({
    group: served.group,
    version: served.version,
    resource: resource.name,
    singular: resource.singularName,
    kind: resource.kind,
    namespaced: resource.namespaced,
    shortNames: resource.shortNames,
    categories: resource.categories,
    verbs: resource.verbs.join(" "),
    subresources: subresourcesOf(resources, resource.name),
    type: rootType(served.group, served.version, resource.kind),
  }));
}

/** `status get,patch,update` or, where the kind is another one, `scale get,patch,update autoscaling/v1/Scale`. */
function subresourcesOf(resources: readonly ApiResource[], name: string): readonly string[] | undefined {
  const own = resources.find((resource) => resource.name === name)?.kind;
  const subresources = resources
    .filter((resource) => resource.name.startsWith(`${name}/`))
    .map((resource) => {
      const parts = [resource.name.slice(name.length + 1), resource.verbs.join(",")];
      if (resource.version !== undefined || resource.kind !== own) {
        parts.push(`${resource.group ?? ""}/${resource.version ?? ""}/${resource.kind}`);
      }
      return parts.join(" ");
    });
  return subresources.length > 0 ? subresources : undefined;
}

const resources = servedGroupVersions().flatMap(resourcesOf);
for (const root of ["meta/v1.DeleteOptions", "meta/v1.Status", "meta/v1.ListMeta", "autoscaling/v1.Scale"])
  expression(root);
const sorted = Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1)));
const lines = [
  '{"note":"Generated by scripts/gen-kinds.ts from Kubernetes 1.36 (Apache-2.0). Do not edit."',
  `,"resources":[\n${resources.map((resource) => JSON.stringify(resource)).join(",\n")}\n]`,
  `,"types":{\n${Object.entries(sorted)
    .map(([name, type]) => `${JSON.stringify(name)}:${JSON.stringify(type)}`)
    .join(",\n")}\n}}`,
];
writeFileSync(output, `${lines.join("\n")}\n`);
console.log(`${resources.length} resources, ${types.size} types`);
