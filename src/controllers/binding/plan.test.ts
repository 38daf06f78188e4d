import { expect, test } from "vitest";
import type { Binding, BindingSpec, Work } from "#api/work";
import { isSuspended, orphansOf, planWork, targetsOf } from "./plan.ts";

const binding = (spec: Partial<BindingSpec>): Binding => ({
  apiVersion: "work.karmada.io/v1alpha2",
  kind: "ResourceBinding",
  metadata: { name: "web-deployment", namespace: "shop" },
  spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" }, ...spec },
});

const work = (cluster: string, fields: object = {}, spec: object = {}): Work => ({
  apiVersion: "work.karmada.io/v1alpha1",
  kind: "Work",
  metadata: {
    name: "web",
    namespace: `karmada-es-${cluster}`,
    finalizers: ["karmada.io/execution-controller"],
    ...fields,
  },
  spec: { workload: { manifests: [] }, preserveResourcesOnDeletion: false, ...spec },
});

test("targets are the scheduled clusters, then those where something else requires it", () => {
  const both = binding({
    clusters: [{ name: "a", replicas: 2 }],
    requiredBy: [{ name: "x", clusters: [{ name: "a" }, { name: "b" }] }],
  });
  expect(targetsOf(both)).toEqual([{ name: "a", replicas: 2 }, { name: "b" }]);
});

test("a cluster that is left gracefully keeps its Work, one that is purged or no target does not", () => {
  const task = { reason: "TaintUntolerated", producer: "TaintManager" };
  const leaving = binding({
    clusters: [{ name: "a" }],
    gracefulEvictionTasks: [
      { ...task, fromCluster: "b", purgeMode: "Gracefully" },
      { ...task, fromCluster: "c", purgeMode: "Directly" },
    ],
  });
  const orphans = orphansOf(leaving, [work("a"), work("b"), work("c"), work("d")]);
  expect(orphans.map(({ metadata }) => metadata.namespace)).toEqual(["karmada-es-c", "karmada-es-d"]);
});

test("suspension holds back all clusters, or those named", () => {
  const named = binding({ suspension: { dispatchingOnClusters: { clusterNames: ["a"] } } });
  expect([
    isSuspended(binding({ suspension: { dispatching: true } }), "b"),
    isSuspended(named, "a"),
    isSuspended(named, "b"),
  ]).toEqual([true, true, false]);
});

test("an equal Work is not written, an unsuspended one loses its flag, a terminating one blocks", () => {
  expect(planWork(work("a"), work("a"))).toEqual({ kind: "none" });
  expect(planWork(work("a"), work("a", {}, { suspendDispatching: true }))).toEqual({
    kind: "patch",
    patch: { spec: { suspendDispatching: null } },
  });
  expect(planWork(work("a"), work("a", { deletionTimestamp: "2026-01-01T00:00:00Z" }))).toEqual({
    kind: "blocked",
    why: "work karmada-es-a/web is being deleted",
  });
});

test("a takeover guard switch disappears with its cause, other annotations stay", () => {
  const existing = work("a", { annotations: { "migration.drover.io/takeover-guard": "off", other: "kept" } });
  expect(planWork(work("a"), existing)).toEqual({
    kind: "patch",
    patch: { metadata: { annotations: { "migration.drover.io/takeover-guard": null } } },
  });
});
