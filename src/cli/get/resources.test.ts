import { expect, test } from "vitest";
import type { ApiResource } from "#client";
import { compareVersions, memberCatalogueFrom } from "./member-catalogue.ts";
import { findResource, parseWanted, qualifiedSingular, requireResources } from "./resources.ts";

const resource = (gvk: string, name: string, more: Partial<ApiResource> = {}): ApiResource => {
  const [group = "", version = "", kind = ""] = gvk.split("/");
  return {
    group,
    version,
    kind,
    resource: name,
    namespaced: true,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: ["list", "get"],
    subresources: [],
    ...more,
  };
};
const pods = resource("/v1/Pod", "pods", { shortNames: ["po"], categories: ["all"] });
const deployments = resource("apps/v1/Deployment", "deployments", { shortNames: ["deploy"], categories: ["all"] });
const scalers = resource("autoscaling/v2/HorizontalPodAutoscaler", "horizontalpodautoscalers", { shortNames: ["hpa"] });
const metrics = resource("metrics.k8s.io/v1beta1/PodMetrics", "pods");
const catalogue = { resources: [pods, deployments, scalers, metrics], partial: [] };

test.for([
  ["pods", pods],
  ["po", pods],
  ["Pod", pods],
  ["deploy.apps", deployments],
  ["deployments.v1.apps", deployments],
  ["pods.metrics.k8s.io", metrics],
  ["pods.metrics", metrics],
  ["deployments.v2.apps", undefined],
  ["nothing", undefined],
] as const)("%s names a kind as kubectl has it", ([word, expected]) => {
  expect(findResource(catalogue, word)).toBe(expected);
});

test("a category names all its kinds, an unknown word is refused by name", () => {
  expect(requireResources(catalogue, "all")).toEqual([pods, deployments]);
  expect(() => requireResources(catalogue, "frobs")).toThrow(`the server doesn't have a resource type "frobs"`);
});

test("arguments are kinds with names, or kind/name pairs", () => {
  expect(parseWanted(["deploy,svc"])).toEqual([
    { type: "deploy", names: [] },
    { type: "svc", names: [] },
  ]);
  expect(parseWanted(["deploy", "a", "b"])).toEqual([{ type: "deploy", names: ["a", "b"] }]);
  expect(parseWanted(["deploy/a", "svc/b"])).toEqual([
    { type: "deploy", names: ["a"] },
    { type: "svc", names: ["b"] },
  ]);
  expect(() => parseWanted(["deploy/a", "b"])).toThrow(`"b" is not TYPE/NAME`);
  expect(() => parseWanted([])).toThrow("no resource type given");
});

test("a server that leaves singular names empty still gets readable prefixes", () => {
  expect(qualifiedSingular({ ...deployments, singular: "" })).toBe("deployment.apps");
});

test("versions sort as Kubernetes prefers them", () => {
  const versions = ["v1beta1", "v1", "v2beta2", "v2", "v1alpha1", "foo"];
  expect(versions.sort(compareVersions)).toEqual(["v2", "v1", "v2beta2", "v1beta1", "v1alpha1", "foo"]);
});

test("a member's kinds come from what it reported, in its own best version", () => {
  const member = memberCatalogueFrom(
    [
      {
        groupVersion: "autoscaling/v1",
        resources: [{ name: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler" }],
      },
      {
        groupVersion: "autoscaling/v2beta2",
        resources: [{ name: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler" }],
      },
      { groupVersion: "example.com/v1", resources: [{ name: "widgets", kind: "Widget" }] },
    ],
    catalogue,
  );
  expect(findResource(member, "hpa")).toEqual({ ...scalers, version: "v1" });
  expect(findResource(member, "widgets")).toBe(undefined);
});
