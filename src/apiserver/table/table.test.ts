import { describe, expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { columnsFor, humanDuration, jsonPath } from "./index.ts";

const nowMs = Date.parse("2026-01-02T00:00:00Z");
const minutesAgo = (minutes: number): string => new Date(nowMs - minutes * 60_000).toISOString();
const creationTimestamp = minutesAgo(5);

/** Column names to cells, as `-o wide` shows them. */
function row(group: string, resource: string, fields: object): Readonly<Record<string, unknown>> {
  const { columns, cells } = columnsFor(group, resource);
  const object = { apiVersion: "v1", kind: "K", metadata: { name: "a", creationTimestamp }, ...fields } as KubeObject;
  return Object.fromEntries(cells(object, nowMs).map((cell, index) => [columns[index]?.name, cell]));
}

test.each([
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [125, "2m5s"],
  [600, "10m"],
  [10_799, "179m"],
  [10_800, "3h"],
  [11_700, "3h15m"],
  [28_800, "8h"],
  [172_799, "47h"],
  [172_800, "2d"],
  [180_000, "2d2h"],
  [691_200, "8d"],
  [63_072_000, "2y"],
  [66_000_000, "2y33d"],
  [252_288_000, "8y"],
  [-5, "<invalid>"],
])("%d seconds read as %s", (seconds, text) => {
  expect(humanDuration(seconds * 1000)).toBe(text);
});

const widget = {
  spec: {
    size: 3,
    "a.b": "dotted",
    list: [
      { n: "x", v: 1 },
      { n: "y", v: 2 },
    ],
  },
  status: {
    conditions: [
      { type: "Ready", status: "True" },
      { type: "Idle", status: "False" },
    ],
  },
};

test.each([
  [".spec.size", [3]],
  ["{.spec.size}", [3]],
  [".spec.none.deep", []],
  [".spec.list[0].n", ["x"]],
  [".spec.list[-1].n", ["y"]],
  [".spec.list[*].v", [1, 2]],
  [".spec.list[0:1].v", [1]],
  [".spec['a.b']", ["dotted"]],
  [".spec.a\\.b", ["dotted"]],
  ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
  [".spec.list[?(@.v>1)].n", ["y"]],
  ["..n", ["x", "y"]],
])("the path %s finds %j", (path, values) => {
  expect(jsonPath(path)(widget)).toEqual(values);
});

test("a path that is not understood is refused when it is compiled", () => {
  expect(() => jsonPath(".spec[")).toThrow(SyntaxError);
  expect(() => jsonPath(".spec[a b]")).toThrow(SyntaxError);
});

const container = (name: string, state: object, more: object = {}) => ({ name, state, restartCount: 0, ...more });
const running = container("c", { running: {} }, { ready: true });
const spec = { containers: [{ name: "c" }], nodeName: "n" };

describe("the status of a Pod", () => {
  test.each([
    ["Running", { phase: "Running", containerStatuses: [running] }],
    [
      "ContainerCreating",
      { phase: "Pending", containerStatuses: [container("c", { waiting: { reason: "ContainerCreating" } })] },
    ],
    [
      "CrashLoopBackOff",
      { phase: "Running", containerStatuses: [container("c", { waiting: { reason: "CrashLoopBackOff" } })] },
    ],
    [
      "Completed",
      { phase: "Succeeded", containerStatuses: [container("c", { terminated: { reason: "Completed", exitCode: 0 } })] },
    ],
    ["ExitCode:3", { phase: "Failed", containerStatuses: [container("c", { terminated: { exitCode: 3 } })] }],
    ["Evicted", { phase: "Failed", reason: "Evicted" }],
    ["Init:0/1", { phase: "Pending", initContainerStatuses: [container("i", { running: {} })] }],
    [
      "Init:Error",
      { phase: "Pending", initContainerStatuses: [container("i", { terminated: { reason: "Error", exitCode: 1 } })] },
    ],
    ["SchedulingGated", { phase: "Pending", conditions: [{ type: "PodScheduled", reason: "SchedulingGated" }] }],
  ])("reads %s", (text, status) => {
    const full = { ...spec, initContainers: "initContainerStatuses" in status ? [{ name: "i" }] : [] };
    expect(row("", "pods", { spec: full, status }).Status).toBe(text);
  });

  test("is Terminating while the Pod is going", () => {
    const metadata = { name: "a", deletionTimestamp: minutesAgo(0) };
    expect(row("", "pods", { metadata, spec, status: { phase: "Running", containerStatuses: [running] } }).Status).toBe(
      "Terminating",
    );
  });
});

test("a Pod's row counts ready containers and restarts", () => {
  const restarted = { ...running, restartCount: 2, lastState: { terminated: { finishedAt: minutesAgo(3) } } };
  expect(
    row("", "pods", { spec, status: { phase: "Running", podIP: "10.0.0.1", containerStatuses: [restarted] } }),
  ).toEqual({
    Name: "a",
    Ready: "1/1",
    Status: "Running",
    Restarts: "2 (3m ago)",
    Age: "5m",
    IP: "10.0.0.1",
    Node: "n",
    "Nominated Node": "<none>",
    "Readiness Gates": "<none>",
  });
});

test("rows of workloads and their services", () => {
  const template = {
    spec: {
      containers: [
        { name: "c", image: "i:1" },
        { name: "d", image: "j" },
      ],
    },
  };
  const selector = {
    matchLabels: { app: "a" },
    matchExpressions: [{ key: "tier", operator: "In", values: ["b", "a"] }],
  };
  expect(
    row("apps", "deployments", { spec: { replicas: 2, selector, template }, status: { readyReplicas: 1 } }),
  ).toMatchObject({
    Ready: "1/2",
    "Up-to-date": 0,
    Containers: "c,d",
    Images: "i:1,j",
    Selector: "app=a,tier in (a,b)",
  });
  expect(
    row("batch", "jobs", { spec: { completions: 3 }, status: { succeeded: 1, startTime: minutesAgo(4) } }),
  ).toMatchObject({
    Status: "Running",
    Completions: "1/3",
    Duration: "4m",
  });
  const service = {
    spec: {
      type: "NodePort",
      ports: [
        { port: 80, nodePort: 30080 },
        { port: 53, protocol: "UDP" },
      ],
      selector: { app: "a" },
    },
  };
  expect(row("", "services", service)).toMatchObject({
    "Cluster-IP": "<none>",
    "External-IP": "<none>",
    "Port(s)": "80:30080/TCP,53/UDP",
    Selector: "app=a",
  });
  const scaler = {
    apiVersion: "autoscaling/v1",
    spec: { scaleTargetRef: { kind: "Deployment", name: "d" }, maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
  };
  expect(row("autoscaling", "horizontalpodautoscalers", scaler)).toMatchObject({
    Reference: "Deployment/d",
    Targets: "cpu: <unknown>/80%",
    MinPods: "<unset>",
  });
});

test("an event's row is the same in both groups", () => {
  const event = {
    type: "Normal",
    reason: "Made",
    involvedObject: { kind: "ConfigMap", name: "a" },
    message: "done",
    lastTimestamp: minutesAgo(2),
    source: { component: "tester" },
  };
  expect(row("", "events", event)).toMatchObject({
    "Last Seen": "2m",
    Object: "configmap/a",
    Source: "tester",
    Message: "done",
    Count: 1,
    Name: "a",
  });
  expect(
    row("events.k8s.io", "events", {
      apiVersion: "events.k8s.io/v1",
      regarding: { kind: "Pod", name: "p" },
      note: "seen",
    }),
  ).toMatchObject({
    Object: "pod/p",
    Message: "seen",
  });
});
