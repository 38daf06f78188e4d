import { readFile } from "node:fs/promises";
import { loadAll } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KubeObject, parseJson } from "#machinery";
import type { Sim } from "#sim";
import { type Fleet, startFleet, until } from "./fleet.ts";
import {
  apply,
  bindingOf,
  conditionOf,
  configMap,
  countOf,
  deployment,
  isManaged,
  lookAt,
  merge,
  mustRead,
  namespace,
  policy,
  read,
  refusalOf,
  remove,
  selectorOf,
  service,
  untilApplied,
  untilGone,
  untilManaged,
  writesTo,
} from "./objects.ts";

let fleet: Fleet;
let member: Sim;

beforeAll(async () => {
  fleet = await startFleet({ members: ["member1"] });
  member = fleet.member("member1");
}, 60_000);

afterAll(() => fleet?.stop());

const everyDeployment = { apiVersion: "apps/v1", kind: "Deployment" };
const everyService = { apiVersion: "v1", kind: "Service" };
const everyConfigMap = { apiVersion: "v1", kind: "ConfigMap" };

async function namespaceOnBoth(name: string): Promise<string> {
  await apply(member.client, namespace(name));
  await apply(fleet.hub, namespace(name));
  await untilManaged(member, namespace(name));
  return name;
}

/** The same objects on the member, running, and as templates on the hub. */
async function legacy(name: string, objects: readonly KubeObject[]): Promise<unknown> {
  await namespaceOnBoth(name);
  await member.load(objects);
  await apply(fleet.hub, ...objects);
  return lookAt(member, objects);
}

test("the guide's three policies adopt Deployments, Services and one application in place, one write each", async () => {
  const ns = "guide";
  const objects = ["nginx", "cart", "pay"].flatMap((name) => [deployment(name, ns), service(`${name}-svc`, ns)]);
  const before = await legacy(ns, objects);
  member.resetRequests();
  const app = objects.slice(0, 2);
  await apply(fleet.hub, policy({ name: "nginx", namespace: ns }, app.map(selectorOf)));
  await untilApplied(fleet.hub, app);
  const cart = await mustRead(member.client, deployment("cart", ns));
  expect(isManaged(cart)).toBe(false);
  await apply(fleet.hub, policy({ name: "deployments", namespace: ns }, [everyDeployment]));
  await apply(fleet.hub, policy({ name: "services", namespace: ns }, [everyService]));
  await untilApplied(fleet.hub, objects);
  expect(await lookAt(member, objects)).toEqual(before);
  for (const object of objects) await untilManaged(member, object);
  expect(writesTo(member)).toEqual({ "patch deployments.apps": 3, "patch services": 3 });
  expect([countOf(member, "get", "deployments.apps"), countOf(member, "get", "services")]).toEqual([0, 0]);
  await until("the template's status to be filled", async () => {
    const template = await mustRead(fleet.hub, deployment("cart", ns));
    return template.status?.readyReplicas === 2;
  });
});

test("every kind of the fixture is adopted without a changed byte or Pod", async () => {
  const text = await readFile(new URL("fixtures/workloads.yaml", import.meta.url), "utf8");
  const own = new Set(["Pod", "ReplicaSet"]);
  const objects = (loadAll(text) as KubeObject[]).filter(({ kind }) => !own.has(kind) && kind !== "Namespace");
  const placed = objects.filter(({ metadata }) => metadata.namespace === "lab");
  const before = await legacy("lab", placed);
  const kinds = new Map(placed.map(({ apiVersion, kind }) => [kind, { apiVersion, kind }]));
  await apply(fleet.hub, policy({ name: "all", namespace: "lab" }, [...kinds.values()]));
  await untilApplied(fleet.hub, placed);
  expect(kinds.size).toBeGreaterThan(4);
  expect(await lookAt(member, placed)).toEqual(before);
});

test("Abort refuses with Karmada's message and changes no byte; the template's annotation lets it through", async () => {
  const ns = "abort";
  const nginx = deployment("nginx", ns);
  await legacy(ns, [nginx]);
  const before = await mustRead(member.client, nginx);
  await apply(fleet.hub, policy({ name: "nginx", namespace: ns }, [everyDeployment], { conflictResolution: "Abort" }));
  expect(await refusalOf(fleet.hub, nginx)).toBe(
    "Failed to apply all manifests (0/1): resource(kind=Deployment, abort/nginx) already exists in the cluster member1 and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource",
  );
  expect(conditionOf(await bindingOf(fleet.hub, nginx), "FullyApplied")).toMatchObject({
    reason: "FullyAppliedFailed",
    message: "Failed to apply all works, see status.aggregatedStatus for details",
  });
  expect(await mustRead(member.client, nginx)).toEqual(before);
  const annotations = { "work.karmada.io/conflict-resolution": "overwrite" };
  await merge(fleet.hub, nginx, { metadata: { annotations } });
  await untilApplied(fleet.hub, [nginx]);
  await untilManaged(member, nginx);
});

test("the template's annotation beats a policy that would overwrite", async () => {
  const ns = "abort-one";
  const plain = configMap("plain", ns);
  const careful = configMap("careful", ns);
  await legacy(ns, [plain, careful]);
  await merge(fleet.hub, careful, { metadata: { annotations: { "work.karmada.io/conflict-resolution": "abort" } } });
  await apply(fleet.hub, policy({ name: "all", namespace: ns }, [everyConfigMap]));
  expect(await refusalOf(fleet.hub, careful)).toContain("Karmada will not manage this resource");
  await untilApplied(fleet.hub, [plain]);
  expect(isManaged(await read(member.client, careful))).toBe(false);
});

test("what only the member has stays, and no Pod restarts", async () => {
  const ns = "unstated";
  const web = deployment("web", ns);
  await namespaceOnBoth(ns);
  await member.load([web]);
  const template = {
    metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" } },
    spec: {
      containers: [
        { name: "web", env: [{ name: "REGION", value: "eu" }] },
        { name: "proxy", image: "envoy:1" },
      ],
    },
  };
  const target = {
    type: { group: "apps", version: "v1", resource: "deployments" },
    key: { namespace: ns, name: "web" },
  };
  await member.client.patch(target, { type: "strategic", body: { spec: { template } } });
  const before = await lookAt(member, [web]);
  await apply(fleet.hub, web, policy({ name: "web", namespace: ns }, [everyDeployment]));
  await untilApplied(fleet.hub, [web]);
  expect(await lookAt(member, [web])).toEqual(before);
});

test("the guard refuses another image and fewer replicas, names both values, and yields to template and policy", async () => {
  const ns = "guarded";
  const image = deployment("image", ns);
  const scale = deployment("scale", ns);
  await namespaceOnBoth(ns);
  const running = [deployment("image", ns, { image: "nginx:1.24" }), deployment("scale", ns, { replicas: 5 })];
  await member.load(running);
  const before = await lookAt(member, running);
  const all = policy({ name: "all", namespace: ns }, [everyDeployment]);
  await apply(fleet.hub, image, scale, all);
  const why = await refusalOf(fleet.hub, image);
  expect([why.includes("image"), why.includes("nginx:1.24"), why.includes("nginx:1.25")]).toEqual([true, true, true]);
  expect(await refusalOf(fleet.hub, scale)).toMatch(/spec\.replicas.*5.*2/);
  expect(await lookAt(member, running)).toEqual(before);

  const off = { metadata: { annotations: { "migration.drover.io/takeover-guard": "off" } } };
  await merge(fleet.hub, image, off);
  await untilApplied(fleet.hub, [image]);
  expect(isManaged(await read(member.client, scale))).toBe(false);
  await merge(fleet.hub, all, off);
  await untilApplied(fleet.hub, [scale]);
  await member.settled();
  expect([member.pods(`${ns}/image`).length, member.pods(`${ns}/scale`).length]).toEqual([2, 2]);
});

test("a Deployment that an autoscaler scales keeps its replicas, and the guard has nothing against it", async () => {
  const ns = "scaled";
  const web = deployment("web", ns);
  const autoscaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace: ns },
    spec: {
      minReplicas: 1,
      maxReplicas: 9,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      ],
    },
  };
  await namespaceOnBoth(ns);
  await member.load([deployment("web", ns, { replicas: 5 }), autoscaler]);
  const before = await lookAt(member, [web, autoscaler]);
  await apply(fleet.hub, web, policy({ name: "web", namespace: ns }, [everyDeployment]));
  await untilApplied(fleet.hub, [web]);
  expect(await lookAt(member, [web, autoscaler])).toEqual(before);
  expect(member.pods(`${ns}/web`)).toHaveLength(5);
});

const ledgers = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "ledgers.shop.example.com" },
  spec: {
    group: "shop.example.com",
    scope: "Namespaced",
    names: { plural: "ledgers", singular: "ledger", kind: "Ledger", listKind: "LedgerList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { balance: { type: "integer", format: "int64" } } } },
          },
        },
      },
    ],
  },
} as KubeObject;

async function untilServed(client: Fleet["hub"], resource: string): Promise<void> {
  await until(`${resource} to be served by ${client.name}`, async () =>
    (await client.discover()).resources.some((one) => one.resource === resource),
  );
}

test("ports, addresses, claims, accounts, Jobs and 64-bit integers survive to the byte", async () => {
  const ns = "exact";
  const objects: KubeObject[] = [
    service("edge", ns, { type: "NodePort" }),
    service("peers", ns, { clusterIP: "None" }),
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace: ns },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    } as KubeObject,
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot", namespace: ns } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "token", namespace: ns },
      stringData: { password: "s" },
    } as KubeObject,
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "once", namespace: ns },
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "run", image: "busybox:1" }] } } },
    } as KubeObject,
  ];
  await legacy(ns, [...objects]);
  const ledger = parseJson(
    `{"apiVersion":"shop.example.com/v1","kind":"Ledger","metadata":{"name":"main","namespace":"${ns}"},"spec":{"balance":9007199254740993}}`,
  ) as KubeObject;
  for (const client of [member.client, fleet.hub]) {
    await apply(client, ledgers);
    await untilServed(client, "ledgers");
    await until("a Ledger to be accepted", () =>
      apply(client, ledger).then(
        () => true,
        () => false,
      ),
    );
  }
  const all = [...objects, ledger];
  const before = await lookAt(member, all);
  const kinds = new Map(all.map(({ apiVersion, kind }) => [kind, { apiVersion, kind }]));
  await apply(fleet.hub, policy({ name: "all", namespace: ns }, [...kinds.values()]));
  await untilApplied(fleet.hub, all);
  expect(await lookAt(member, all)).toEqual(before);
  expect((await mustRead(member.client, ledger)).spec?.balance).toBe(9007199254740993n);
});

test("what every API server makes for itself is never propagated", async () => {
  const ns = "own";
  const settings = configMap("settings", ns);
  await legacy(ns, [settings]);
  const root = configMap("kube-root-ca.crt", ns, { "ca.crt": "not the member's" });
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: ns } };
  await until("the member's own ConfigMap", async () => (await read(member.client, root)) !== undefined);
  const before = await mustRead(member.client, root);
  await apply(fleet.hub, root, account);
  await apply(
    fleet.hub,
    policy({ name: "all", namespace: ns }, [everyConfigMap, { apiVersion: "v1", kind: "ServiceAccount" }]),
  );
  await untilApplied(fleet.hub, [settings]);
  expect(await Promise.all([root, account].map((one) => bindingOf(fleet.hub, one)))).toEqual([undefined, undefined]);
  expect(await mustRead(member.client, root)).toEqual(before);
});

test("an object of another hub or another Work is refused by name; take-from lets it through", async () => {
  const ns = "foreign";
  await namespaceOnBoth(ns);
  const shared = configMap("shared", ns);
  const other = configMap("other", ns);
  const owned = (object: KubeObject, hub: string, work: string): KubeObject => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { "karmada.io/managed": "true", "work.karmada.io/permanent-id": "5f2c0a3e-1111-4222-8333-444455556666" },
      annotations: {
        "work.karmada.io/name": work,
        "work.karmada.io/namespace": "karmada-es-elsewhere",
        "migration.drover.io/hub": hub,
      },
    },
  });
  await member.load([owned(shared, "another-hub", "shared-abc"), owned(other, fleet.hubUid, "other-abc")]);
  const before = await Promise.all([shared, other].map((one) => mustRead(member.client, one)));
  await apply(fleet.hub, shared, other, policy({ name: "all", namespace: ns }, [everyConfigMap]));
  expect(await refusalOf(fleet.hub, shared)).toContain("another-hub");
  expect(await refusalOf(fleet.hub, other)).toContain("karmada-es-elsewhere/other-abc");
  expect(await Promise.all([shared, other].map((one) => mustRead(member.client, one)))).toEqual(before);

  await merge(fleet.hub, shared, { metadata: { annotations: { "migration.drover.io/take-from": "another-hub" } } });
  await untilApplied(fleet.hub, [shared]);
  const taken = await mustRead(member.client, shared);
  expect(taken.metadata.annotations?.["migration.drover.io/hub"]).toBe(fleet.hubUid);
  expect(taken.metadata.uid).toBe(before[0]?.metadata.uid);
});

test("drift is reverted, what is unstated is left, removals arrive, a deleted object comes back; a second sync is silent", async () => {
  const ns = "drift";
  const plain = configMap("settings", ns, { a: "1", b: "2" });
  const settings = { ...plain, metadata: { ...plain.metadata, labels: { tier: "web", team: "shop" } } };
  await legacy(ns, [settings]);
  await apply(fleet.hub, policy({ name: "all", namespace: ns }, [everyConfigMap]));
  await untilApplied(fleet.hub, [settings]);
  const live = () => mustRead(member.client, settings);

  await merge(member.client, settings, { data: { a: "drifted", c: "mine" } });
  await until("the drift to be reverted", async () => (await live()).data?.a === "1");
  expect((await live()).data).toEqual({ a: "1", b: "2", c: "mine" });

  await merge(fleet.hub, settings, { data: { b: null }, metadata: { labels: { team: null } } });
  await until("the removed field to go", async () => (await live()).data?.b === undefined);
  const { data, metadata } = await live();
  expect([data, metadata.labels?.tier, metadata.labels?.team]).toEqual([{ a: "1", c: "mine" }, "web", undefined]);

  member.resetRequests();
  await remove(member.client, settings);
  await until("the object to come back", async () => (await read(member.client, settings)) !== undefined);
  expect((await live()).data).toEqual({ a: "1" });
  await untilApplied(fleet.hub, [settings]);
  expect(writesTo(member)).toEqual({ "create configmaps": 1 });
});

test("a template deleted without preserve takes the member's object with it; a deleted policy changes nothing", async () => {
  const ns = "gone";
  const settings = configMap("settings", ns);
  const other = configMap("other", ns);
  await legacy(ns, [settings, other]);
  const all = policy({ name: "all", namespace: ns }, [everyConfigMap]);
  await apply(fleet.hub, all);
  await untilApplied(fleet.hub, [settings, other]);
  const before = await mustRead(member.client, other);
  await remove(fleet.hub, settings);
  await untilGone(member.client, settings);
  await remove(fleet.hub, all);
  await untilGone(fleet.hub, all);
  await until("the claim to be taken off the template", async () => {
    const { labels = {} } = (await mustRead(fleet.hub, other)).metadata;
    return labels["propagationpolicy.karmada.io/permanent-id"] === undefined;
  });
  expect(await mustRead(member.client, other)).toEqual(before);
});

test("a guard that only warns lets the takeover through and says which fields replaced Pods", async () => {
  const ns = "warned";
  const web = deployment("web", ns);
  await namespaceOnBoth(ns);
  await member.load([deployment("web", ns, { image: "nginx:1.24" })]);
  const warn = { "migration.drover.io/takeover-guard": "warn" };
  const template = { ...web, metadata: { ...web.metadata, annotations: warn } };
  await apply(fleet.hub, template, policy({ name: "web", namespace: ns }, [everyDeployment]));
  await untilApplied(fleet.hub, [web]);
  const warnings = async (): Promise<readonly unknown[]> => {
    const type = { group: "", version: "v1", resource: "events" };
    const { items } = await fleet.hub.list<KubeObject & { reason?: string; message?: string }>(type, { namespace: ns });
    return items.filter(({ reason }) => reason === "TakeoverGuard").map(({ message }) => message);
  };
  await until("the warning", async () => (await warnings()).length > 0);
  expect(await warnings()).toEqual([expect.stringMatching(/replaced running Pods: .*nginx:1\.24.*nginx:1\.25/)]);
});
