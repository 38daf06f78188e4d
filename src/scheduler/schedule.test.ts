import { describe, expect, test } from "vitest";
import type { Cluster } from "#api/cluster";
import type { Placement, ReplicaScheduling } from "#api/policy";
import type { Binding, TargetCluster } from "#api/work";
import { appliedPlacementText, concernsBinding, isSchedulable, needsScheduling } from "./needs.ts";
import { schedule } from "./schedule.ts";
import { divideByWeight } from "./webster.ts";

const asc = "3f1f2c1e-0000-4000-8000-000000000002";
const desc = "3f1f2c1e-0000-4000-8000-000000000001";

const cluster = (name: string, spec: Partial<Cluster["spec"]> = {}, labels: Record<string, string> = {}): Cluster => ({
  apiVersion: "cluster.karmada.io/v1alpha1",
  kind: "Cluster",
  metadata: { name, labels },
  spec: { syncMode: "Push", ...spec },
  status: { apiEnablements: [{ groupVersion: "apps/v1", resources: [{ name: "deployments", kind: "Deployment" }] }] },
});

const binding = (spec: Partial<Binding["spec"]> = {}, more: Partial<Binding> = {}): Binding => ({
  apiVersion: "work.karmada.io/v1alpha2",
  kind: "ResourceBinding",
  metadata: { namespace: "shop", name: "cart-deployment", generation: 1 },
  ...more,
  spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", name: "cart", uid: asc }, replicas: 2, ...spec },
});

const divided = (more: Partial<ReplicaScheduling>): ReplicaScheduling => ({
  replicaSchedulingType: "Divided",
  ...more,
});
const aggregated = divided({ replicaDivisionPreference: "Aggregated" });
const dynamic = divided({
  replicaDivisionPreference: "Weighted",
  weightPreference: { dynamicWeight: "AvailableReplicas" },
});

interface Case {
  readonly placement?: Placement;
  readonly replicas?: number;
  readonly now?: readonly TargetCluster[];
  readonly free?: Readonly<Record<string, number>>;
  readonly clusters?: readonly Cluster[];
  readonly spec?: Partial<Binding["spec"]>;
  readonly status?: Binding["status"];
}

function run({ placement = {}, replicas = 2, now = [], free = {}, clusters, spec, status }: Case) {
  return schedule({
    binding: binding({ placement, replicas, clusters: now, ...spec }, { status }),
    clusters: clusters ?? ["a", "b", "c"].map((name) => cluster(name)),
    availableReplicas: (of) => free[of.metadata.name ?? ""] ?? 0,
  });
}

function targets(of: Case): string {
  const result = run(of);
  if (result.kind !== "scheduled") return `${result.kind}: ${result.message}`;
  return result.clusters.map(({ name, replicas = 0 }) => `${name}${replicas}`).join(" ");
}

describe("dividing seats by weight", () => {
  test.each([
    [5, { a: 2, b: 1 }, asc, "a3 b2"],
    [9, { a: 1, b: 2 }, asc, "a3 b6"],
    [9, { a: 1, b: 3 }, asc, "a2 b7"],
    [7, { a: 3, b: 2, c: 1 }, asc, "a4 b2 c1"],
    [10, { a: 1, b: 1, c: 1 }, asc, "a4 b3 c3"],
    [10, { a: 1, b: 1, c: 1 }, "", "a4 b3 c3"],
    [10, { a: 1, b: 1, c: 1 }, desc, "a3 b3 c4"],
    [2, { a: 1, b: 1, c: 1 }, asc, "a1 b1 c0"],
    [2, { a: 1, b: 2 }, desc, "a1 b1"],
    [3, { a: 1, b: 9 }, asc, "a0 b3"],
    [4, { a: 10, b: 6 }, desc, "a2 b2"],
    [12, { a: 10, b: 6 }, asc, "a7 b5"],
  ])("%i over %o with uid %s", (seats, weights, uid, expected) => {
    const parties = Object.entries(weights).map(([name, weight]) => ({ name, weight }));
    const shares = divideByWeight(seats, parties, uid);
    expect([...shares].map(([name, won]) => `${name}${won}`).join(" ")).toBe(expected);
  });
});

describe("replica division", () => {
  test("every selected cluster gets all replicas by default", () => {
    expect(targets({ replicas: 3 })).toBe("a3 b3 c3");
  });

  test("static weights leave out clusters without a rule, and are even where no rule fits", () => {
    const staticWeightList = [
      { targetCluster: { clusterNames: ["a"] }, weight: 1 },
      { targetCluster: { clusterNames: ["b"] }, weight: 2 },
    ];
    const weighted = (list: typeof staticWeightList) => ({
      replicaScheduling: divided({
        replicaDivisionPreference: "Weighted",
        weightPreference: { staticWeightList: list },
      }),
    });
    expect(targets({ placement: weighted(staticWeightList), replicas: 9 })).toBe("a3 b6");
    expect(targets({ placement: weighted([]), replicas: 2 })).toBe("a1 b1");
  });

  test("aggregated takes the shortest prefix with room", () => {
    const placement = { replicaScheduling: aggregated };
    expect(targets({ placement, replicas: 12, free: { a: 10, b: 6, c: 4 } })).toBe("a7 b5");
  });

  test("aggregated adds the missing replicas to clusters in use first", () => {
    const placement = { replicaScheduling: aggregated };
    const now = [{ name: "a", replicas: 10 }];
    expect(targets({ placement, replicas: 12, now, free: { a: 0, b: 6, c: 8 } })).toBe("a10 c2");
  });

  test("dynamic weights scale down over what is assigned", () => {
    const now = [
      { name: "a", replicas: 6 },
      { name: "b", replicas: 4 },
    ];
    expect(targets({ placement: { replicaScheduling: dynamic }, replicas: 5, now })).toBe("a3 b2");
  });

  test("replicas of a cluster that is no candidate any more are placed anew", () => {
    const now = [
      { name: "a", replicas: 6 },
      { name: "b", replicas: 4 },
    ];
    const placement = { replicaScheduling: dynamic, clusterAffinity: { exclude: ["b"] } };
    expect(targets({ placement, replicas: 10, now, free: { a: 1, c: 3 } })).toBe("a7 c3");
  });

  test("too little room is unschedulable", () => {
    expect(targets({ placement: { replicaScheduling: dynamic }, replicas: 5, free: { a: 1, b: 1, c: 1 } })).toBe(
      "unschedulable: Clusters available replicas 3 are not enough to schedule.",
    );
  });

  test("a requested rescheduling distributes everything anew", () => {
    const result = targets({
      placement: { replicaScheduling: dynamic, clusterAffinity: { clusterNames: ["a", "b"] } },
      replicas: 6,
      now: [{ name: "a", replicas: 6 }],
      free: { a: 10, b: 6 },
      spec: { rescheduleTriggeredAt: "2026-01-02T00:00:00Z" },
      status: { lastScheduledTime: "2026-01-01T00:00:00Z" },
    });
    expect(result).toBe("a4 b2");
  });

  test("a workload scaled to zero stays in its clusters", () => {
    const spec = { replicaRequirements: { resourceRequest: { cpu: "1" } } };
    const now = [{ name: "b", replicas: 3 }];
    expect(targets({ placement: { replicaScheduling: dynamic }, replicas: 0, now, spec })).toBe("b0");
    expect(targets({ replicas: 0, now, spec })).toBe("a0 b0 c0");
  });

  test("overflow groups get what the first group has no room for", () => {
    const overflowAffinities = [{ affinityName: "spare", clusterNames: ["c"] }];
    const clusterAffinities = [{ affinityName: "main", clusterNames: ["a"], overflowAffinities }];
    const placement = { replicaScheduling: dynamic, clusterAffinities };
    expect(targets({ placement, replicas: 7, free: { a: 5, c: 9 } })).toBe("a5 c2");
  });
});

describe("choosing clusters", () => {
  test("names every reason where nothing fits, and clusters that are not registered", () => {
    const clusters = [
      cluster("a", { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] }),
      { ...cluster("b"), status: {} },
      cluster("c"),
    ];
    const placement = { clusterAffinity: { clusterNames: ["a", "b", "nowhere"] } };
    expect(targets({ placement, clusters })).toBe(
      "noFit: 0/3 clusters are available: 1 cluster(s) did not have the API resource, 1 cluster(s) did not match the placement cluster affinity constraint, 1 cluster(s) had untolerated taint {gpu=yes:NoSchedule}. The placement names clusters that are not registered: nowhere.",
    );
  });

  test("says which named clusters are not registered even where others fit", () => {
    const placement = { clusterAffinity: { clusterNames: ["a", "nowhere"] } };
    expect(run({ placement })).toMatchObject({ kind: "scheduled", unknownClusters: ["nowhere"] });
  });

  test("a cluster that has the object keeps it through a new taint", () => {
    const clusters = [cluster("a", { taints: [{ key: "x", effect: "NoSchedule" }] }), cluster("b")];
    expect(targets({ clusters, now: [{ name: "a", replicas: 2 }] })).toBe("a2 b2");
  });

  test("a cluster in eviction or deletion is no candidate", () => {
    const gone = cluster("b");
    const clusters = [
      cluster("a"),
      { ...gone, metadata: { ...gone.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } },
      cluster("c"),
    ];
    const spec = { gracefulEvictionTasks: [{ fromCluster: "a", reason: "r", producer: "p" }] };
    expect(targets({ clusters, spec })).toBe("c2");
  });

  test("spread by cluster takes the best, swapped for roomier ones where replicas would not fit", () => {
    const spreadConstraints = [{ spreadByField: "cluster" as const, minGroups: 1, maxGroups: 1 }];
    expect(targets({ placement: { spreadConstraints }, now: [{ name: "c", replicas: 2 }] })).toBe("c2");
    const placement = { spreadConstraints, replicaScheduling: aggregated };
    expect(targets({ placement, replicas: 8, now: [{ name: "a", replicas: 1 }], free: { a: 1, b: 9 } })).toBe("b8");
    const tooMany = [{ spreadByField: "cluster" as const, minGroups: 4 }];
    expect(targets({ placement: { spreadConstraints: tooMany } })).toMatch(/^error: .*MinGroups: 3 of 4/);
  });

  test("spread by region takes a cluster of each region", () => {
    const clusters = [
      cluster("a", { region: "x" }),
      cluster("b", { region: "x" }),
      cluster("c", { region: "y" }),
      cluster("d"),
    ];
    const spreadConstraints = [
      { spreadByField: "region" as const, minGroups: 2, maxGroups: 2 },
      { spreadByField: "cluster" as const, minGroups: 2, maxGroups: 2 },
    ];
    expect(targets({ clusters, placement: { spreadConstraints } })).toBe("a2 c2");
  });

  test("affinity terms are tried in order from the observed one", () => {
    const clusterAffinities = [
      { affinityName: "first", clusterNames: ["a"] },
      { affinityName: "second", clusterNames: ["nowhere"] },
      { affinityName: "third", clusterNames: ["c"] },
    ];
    expect(run({ placement: { clusterAffinities } })).toMatchObject({ affinityName: "first" });
    const status = { schedulerObservingAffinityName: "second" };
    expect(run({ placement: { clusterAffinities }, status })).toMatchObject({ affinityName: "third" });
  });

  test("capacity comes from the cluster's own summary", () => {
    const roomy: Cluster = {
      ...cluster("a"),
      status: {
        ...cluster("a").status,
        resourceSummary: { allocatable: { pods: "100", cpu: "4" }, allocated: { pods: "10", cpu: "1500m" } },
      },
    };
    const spec = { replicaRequirements: { resourceRequest: { cpu: "500m" } } };
    const of = (replicas: number) =>
      schedule({
        binding: binding({ replicas, placement: { replicaScheduling: dynamic }, ...spec }),
        clusters: [roomy],
      });
    expect(of(5)).toMatchObject({ kind: "scheduled", clusters: [{ name: "a", replicas: 5 }] });
    expect(of(6)).toMatchObject({ kind: "unschedulable" });
  });
});

describe("when to schedule", () => {
  const placement: Placement = { replicaScheduling: dynamic };
  const settled = binding(
    { placement, clusters: [{ name: "a", replicas: 2 }] },
    {
      metadata: {
        namespace: "shop",
        name: "cart-deployment",
        labels: { "propagationpolicy.karmada.io/permanent-id": "id" },
        annotations: { "policy.karmada.io/applied-placement": appliedPlacementText(placement) },
      },
    },
  );

  test("a settled binding is left alone", () => {
    expect([isSchedulable(settled), needsScheduling(settled)]).toEqual([true, false]);
  });

  test("another placement, another number of replicas or a leaving cluster asks for it", () => {
    const leaving = cluster("a");
    const gone = { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect([
      needsScheduling({ ...settled, spec: { ...settled.spec, placement: { ...placement, clusterAffinity: {} } } }),
      needsScheduling({ ...settled, spec: { ...settled.spec, replicas: 3 } }),
      needsScheduling(settled, [gone]),
    ]).toEqual([true, true, true]);
  });

  test("a binding without a policy is none of the scheduler's business", () => {
    expect(isSchedulable(binding())).toBe(false);
  });

  test("a cluster concerns the bindings whose affinity takes it", () => {
    const of = binding({ placement: { clusterAffinity: { clusterNames: ["a"] } } });
    expect([concernsBinding(of, cluster("a")), concernsBinding(of, cluster("b"))]).toEqual([true, false]);
  });
});
