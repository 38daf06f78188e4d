import { readFile } from "node:fs/promises";
import { loadAll } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import type { KubeObject } from "#machinery";
import { type Deployment, types } from "./kinds.ts";
import { type Sim, startSim } from "./start.ts";

let sim: Sim;

beforeAll(async () => {
  sim = await startSim({ name: "east" });
  const text = await readFile(new URL("../../test/scenario/fixtures/workloads.yaml", import.meta.url), "utf8");
  await sim.load(loadAll(text) as KubeObject[]);
  await sim.settled();
});

afterAll(() => sim.stop());

const key = (name: string) => ({ namespace: "lab", name });
const uids = (workload: string): readonly string[] => sim.pods(workload).map(({ uid }) => uid);

test("every kind of workload runs", () => {
  const running = Object.fromEntries(
    ["web", "alone", "db", "agent", "bare", "import"].map((name) => [name, sim.pods(`lab/${name}`).length]),
  );
  expect(running).toEqual({ web: 3, alone: 1, db: 2, agent: 2, bare: 1, import: 1 });
});

test("labels and annotations on a Deployment leave its Pods alone, and annotations move its generation", async () => {
  const before = sim.pods("lab/web");
  const old = await sim.client.get<Deployment>(types.deployments, key("web"));
  const metadata = {
    labels: { "karmada.io/managed": "true" },
    annotations: { "resourcebinding.karmada.io/name": "x" },
  };
  await sim.client.patch({ type: types.deployments, key: key("web") }, { type: "merge", body: { metadata } });
  await sim.settled();
  const now = await sim.client.get<Deployment>(types.deployments, key("web"));
  expect(sim.pods("lab/web")).toEqual(before);
  expect(now.spec).toEqual(old.spec);
  expect(now.metadata.generation).toBe((old.metadata.generation ?? 0) + 1);
  expect(now.status?.observedGeneration).toBe(now.metadata.generation);
});

test("a change in the template replaces every Pod", async () => {
  const before = uids("lab/web");
  const body = { spec: { template: { metadata: { annotations: { restartedAt: "now" } } } } };
  await sim.client.patch({ type: types.deployments, key: key("web") }, { type: "merge", body });
  await sim.settled();
  expect(uids("lab/web")).toHaveLength(3);
  expect(uids("lab/web").filter((uid) => before.includes(uid))).toEqual([]);
  const gone = sim.podLedger().filter(({ uid }) => before.includes(uid));
  expect(gone.every(({ deletedAt }) => deletedAt !== undefined)).toBe(true);
});

test("equal quantities in another notation are no change", async () => {
  const before = uids("lab/web");
  const old = await sim.client.get<Deployment>(types.deployments, key("web"));
  const [container] = old.spec.template.spec.containers;
  const resources = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "5000m" } };
  const template = {
    ...old.spec.template,
    spec: { ...old.spec.template.spec, containers: [{ ...container, resources }] },
  };
  await sim.client.update(types.deployments, { ...old, spec: { ...old.spec, template } });
  await sim.settled();
  expect(uids("lab/web")).toEqual(before);
});

test("fewer replicas take Pods away and replace none", async () => {
  const before = uids("lab/web");
  await sim.client.patch(
    { type: types.deployments, key: key("web") },
    { type: "merge", body: { spec: { replicas: 1 } } },
  );
  await sim.settled();
  expect(before).toEqual(expect.arrayContaining([...uids("lab/web")]));
  expect(uids("lab/web")).toHaveLength(1);
});

test("what a Deployment owned goes with it", async () => {
  await sim.client.delete({ type: types.deployments, key: key("alone") });
  await expect.poll(() => sim.pods("lab/alone")).toEqual([]);
});

test("claims and Services have what a cluster gives them", async () => {
  const claim = await sim.client.get(types.claims, key("data-db-0"));
  expect(claim).toMatchObject({ spec: { storageClassName: "standard" }, status: { phase: "Bound" } });
  const service = await sim.client.get(types.services, key("open"));
  expect(service).toMatchObject({ spec: { ports: [{ nodePort: 30080 }, { nodePort: expect.any(Number) }] } });
  const endpoints = await sim.client.get(types.endpoints, key("db"));
  expect(endpoints).toMatchObject({ subsets: [{ addresses: [{ hostname: "db-0" }, { hostname: "db-1" }] }] });
});

test("a Job has succeeded and says so", async () => {
  const job = await sim.client.get(types.jobs, key("import"));
  expect(job).toMatchObject({ status: { succeeded: 1, completionTime: expect.any(String) } });
});

const overNetwork = (credentials: Partial<Parameters<typeof httpTransport>[0]>): KubeClient =>
  createClient({ name: "east", transport: httpTransport({ server: sim.url, ...credentials }) });

test("the token of a ServiceAccount opens the API server until its Secret is gone; without one nobody is let in", async () => {
  const annotations = { "kubernetes.io/service-account.name": "robot" };
  const metadata = { ...key("robot"), annotations };
  const type = "kubernetes.io/service-account-token";
  await sim.client.create(types.secrets, { apiVersion: "v1", kind: "Secret", metadata, type });
  await sim.settled();
  const { data } = await sim.client.get<KubeObject & { data: Record<string, string> }>(types.secrets, key("robot"));
  const text = (field: string): string => Buffer.from(data[field] ?? "", "base64").toString();
  const robot = overNetwork({ ca: text("ca.crt"), token: text("token") });
  const stranger = overNetwork({ ca: text("ca.crt"), token: `${text("token")}x` });
  expect((await robot.get(types.services, key("web"))).metadata.name).toBe("web");
  await expect(stranger.get(types.services, key("web"))).rejects.toMatchObject({ code: 401 });
  await sim.client.delete({ type: types.secrets, key: key("robot") });
  await expect
    .poll(() => robot.get(types.services, key("web")).catch((error: unknown) => error))
    .toMatchObject({ code: 401 });
  await Promise.all([robot.close(), stranger.close()]);
});

test("a CustomResourceDefinition and its resources can be loaded together, digits and all", async () => {
  const schema = {
    type: "object",
    properties: { spec: { type: "object", properties: { size: { type: "integer", format: "int64" } } } },
  };
  await sim.load([
    {
      apiVersion: "shop.example.org/v1",
      kind: "Shelf",
      metadata: { ...key("long") },
      spec: { size: 9007199254740993n },
    },
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "shelves.shop.example.org" },
      spec: {
        group: "shop.example.org",
        scope: "Namespaced",
        names: { plural: "shelves", singular: "shelf", kind: "Shelf", listKind: "ShelfList" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
  ]);
  const shelves = { group: "shop.example.org", version: "v1", resource: "shelves" };
  expect((await sim.client.get(shelves, key("long"))).spec).toEqual({ size: 9007199254740993n });
});
