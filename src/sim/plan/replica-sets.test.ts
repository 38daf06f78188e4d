import { expect, test } from "vitest";
import { conditionOf, controllerReference, type Deployment, type ReplicaSet } from "../kinds.ts";
import { deploymentStatus } from "./deployment-status.ts";
import { currentReplicaSet, planReplicaSets, type ReplicaSetPlan, revisionAnnotation } from "./replica-sets.ts";

const deployment = (spec: Partial<Deployment["spec"]> = {}, image = "web:1"): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", uid: "d", generation: 1, annotations: { team: "a" } },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    ...spec,
  },
});

/** A replica set as the API server would hold it: with so many Pods, all of them available unless said otherwise. */
const stored = (set: ReplicaSet | undefined, available?: number): ReplicaSet => {
  if (set === undefined) throw new Error("no replica set was planned");
  const replicas = set.spec.replicas ?? 0;
  const ready = available ?? replicas;
  return {
    ...set,
    metadata: {
      ...set.metadata,
      uid: `uid-${set.metadata.name}`,
      ownerReferences: [controllerReference(deployment())],
    },
    status: { replicas, readyReplicas: ready, availableReplicas: ready },
  };
};

const noPods = (): number => 0;
const sizes = (plan: ReplicaSetPlan): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(plan.update.map((set) => [set.metadata.name, set.spec.replicas]));

const first = (of = deployment()): ReplicaSet => stored(planReplicaSets(of, [], noPods).create);

test("a new Deployment gets one replica set of its full size, named by the hash of its template", () => {
  const plan = planReplicaSets(deployment(), [], noPods);
  const hash = plan.create?.metadata.labels?.["pod-template-hash"];
  expect(plan.create).toMatchObject({
    metadata: { name: `web-${hash}`, annotations: { team: "a", [revisionAnnotation]: "1" } },
    spec: { replicas: 4, selector: { matchLabels: { app: "web", "pod-template-hash": hash } } },
  });
  expect(plan).toMatchObject({ update: [], remove: [], revision: "1" });
});

test("a settled Deployment asks for nothing", () => {
  const settled = {
    ...deployment(),
    metadata: { ...deployment().metadata, annotations: { team: "a", [revisionAnnotation]: "1" } },
  };
  expect(planReplicaSets(settled, [first()], noPods)).toEqual({ update: [], remove: [] });
});

test("labels and annotations of the Deployment alone replace no Pod", () => {
  const managed = deployment();
  const labelled = { ...managed, metadata: { ...managed.metadata, labels: { "karmada.io/managed": "true" } } };
  expect(currentReplicaSet(labelled, [first()])?.metadata.name).toBe(first().metadata.name);
});

test("an annotation in the template makes a new replica set within the surge", () => {
  const old = first();
  const template = deployment().spec.template;
  const annotated = { ...template, metadata: { ...template.metadata, annotations: { restartedAt: "now" } } };
  const plan = planReplicaSets(deployment({ template: annotated }), [old], noPods);
  expect(plan.create?.metadata.name).not.toBe(old.metadata.name);
  expect(plan.create?.spec.replicas).toBe(1);
});

test("a rollout never leaves fewer available Pods than it may, nor more in all", () => {
  const old = first();
  const next = deployment({}, "web:2");
  const fresh = stored(planReplicaSets(next, [old], noPods).create, 0);
  const plan = planReplicaSets(next, [old, fresh], noPods);
  expect(sizes(plan)).toEqual({ [old.metadata.name ?? ""]: 3 });
});

test("Pods of the old template that do not run go first", () => {
  const next = deployment({}, "web:2");
  const old = stored(first(), 2);
  const fresh = stored(planReplicaSets(next, [old], noPods).create, 1);
  expect(sizes(planReplicaSets(next, [old, fresh], noPods))).toEqual({ [old.metadata.name ?? ""]: 2 });
});

test("with Recreate nothing new starts while an old Pod is there", () => {
  const recreate = deployment({ strategy: { type: "Recreate" } }, "web:2");
  const old = first();
  expect(sizes(planReplicaSets(recreate, [old], () => 4))).toEqual({ [old.metadata.name ?? ""]: 0 });
  const emptied = { ...old, spec: { ...old.spec, replicas: 0 } };
  expect(planReplicaSets(recreate, [emptied], () => 1).create).toBeUndefined();
  expect(planReplicaSets(recreate, [emptied], noPods).create?.spec.replicas).toBe(4);
});

test("a change of size goes to the replica set there is, without a new one", () => {
  const plan = planReplicaSets(deployment({ replicas: 7 }), [first()], noPods);
  expect(plan.create).toBeUndefined();
  expect(sizes(plan)).toEqual({ [first().metadata.name ?? ""]: 7 });
});

test("a quiet Deployment is Available and its rollout has ended", () => {
  const set = first();
  const status = deploymentStatus(deployment(), [set], { current: set, nowMs: 0 });
  expect(status).toMatchObject({ observedGeneration: 1, replicas: 4, updatedReplicas: 4, availableReplicas: 4 });
  expect(status.unavailableReplicas).toBeUndefined();
  expect(conditionOf(status.conditions, "Available")?.status).toBe("True");
  expect(conditionOf(status.conditions, "Progressing")?.reason).toBe("NewReplicaSetAvailable");
});

test("a rollout that does not move for its deadline is reported as such", () => {
  const set = stored(first(), 0);
  const started = deploymentStatus(deployment(), [set], { current: set, nowMs: 0 });
  const underWay = { ...deployment(), status: started };
  const later = deploymentStatus(underWay, [set], { current: set, nowMs: 600_000 });
  expect(conditionOf(later.conditions, "Progressing")).toMatchObject({
    status: "False",
    reason: "ProgressDeadlineExceeded",
  });
});
