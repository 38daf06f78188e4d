import { readFile } from "node:fs/promises";
import { loadAll } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Condition, isConditionTrue, type KubeObject } from "#machinery";
import type { Sim } from "#sim";
import { type Fleet, startFleet, until } from "./fleet.ts";

const deployments = { group: "apps", version: "v1", resource: "deployments" };
const namespaces = { group: "", version: "v1", resource: "namespaces" };
const policies = { group: "policy.karmada.io", version: "v1alpha1", resource: "propagationpolicies" };
const bindings = { group: "work.karmada.io", version: "v1alpha2", resource: "resourcebindings" };

const events = { group: "", version: "v1", resource: "events" };

interface Told {
  readonly reason?: string;
  readonly message?: string;
}

type Binding = KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } };
type Deployment = KubeObject & { readonly spec: { readonly template: unknown } };

let fleet: Fleet;
let east: Sim;
let objects: readonly KubeObject[];

beforeAll(async () => {
  fleet = await startFleet({ members: ["east"] });
  const [member] = Object.values(fleet.members);
  if (member === undefined) throw new Error("no member was started");
  east = member;
  objects = loadAll(await readFile(new URL("fixtures/workloads.yaml", import.meta.url), "utf8")) as KubeObject[];
  await east.load(objects);
  await east.settled();
  await fleet.hub.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "lab" } });
}, 60_000);

afterAll(() => fleet.stop());

const template = (name: string): KubeObject => {
  const found = objects.find((object) => object.kind === "Deployment" && object.metadata.name === name);
  if (found === undefined) throw new Error(`no Deployment ${name} in the fixture`);
  return found;
};

const policyFor = (name: string, conflictResolution: "Abort" | "Overwrite"): KubeObject => ({
  apiVersion: "policy.karmada.io/v1alpha1",
  kind: "PropagationPolicy",
  metadata: { name, namespace: "lab" },
  spec: {
    conflictResolution,
    resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name }],
    placement: { clusterAffinity: { clusterNames: ["east"] } },
  },
});

const condition = async (name: string, type: string): Promise<Condition | undefined> => {
  const { items } = await fleet.hub.list<Binding>(bindings, { namespace: "lab" });
  const binding = items.find(({ metadata }) => metadata.name === `${name}-deployment`);
  return binding?.status?.conditions?.find((each) => each.type === type);
};

test("adopting a Deployment keeps its Pods and costs one write", async () => {
  const before = east.pods("lab/web");
  const live = await east.client.get<Deployment>(deployments, { namespace: "lab", name: "web" });
  await fleet.hub.create(policies, policyFor("web", "Overwrite"));
  await fleet.hub.create(deployments, template("web"));
  await until("the binding to be applied", async () => (await condition("web", "FullyApplied"))?.status === "True");
  await east.settled();
  const adopted = await east.client.get<Deployment>(deployments, { namespace: "lab", name: "web" });
  expect(adopted.metadata.labels?.["karmada.io/managed"]).toBe("true");
  expect(adopted.spec).toEqual(live.spec);
  expect(before).toHaveLength(3);
  expect(east.pods("lab/web")).toEqual(before);
  const writes = east.requests().filter(({ verb, resource }) => verb === "patch" && resource === "deployments.apps");
  expect(writes.map(({ count }) => count)).toEqual([1]);
});

test("Abort leaves a Deployment that is there as it is", async () => {
  const live = await east.client.get<Deployment>(deployments, { namespace: "lab", name: "alone" });
  await fleet.hub.create(policies, policyFor("alone", "Abort"));
  await fleet.hub.create(deployments, template("alone"));
  await until("the refusal", async () => {
    const applied = await condition("alone", "FullyApplied");
    return applied !== undefined && !isConditionTrue([applied], "FullyApplied");
  });
  const after = await east.client.get<Deployment>(deployments, { namespace: "lab", name: "alone" });
  expect(after).toEqual(live);
});

test("a guard that only warns lets the takeover through and says which fields replaced Pods", async () => {
  const name = "web-warned";
  const shape = template("web");
  const running: KubeObject = { ...shape, metadata: { ...shape.metadata, name } };
  await east.load([running]);
  await east.settled();
  const spec = running.spec as { readonly template: { readonly spec: object } };
  const changed = { ...spec.template, spec: { ...spec.template.spec, terminationGracePeriodSeconds: 7 } };
  const warned = { ...running.metadata, annotations: { "migration.drover.io/takeover-guard": "warn" } };
  await fleet.hub.create(policies, policyFor(name, "Overwrite"));
  await fleet.hub.create(deployments, { ...running, metadata: warned, spec: { ...spec, template: changed } });
  await until("the binding to be applied", async () => (await condition(name, "FullyApplied"))?.status === "True");
  const warnings = async (): Promise<readonly unknown[]> => {
    const { items } = await fleet.hub.list<KubeObject & Told>(events, { namespace: "lab" });
    return items.filter(({ reason }) => reason === "TakeoverGuard").map(({ message }) => message);
  };
  await until("the warning", async () => (await warnings()).length > 0);
  expect(await warnings()).toEqual([
    expect.stringMatching(/replaced running Pods: .*terminationGracePeriodSeconds is .* 7/),
  ]);
});
