import { describe, expect, test } from "vitest";
import type { Cluster } from "#api/cluster";
import type { OverridePolicy, Overriders } from "#api/policy";
import { fieldAt, type KubeObject } from "#machinery";
import { applyOverrides } from "./apply.ts";
import { overrideImage } from "./image.ts";

const east: Cluster = {
  apiVersion: "cluster.karmada.io/v1alpha1",
  kind: "Cluster",
  metadata: { name: "east" },
  spec: { syncMode: "Push" },
};

const template: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "shop", name: "cart", labels: { app: "cart" } },
  spec: {
    template: { spec: { containers: [{ name: "web", image: "nginx:1", args: ["-a", "-b"] }, { name: "log" }] } },
  },
};

const policy = (name: string, overriders: Overriders, more: object = {}): OverridePolicy => ({
  apiVersion: "policy.karmada.io/v1alpha1",
  kind: "OverridePolicy",
  metadata: { namespace: "shop", name },
  spec: { overrideRules: [{ overriders }], ...more },
});

const clusterWide = (name: string, overriders: Overriders): OverridePolicy => ({
  ...policy(name, overriders),
  metadata: { name },
});

const overridden = (overriders: Overriders, object: KubeObject = template): KubeObject =>
  applyOverrides({ template: object, cluster: east, clusterPolicies: [], policies: [policy("p", overriders)] }).object;

const container = (object: KubeObject): unknown => fieldAt(object, ["spec", "template", "spec", "containers", 0]);

describe("an image", () => {
  test.each([
    ["nginx:1.2", "Registry", "add", "reg.io", "reg.io/nginx:1.2"],
    ["reg.io/a/b:1", "Registry", "replace", "other:5000", "other:5000/a/b:1"],
    ["localhost/a:1", "Registry", "remove", undefined, "a:1"],
    ["team/nginx", "Repository", "replace", "x/y", "x/y"],
    ["reg.io/nginx:1", "Repository", "add", "-slim", "reg.io/nginx-slim:1"],
    ["nginx:1", "Tag", "add", "-alpine", "nginx:1-alpine"],
    ["nginx", "Tag", "add", "2", "nginx:2"],
    ["nginx:1", "Tag", "replace", `sha256:${"a".repeat(64)}`, `nginx@sha256:${"a".repeat(64)}`],
    ["nginx@sha256:abc", "Tag", "remove", undefined, "nginx"],
    ["reg.io:5000/nginx", "Tag", "remove", undefined, "reg.io:5000/nginx"],
    ["nginx:1", "Tag", "replace", "no tag!", "nginx:1"],
  ] as const)("%s with %s %s %s becomes %s", (...row) => {
    const [image, component, operator, value, expected] = row;
    expect(overrideImage(image, { component, operator, value })).toBe(expected);
  });
});

describe("overriders", () => {
  test("change images, commands and args of the named container", () => {
    const result = overridden({
      imageOverrider: [{ component: "Tag", operator: "replace", value: "2" }],
      commandOverrider: [{ containerName: "web", operator: "add", value: ["run"] }],
      argsOverrider: [{ containerName: "web", operator: "remove", value: ["-a"] }],
    });
    expect(container(result)).toEqual({ name: "web", image: "nginx:2", args: ["-b"], command: ["run"] });
  });

  test("an image at a pointer is changed in any kind", () => {
    const object: KubeObject = { ...template, kind: "Widget", spec: { images: ["a:1", "b:1"] } };
    const predicate = { path: "/spec/images/1" };
    const result = overridden(
      { imageOverrider: [{ predicate, component: "Tag", operator: "replace", value: "9" }] },
      object,
    );
    expect(result.spec).toEqual({ images: ["a:1", "b:9"] });
  });

  test("labels are added, and replaced or removed only where they are", () => {
    const result = overridden({
      labelsOverrider: [
        { operator: "add", value: { tier: "front" } },
        { operator: "replace", value: { app: "shop", none: "x" } },
        { operator: "remove", value: { tier: "" } },
      ],
      annotationsOverrider: [{ operator: "add", value: { note: "y" } }],
    });
    expect([result.metadata.labels, result.metadata.annotations]).toEqual([{ app: "shop" }, { note: "y" }]);
  });

  test("parts of a text field are patched as JSON or YAML", () => {
    const object: KubeObject = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "shop", name: "c" },
      data: { "a.json": '{"x":1}', "b.yaml": "x: 1\nlist:\n  - 1\n" },
    };
    const result = overridden(
      {
        fieldOverrider: [
          { fieldPath: "/data/a.json", json: [{ subPath: "/x", operator: "replace", value: 2 }] },
          { fieldPath: "/data/b.yaml", yaml: [{ subPath: "/list/0", operator: "remove" }] },
        ],
      },
      object,
    );
    expect(result.data).toEqual({ "a.json": '{"x":2}', "b.yaml": "x: 1\nlist: []\n" });
  });

  test("the template itself stays as it is", () => {
    overridden({ plaintext: [{ path: "/metadata/labels/app", operator: "replace", value: "x" }] });
    expect(template.metadata.labels).toEqual({ app: "cart" });
  });
});

describe("which policies apply", () => {
  const add = (value: string): Overriders => ({ labelsOverrider: [{ operator: "add", value: { by: value } }] });

  test("cluster-wide first, then the namespace's, the more precise selector last", () => {
    const named = { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "cart" }] };
    const elsewhere = { ...policy("a", add("elsewhere")), metadata: { namespace: "other", name: "a" } };
    const result = applyOverrides({
      template,
      cluster: east,
      clusterPolicies: [clusterWide("z", add("cluster"))],
      policies: [policy("a", add("named"), named), policy("b", add("all")), elsewhere],
    });
    expect(result.object.metadata.labels).toEqual({ app: "cart", by: "named" });
    expect(result.appliedOverrides.map((one) => one.policyName)).toEqual(["b", "a"]);
    expect(result.appliedClusterOverrides).toEqual([{ policyName: "z", overriders: add("cluster") }]);
  });

  test("rules for other clusters are passed over, the deprecated single rule counts", () => {
    const rule = { targetCluster: { clusterNames: ["west"] }, overriders: add("west") };
    const old = policy("old", {}, { overrideRules: undefined, overriders: add("old") });
    const policies = [policy("p", {}, { overrideRules: [rule] }), old];
    const result = applyOverrides({ template, cluster: east, clusterPolicies: [], policies });
    expect(result.object.metadata.labels).toEqual({ app: "cart", by: "old" });
  });

  test("an overrider that cannot be applied names policy and cluster", () => {
    const broken = policy("p", { plaintext: [{ path: "/spec/nothing/here", operator: "replace", value: 1 }] });
    const run = () => applyOverrides({ template, cluster: east, clusterPolicies: [], policies: [broken] });
    expect(run).toThrow(/override policy shop\/p for cluster east/);
  });
});
