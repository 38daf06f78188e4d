import { readFileSync } from "node:fs";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { loadKubeconfig } from "#client/kubeconfig";
import type { GroupVersionResource, KubeObject } from "#machinery";
import { type Hub, type RealCluster, requestCount, startHub, startRealCluster, until } from "../test/e2e/cluster.ts";
import { configMap, deployment, type Manifest, policy, service } from "../test/e2e/objects.ts";

interface Options {
  /** Of each of three kinds. */
  readonly objects: number;
  readonly concurrency: number;
}

const types: readonly { readonly type: GroupVersionResource; readonly kind: string; readonly apiVersion: string }[] = [
  { type: { group: "apps", version: "v1", resource: "deployments" }, kind: "Deployment", apiVersion: "apps/v1" },
  { type: { group: "", version: "v1", resource: "services" }, kind: "Service", apiVersion: "v1" },
  { type: { group: "", version: "v1", resource: "configmaps" }, kind: "ConfigMap", apiVersion: "v1" },
];
const typeOf = (kind: string): GroupVersionResource =>
  types.find((one) => one.kind === kind)?.type ?? { group: "", version: "v1", resource: "configmaps" };

function objectsFor(namespace: string, count: number): readonly Manifest[] {
  return Array.from({ length: count }, (_, i) => [
    deployment(`d${i}`, namespace, { replicas: 0 }),
    service(`s${i}`, namespace),
    configMap(`c${i}`, namespace),
  ]).flat();
}

async function inParallel<T>(items: readonly T[], width: number, act: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) await act(item);
    }),
  );
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return Math.round(performance.now() - start);
}

const clientFor = async (kubeconfig: string, name: string): Promise<KubeClient> => {
  const { http } = await loadKubeconfig({ path: kubeconfig });
  return createClient({ name, transport: httpTransport({ ...http, connections: 32 }) });
};

const createAll = (client: KubeClient, objects: readonly Manifest[], width: number): Promise<void> =>
  inParallel(objects, width, (object) => client.create(typeOf(object.kind), object as unknown as KubeObject));

async function allLive(client: KubeClient, namespace: string): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(types.map(async ({ type }) => (await client.list(type, { namespace })).items));
  return lists.flat().filter((object) => object.metadata.name !== "kube-root-ca.crt");
}

/** What any tool must at least do: list, then one patch of labels and annotations per object, on the version that was seen. */
async function bareClient(client: KubeClient, namespace: string, width: number): Promise<number> {
  return await timed(async () => {
    for (const { type } of types) {
      const { items } = await client.list(type, { namespace });
      const mine = items.filter((object) => object.metadata.name !== "kube-root-ca.crt");
      await inParallel(mine, width, (object) =>
        client.patch(
          { type, key: { namespace, name: object.metadata.name ?? "" } },
          {
            type: "merge",
            body: {
              metadata: {
                resourceVersion: object.metadata.resourceVersion,
                labels: { "bench/managed": "true", "bench/id": "0d9f7c1e-0000-4000-8000-000000000000" },
                annotations: {
                  "bench/name": object.metadata.name,
                  "bench/namespace": "somewhere",
                  "bench/keys": "a,b,c,d",
                },
              },
            },
          },
        ),
      );
    }
  });
}

async function requests(cluster: RealCluster): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const verb of ["GET", "LIST", "WATCH", "PATCH", "PUT", "POST", "DELETE"]) {
    counts[verb] = 0;
    for (const { type } of types)
      counts[verb] += await requestCount(cluster.kubectl, { verb, resource: type.resource });
  }
  return counts;
}

const difference = (after: Record<string, number>, before: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([verb, count]) => [verb, count - (before[verb] ?? 0)]));

const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);

/** User and system time of a process so far. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const isManaged = (object: KubeObject): boolean => object.metadata.labels?.["karmada.io/managed"] === "true";

/** Takeover and release of N Deployments, Services and ConfigMaps against a bare client on the same API server. */
export async function benchTakeover(options: Options): Promise<unknown> {
  const cluster = await startRealCluster("bench", 27600);
  const hub = await startHub();
  try {
    const joined = await hub.drover("join", "member1", "--cluster-kubeconfig", cluster.kubeconfig);
    if (joined.code !== 0) throw new Error(joined.stderr);
    const member = await clientFor(cluster.kubeconfig, "member1");
    const hubClient = await clientFor(hub.kubeconfig, "hub");
    for (const name of ["bare", "taken"]) await cluster.kubectl("create", "namespace", name);
    await hub.kubectl("create", "namespace", "taken");
    await createAll(member, objectsFor("bare", options.objects), options.concurrency);
    await createAll(member, objectsFor("taken", options.objects), options.concurrency);
    await createAll(hubClient, objectsFor("taken", options.objects), options.concurrency);
    await until(
      async () =>
        (await allLive(member, "taken")).filter(
          (one) => one.kind === "Deployment" && (one.metadata.generation ?? 0) > 1,
        ).length === 0,
      {
        what: "the member to settle",
      },
    );
    return await measure({ cluster, hub, member, hubClient }, options);
  } finally {
    await hub.remove();
    await cluster.stop();
  }
}

interface Bench {
  readonly cluster: RealCluster;
  readonly hub: Hub;
  readonly member: KubeClient;
  readonly hubClient: KubeClient;
}

async function measure({ cluster, hub, member, hubClient }: Bench, options: Options): Promise<unknown> {
  const total = options.objects * types.length;
  const bareMs = await bareClient(member, "bare", options.concurrency);
  const policies = { group: "policy.karmada.io", version: "v1alpha1", resource: "propagationpolicies" };
  const before = await requests(cluster);
  const cpuBefore = cpuMs(hub.pid);
  const takeoverMs = await timed(async () => {
    await hubClient.create(policies, policy("all", "taken", types) as unknown as KubeObject);
    await until(async () => (await allLive(member, "taken")).filter(isManaged).length === total, {
      what: "the takeover",
      timeoutMs: 300_000,
      everyMs: 250,
    });
  });
  const sent = difference(await requests(cluster), before);
  const appliedMs = await timed(() =>
    until(async () => (await fullyApplied(hubClient)) === total, {
      what: "FullyApplied",
      timeoutMs: 300_000,
      everyMs: 250,
    }),
  );
  const takeoverCpuMs = cpuMs(hub.pid) - cpuBefore;
  const memoryMb = residentMb(hub.pid);

  const settled = await requests(cluster);
  await hub.stop();
  let again: Hub | undefined;
  const readyMs = await timed(async () => {
    again = await hub.restart();
  });
  if (again === undefined) throw new Error("no hub");
  const second = again;
  try {
    await until(
      async () =>
        (
          await second.kubectl.run([
            "get",
            "cluster",
            "member1",
            "-o",
            'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
          ])
        ).stdout === "True",
      { what: "the member" },
    );
    await hubClient.patch(
      { type: policies, key: { namespace: "taken", name: "all" } },
      { type: "merge", body: { spec: { preserveResourcesOnDeletion: true } } },
    );
    const restart = difference(await requests(cluster), settled);
    const beforeRelease = await requests(cluster);
    const releaseMs = await timed(async () => {
      const templates = objectsFor("taken", options.objects);
      await inParallel(templates, options.concurrency, (object) =>
        hubClient.delete({ type: typeOf(object.kind), key: { namespace: "taken", name: object.metadata.name } }),
      );
      await until(async () => (await allLive(member, "taken")).filter(isManaged).length === 0, {
        what: "the release",
        timeoutMs: 300_000,
        everyMs: 250,
      });
    });
    return {
      objects: total,
      bareMs,
      takeoverMs,
      takeoverRatio: ratio(takeoverMs, bareMs),
      appliedAfterMs: appliedMs,
      takeoverCpuMs,
      requestsPerObject: perObject(sent, total),
      releaseMs,
      releaseRatio: ratio(releaseMs, bareMs),
      releaseRequestsPerObject: perObject(difference(await requests(cluster), beforeRelease), total),
      left: (await allLive(member, "taken")).length,
      memoryMb,
      restart: { readyMs, requests: restart },
    };
  } finally {
    await second.stop();
  }
}

const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;
const perObject = (counts: Record<string, number>, total: number): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([verb, count]) => [verb, Math.round((count / total) * 1000) / 1000]));

async function fullyApplied(hub: KubeClient): Promise<number> {
  const type = { group: "work.karmada.io", version: "v1alpha2", resource: "resourcebindings" };
  const { items } = await hub.list<
    KubeObject & { status?: { conditions?: readonly { type: string; status: string }[] } }
  >(type, { namespace: "taken" });
  return items.filter((item) =>
    item.status?.conditions?.some((one) => one.type === "FullyApplied" && one.status === "True"),
  ).length;
}
