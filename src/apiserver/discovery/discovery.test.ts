import { expect, test } from "vitest";
import type { ResourceCatalogue } from "../kinds/definition.ts";
import { builtinDefinitions } from "../kinds/index.ts";
import { createDiscovery } from "./index.ts";

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

function builtinCatalogue(): ResourceCatalogue {
  const all = builtinDefinitions();
  return {
    all: () => all,
    find: (group, version, resource) =>
      all.find((one) => one.group === group && one.version === version && one.resource === resource),
    versions: (group) => [...new Set(all.filter((one) => one.group === group).map((one) => one.version))],
    onChange: () => () => undefined,
  };
}

const discovery = createDiscovery(builtinCatalogue());
const object = (path: string, accept = "application/json") => discovery.answer(path, { accept })?.object;

test("a group version lists its resources with verbs, names and subresources", () => {
  const list = object("/apis/apps/v1") as { resources: { name: string }[] };
  expect(list).toMatchObject({ kind: "APIResourceList", apiVersion: "v1", groupVersion: "apps/v1" });
  expect(list.resources.filter(({ name }) => name.startsWith("deployments"))).toEqual([
    {
      name: "deployments",
      singularName: "deployment",
      namespaced: true,
      kind: "Deployment",
      verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      shortNames: ["deploy"],
      categories: ["all"],
      storageVersionHash: "8aSe+NMegvE=",
    },
    {
      name: "deployments/scale",
      singularName: "",
      namespaced: true,
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    },
    {
      name: "deployments/status",
      singularName: "",
      namespaced: true,
      kind: "Deployment",
      verbs: ["get", "patch", "update"],
    },
  ]);
});

test("a group names its versions, preferred first", () => {
  expect(object("/apis/autoscaling/")).toEqual({
    kind: "APIGroup",
    apiVersion: "v1",
    name: "autoscaling",
    versions: [
      { groupVersion: "autoscaling/v2", version: "v2" },
      { groupVersion: "autoscaling/v1", version: "v1" },
    ],
    preferredVersion: { groupVersion: "autoscaling/v2", version: "v2" },
  });
  expect(object("/api")).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
});

test("the aggregated document is chosen by Accept, falls back along it, and is spared by its ETag", () => {
  const answer = discovery.answer("/apis", { accept: `${aggregated},application/json` });
  expect(answer?.object?.kind).toBe("APIGroupDiscoveryList");
  expect(answer?.headers["content-type"]).toBe(aggregated);
  const again = discovery.answer("/apis", { accept: aggregated, "if-none-match": answer?.headers.etag });
  expect(again).toMatchObject({ status: 304, headers: { vary: "Accept" } });
  expect(object("/apis", `${aggregated.replace("v2", "v9")},application/json`)?.kind).toBe("APIGroupList");
  expect(() => object("/apis", aggregated.replace("v2", "v9"))).toThrow("only the following media types");
});

test("unknown groups are left to the caller, unknown versions of built-in groups are not found", () => {
  expect(object("/apis/nope.example.com")).toBeUndefined();
  expect(object("/api/v1/pods")).toBeUndefined();
  expect(() => object("/apis/apps/v9")).toThrow("the server could not find the requested resource");
  expect(() => object("/api/v2")).toThrow("the server could not find the requested resource");
});
