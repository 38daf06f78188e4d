import { expect, test } from "vitest";
import type { Binding } from "#api/work";
import { planSchedule } from "./plan.ts";

const now = "2026-01-01T00:00:00Z";

const binding = (more: Partial<Binding> = {}): Binding => ({
  apiVersion: "work.karmada.io/v1alpha2",
  kind: "ResourceBinding",
  metadata: { name: "web-deployment", namespace: "shop", generation: 1 },
  spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, placement: {} },
  ...more,
});

test("a result is written once: clusters, the placement it was judged by, the generation after the write", () => {
  const result = { kind: "scheduled", clusters: [{ name: "m1", replicas: 2 }], unknownClusters: [] } as const;
  const plan = planSchedule(binding(), result, now);
  expect(plan.patch).toEqual({
    metadata: { annotations: { "policy.karmada.io/applied-placement": "{}" } },
    spec: { clusters: [{ name: "m1", replicas: 2 }] },
  });
  expect(plan.status?.schedulerObservedGeneration).toBe(2);
  expect(plan.event).toEqual({
    type: "normal",
    message: "Binding has been scheduled successfully. Result: {m1:2}",
  });
  const written = binding({
    metadata: { ...binding().metadata, generation: 2, annotations: { "policy.karmada.io/applied-placement": "{}" } },
    spec: { ...binding().spec, clusters: result.clusters },
    ...(plan.status === undefined ? {} : { status: plan.status }),
  });
  const again = planSchedule(written, result, "2026-01-02T00:00:00Z");
  expect([again.patch, again.status, again.event]).toEqual([undefined, undefined, undefined]);
});

test("a placement that fits nothing says so and takes the object from no cluster", () => {
  const placed = binding({ spec: { ...binding().spec, clusters: [{ name: "m1" }] } });
  const plan = planSchedule(placed, { kind: "noFit", message: "0/1 clusters are available: no." }, now);
  expect(plan.patch).toEqual({ metadata: { annotations: { "policy.karmada.io/applied-placement": "{}" } } });
  expect(plan.status?.conditions?.[0]).toMatchObject({ status: "False", reason: "NoClusterFit" });
  expect(plan.retry).toBe(false);
});

test("a cluster that leaves is taken out even where nothing fits: it waits for that", () => {
  const placed = binding({ spec: { ...binding().spec, clusters: [{ name: "m1" }, { name: "m2" }] } });
  const plan = planSchedule(placed, { kind: "noFit", message: "no" }, now, (name) => name === "m1");
  expect(plan.patch?.spec).toEqual({ clusters: [{ name: "m2" }] });
});
