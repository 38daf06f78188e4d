import { expect, test } from "vitest";
import { isJsonObject, type JsonObject } from "#base";
import type { ResourceCatalogue, ResourceDefinition } from "../kinds/definition.ts";
import { builtinDefinitions, typeNode } from "../kinds/index.ts";
import { createOpenApi } from "./index.ts";

const [sample] = builtinDefinitions();
const widget = {
  ...sample,
  group: "shop.example.com",
  version: "v1",
  resource: "widgets",
  kind: "Widget",
  listKind: "WidgetList",
  origin: "custom",
  subresources: { status: true },
  verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
  openApiSchema: {
    type: "object",
    required: ["spec"],
    properties: { spec: { type: "object", properties: { port: { "x-kubernetes-int-or-string": true } } } },
  },
} as ResourceDefinition;
const all = [...builtinDefinitions(), widget];
const catalogue: ResourceCatalogue = {
  all: () => all,
  find: () => undefined,
  versions: () => [],
  onChange: () => () => undefined,
};
const openApi = createOpenApi(catalogue, { version: "v1.36.0" });

function ask(path: string, headers: Record<string, string> = {}) {
  const [plain = "", query] = path.split("?");
  return openApi.answer(plain, new URLSearchParams(query), headers);
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (isJsonObject(node) ? node[name] : undefined), value);
}

const references = (value: unknown): readonly string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, inner]) =>
        name === "$ref" && typeof inner === "string" ? [inner] : references(inner),
      )
    : [];

test("the index links each group version by a hash that may be kept for ever", () => {
  const url = String(at(ask("/openapi/v3")?.object, "paths", "apis/apps/v1", "serverRelativeURL"));
  expect(ask(url)).toMatchObject({ status: 200, headers: { "cache-control": "public, immutable" } });
  expect(ask(url, { "if-none-match": String(ask(url)?.headers.etag) })?.status).toBe(304);
  expect(ask("/openapi/v3/apis/apps/v1?hash=0")).toMatchObject({ status: 301, headers: { location: url } });
  expect(ask("/openapi/v3/apis/nope/v1")?.status).toBe(404);
});

test("a built-in kind has its fields, merge keys and paths", () => {
  const document = ask("/openapi/v3/apis/apps/v1")?.object;
  const schemas = at(document, "components", "schemas") as Record<string, JsonObject>;
  expect(at(schemas["io.k8s.api.core.v1.PodSpec"], "properties", "containers")).toEqual({
    type: "array",
    items: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.Container" }] },
    "x-kubernetes-patch-strategy": "merge",
    "x-kubernetes-patch-merge-key": "name",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
  });
  expect(schemas["io.k8s.api.apps.v1.Deployment"]?.["x-kubernetes-group-version-kind"]).toEqual([
    { group: "apps", kind: "Deployment", version: "v1" },
  ]);
  const scale = at(document, "paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", "get");
  expect(at(scale, "x-kubernetes-group-version-kind")).toEqual({ group: "autoscaling", kind: "Scale", version: "v1" });
});

test("every reference leads to a schema", () => {
  for (const path of Object.keys(at(ask("/openapi/v3")?.object, "paths") as object)) {
    const document = ask(`/openapi/v3/${path}`)?.object;
    const names = new Set(Object.keys(at(document, "components", "schemas") as object));
    expect(references(document).filter((one) => !names.has(one.replace("#/components/schemas/", "")))).toEqual([]);
  }
});

test("a custom kind has the schema of its definition, and its group's actions", () => {
  const document = ask("/openapi/v3/apis/shop.example.com/v1")?.object;
  const schema = at(document, "components", "schemas", "com.example.shop.v1.Widget");
  expect(at(schema, "required")).toEqual(["spec"]);
  expect(at(schema, "properties", "spec", "properties", "port")).toEqual({
    anyOf: [{ type: "integer" }, { type: "string" }],
    "x-kubernetes-int-or-string": true,
  });
  const path = at(document, "paths", "/apis/shop.example.com/v1/namespaces/{namespace}/widgets");
  expect(at(path, "get", "operationId")).toBe("listShopExampleComV1NamespacedWidget");
  expect(at(path, "delete", "operationId")).toBe("deleteShopExampleComV1CollectionNamespacedWidget");
});

test("version 2 has all definitions, in JSON and in protobuf", () => {
  const document = ask("/openapi/v2", { accept: "application/json" })?.object;
  expect(at(document, "definitions", "com.example.shop.v1.Widget", "type")).toBe("object");
  expect(at(document, "definitions", "io.k8s.api.core.v1.ConfigMap", "type")).toBe("object");
  const protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const answer = ask("/openapi/v2", { accept: protobuf });
  expect(answer?.object).toBeUndefined();
  expect(Buffer.from(answer?.bytes ?? []).includes("com.example.shop.v1.Widget")).toBe(true);
});

test("types are resolved when they are looked at, and refer to themselves", () => {
  const schema = typeNode("apiextensions/v1.JSONSchemaProps");
  expect(schema.field?.("not")).toMatchObject({ typeName: schema.typeName });
});

test("a patch publishes the parameters by which kubectl knows that the server validates and tries", () => {
  const document = ask("/openapi/v3/apis/shop.example.com/v1")?.object;
  const patch = at(
    document,
    "paths",
    "/apis/shop.example.com/v1/namespaces/{namespace}/widgets/{name}",
    "patch",
    "parameters",
  );
  const names = (patch as readonly { readonly name: string }[]).map(({ name }) => name);
  expect(names).toEqual(["dryRun", "fieldManager", "fieldValidation", "force"]);
});
