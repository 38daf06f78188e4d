import { expect, test } from "vitest";
import type { Pod, StatefulSet } from "../kinds.ts";
import { planStateful, revisionFor, statefulStatus } from "./stateful.ts";

const set = (spec: Partial<StatefulSet["spec"]> = {}, image = "db:1"): StatefulSet => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "db", namespace: "shop", uid: "s" },
  spec: {
    replicas: 3,
    serviceName: "db",
    selector: { matchLabels: { app: "db" } },
    template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "db", image }] } },
    volumeClaimTemplates: [
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"] },
      },
    ],
    ...spec,
  },
});
const ready = (pod: Pod): Pod => ({
  ...pod,
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
});
const revisionOf = (of: StatefulSet) => revisionFor(of, []).revision;

function running(of: StatefulSet): readonly Pod[] {
  const pods: Pod[] = [];
  for (let step = 0; step < (of.spec.replicas ?? 1); step++) {
    pods.push(...planStateful(of, pods, revisionOf(of)).create.map(({ pod }) => ready(pod)));
  }
  return pods;
}

test("Pods are made one after the other, each with its number and its claim", () => {
  const steps = planStateful(set(), [], revisionOf(set())).create;
  expect(steps.map(({ pod }) => pod.metadata.name)).toEqual(["db-0"]);
  expect(steps[0]?.claims.map(({ metadata }) => metadata.name)).toEqual(["data-db-0"]);
  expect(steps[0]?.pod.spec).toMatchObject({
    hostname: "db-0",
    subdomain: "db",
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-db-0" } }],
  });
});

test("with the Parallel policy all start at once", () => {
  const parallel = set({ podManagementPolicy: "Parallel" });
  expect(planStateful(parallel, [], revisionOf(parallel)).create).toHaveLength(3);
});

test("a new template replaces one Pod at a time, the highest number first, down to the partition", () => {
  const pods = running(set());
  const next = set({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } }, "db:2");
  expect(planStateful(next, pods, revisionOf(next)).remove.map(({ metadata }) => metadata.name)).toEqual(["db-2"]);
  const without = pods.filter(({ metadata }) => metadata.name !== "db-2");
  const remade = planStateful(next, without, revisionOf(next)).create.map(({ pod }) => ready(pod));
  expect(planStateful(next, [...without, ...remade], revisionOf(next))).toEqual({ create: [], remove: [] });
});

test("fewer replicas take the highest number away and leave its claim", () => {
  const fewer = set({ replicas: 1 });
  expect(planStateful(fewer, running(set()), revisionOf(fewer)).remove.map(({ metadata }) => metadata.name)).toEqual([
    "db-2",
  ]);
});

test("the current revision follows once every Pod has the new one", () => {
  const before = { ...set(), status: { currentRevision: "db-old" } };
  expect(statefulStatus(before, [], revisionOf(before)).currentRevision).toBe("db-old");
  const status = statefulStatus(before, running(before), revisionOf(before));
  expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, updatedReplicas: 3, currentReplicas: 3 });
  expect(status.currentRevision).toBe(status.updateRevision);
});
