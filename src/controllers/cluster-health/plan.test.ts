import { describe, expect, test } from "vitest";
import type { Cluster, Taint } from "#api/cluster";
import type { ApiResource } from "#client";
import type { Condition, KubeObject } from "#machinery";
import { enablementsCondition, enablementsOf } from "./enablements.ts";
import { type PodUse, podUseOf, resourceSummaryOf } from "./summary.ts";
import { taintsFor } from "./taints.ts";

const now = "2026-11-22T12:00:00Z";
const mine: Taint = { key: "team", value: "a", effect: "NoExecute" };
const notReady: Taint = { key: "cluster.karmada.io/not-ready", effect: "NoSchedule", timeAdded: now };
const unreachable: Taint = { key: "cluster.karmada.io/unreachable", effect: "NoSchedule", timeAdded: now };

function clusterWith(status: Condition["status"] | undefined, taints?: readonly Taint[]): Cluster {
  const conditions =
    status === undefined ? [] : [{ type: "Ready", status, reason: "", message: "", lastTransitionTime: "" }];
  return {
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: { name: "east" },
    spec: { syncMode: "Push", taints },
    status: { conditions },
  };
}

describe("taints", () => {
  test("follow the Ready condition and leave others alone", () => {
    expect([
      taintsFor(clusterWith(undefined, [mine]), now),
      taintsFor(clusterWith("Unknown", [mine, notReady]), now),
      taintsFor(clusterWith("True", [mine, unreachable]), now),
    ]).toEqual([[mine, notReady], [mine, unreachable], [mine]]);
  });

  test("that are right already are the same list, so nothing is written", () => {
    const taints = [mine, notReady];
    expect(taintsFor(clusterWith("False", taints), "later")).toBe(taints);
  });
});

const resource = (group: string, version: string, name: string, kind: string): ApiResource => ({
  group,
  version,
  resource: name,
  kind,
  namespaced: true,
  singular: "",
  shortNames: [],
  categories: [],
  verbs: [],
  subresources: ["status"],
});

test("what a member serves is listed by group-version and name, and says how complete it is", () => {
  const resources = [
    resource("", "v1", "services", "Service"),
    resource("apps", "v1", "deployments", "Deployment"),
    resource("", "v1", "pods", "Pod"),
  ];
  const found = enablementsOf({ resources, partial: [] });
  expect(found).toEqual([
    { groupVersion: "apps/v1", resources: [{ name: "deployments", kind: "Deployment" }] },
    {
      groupVersion: "v1",
      resources: [
        { name: "pods", kind: "Pod" },
        { name: "services", kind: "Service" },
      ],
    },
  ]);
  const reasons = [{ resources, partial: [] }, { resources, partial: ["metrics.k8s.io/v1beta1"] }, undefined].map(
    (catalogue) => enablementsCondition(catalogue, catalogue === undefined ? [] : found),
  );
  expect(reasons.map(({ status, reason, message }) => [status, reason, message])).toEqual([
    ["True", "Complete", "collected complete APIEnablements from the cluster"],
    ["False", "Partial", "might collect partial APIEnablements(2) from the cluster"],
    ["False", "Empty", "collected empty APIEnablements from the cluster"],
  ]);
});

function pod(
  phase: string,
  nodeName: string | undefined,
  requests: readonly object[],
  init: readonly object[] = [],
): KubeObject {
  const containers = (of: readonly object[]): object[] => of.map((each) => ({ resources: { requests: each } }));
  const spec = { nodeName, containers: containers(requests), initContainers: containers(init) };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec, status: { phase } };
}

test("requests of placed and waiting Pods are summed apart; ended Pods hold nothing", () => {
  const nodes = ["4", "3500m"].map(
    (cpu): KubeObject => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: cpu },
      status: { allocatable: { cpu, memory: "16Gi", pods: "110" } },
    }),
  );
  const pods = [
    pod("Running", "n1", [{ cpu: "250m", memory: "1Gi" }, { cpu: "250m" }], [{ cpu: "2" }]),
    pod("Pending", undefined, [{ cpu: "1", memory: "512Mi" }]),
    pod("Succeeded", "n1", [{ cpu: "8" }]),
  ];
  const uses = pods.map(podUseOf).filter((use): use is PodUse => use !== undefined);
  expect(resourceSummaryOf(nodes, uses)).toEqual({
    allocatable: { cpu: "7500m", memory: "32Gi", pods: "220" },
    allocating: { cpu: "1", memory: "512Mi", pods: "1" },
    allocated: { cpu: "2", memory: "1Gi", pods: "1" },
  });
});
