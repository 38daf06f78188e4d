import { expect, test } from "vitest";
import type { Binding, Work } from "#api/work";
import { aggregate, bindingStatusPatch, fullyApplied } from "./plan.ts";

const at = { lastTransitionTime: "2026-01-01T00:00:00Z" };
const work = (cluster: string, applied: "True" | "False", more: object = {}): Work => ({
  apiVersion: "work.karmada.io/v1alpha1",
  kind: "Work",
  metadata: { name: "web", namespace: `karmada-es-${cluster}` },
  spec: {},
  status: {
    conditions: [{ type: "Applied", status: applied, reason: "r", message: `said ${applied}`, ...at }],
    ...more,
  },
});

const binding = (...clusters: readonly string[]): Binding => ({
  apiVersion: "work.karmada.io/v1alpha2",
  kind: "ResourceBinding",
  metadata: { name: "web-deployment", namespace: "shop" },
  spec: {
    resource: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    clusters: clusters.map((name) => ({ name })),
  },
});

test("a refused cluster shows its message and no status, an applied one its status and health", () => {
  const identifier = { ordinal: 0, version: "v1", kind: "Deployment", resource: "deployments", name: "web" };
  const reported = { manifestStatuses: [{ identifier, status: { replicas: 2 }, health: "Healthy" }] };
  expect(aggregate([work("b", "True", reported), work("a", "False", reported)])).toEqual([
    { clusterName: "a", appliedMessage: "said False", health: "Unknown" },
    { clusterName: "b", status: { replicas: 2 }, applied: true, health: "Healthy" },
  ]);
});

test("fully applied means every wanted cluster and no other", () => {
  const items = aggregate([work("a", "True"), work("b", "True")]);
  const states = [binding("a", "b"), binding("a"), binding("a", "b", "c"), binding()].map(
    (one) => fullyApplied(one, items).status,
  );
  expect(states).toEqual(["True", "False", "False", "False"]);
});

test("a binding that says so already is not written", () => {
  const items = aggregate([work("a", "True")]);
  const patch = bindingStatusPatch(binding("a"), items, "2026-01-01T00:00:00Z");
  const written = { ...binding("a"), status: patch?.status } as Binding;
  expect(patch).toBeDefined();
  expect(bindingStatusPatch(written, items, "2026-01-02T00:00:00Z")).toBeUndefined();
});
