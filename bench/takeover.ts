import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { loadKubeconfig } from "#client/kubeconfig";
import type { GroupVersionResource, KubeObject } from "#machinery";
import { type Hub, type RealCluster, startHub, startRealCluster, until } from "../test/e2e/cluster.ts";
import { configMap, deployment, type Manifest, policy, service } from "../test/e2e/objects.ts";

interface Options {
  /** Of each of three kinds. */
  readonly objects: number;
  readonly concurrency: number;
  /** For the hub's Node, as `--cpu-prof`. */
  readonly nodeArgs?: readonly string[];
}

const types: readonly { readonly type: GroupVersionResource; readonly kind: string; readonly apiVersion: string }[] = [
  { type: { group: "apps", version: "v1", resource: "deployments" }, kind: "Deployment", apiVersion: "apps/v1" },
  { type: { group: "", version: "v1", resource: "services" }, kind: "Service", apiVersion: "v1" },
  { type: { group: "", version: "v1", resource: "configmaps" }, kind: "ConfigMap", apiVersion: "v1" },
];
const waitMs = 120_000;
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

/** Counts the objects of all three kinds that a selector selects, by one watch per kind: what is measured is not asked. */
class Counter {
  readonly #sets: Set<string>[] = [];
  readonly #stop = new AbortController();
  readonly #watches: readonly Promise<void>[];
  #wake = (): void => undefined;
  #failure: unknown;

  constructor(client: KubeClient, namespace: string, labelSelector: string) {
    const { signal } = this.#stop;
    this.#watches = types.map(({ type }) => this.#follow(client, type, { namespace, labelSelector, signal }));
  }

  async #follow(
    client: KubeClient,
    type: GroupVersionResource,
    of: { readonly namespace: string; readonly labelSelector: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const { namespace, labelSelector, signal } = of;
    const keys = new Set<string>();
    this.#sets.push(keys);
    try {
      // A server ends the watch of a reader that is slow; the next one begins with a list.
      while (!signal.aborted) {
        const { items, metadata } = await client.list(type, { namespace, labelSelector }, signal);
        keys.clear();
        for (const item of items) keys.add(item.metadata.name ?? "");
        const { resourceVersion } = metadata;
        const watch = client.watch(type, { namespace, labelSelector, resourceVersion }, signal);
        for await (const { type: happened, object } of watch) {
          if (happened === "DELETED") keys.delete(object.metadata.name ?? "");
          else keys.add(object.metadata.name ?? "");
          this.#wake();
        }
      }
    } catch (error) {
      this.#failure ??= signal.aborted ? undefined : error;
    }
  }

  get #count(): number {
    return this.#sets.reduce((sum, { size }) => sum + size, 0);
  }

  async reach(count: number, what: string): Promise<void> {
    const end = performance.now() + waitMs;
    while (this.#count !== count) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > end) throw new Error(`waited in vain for ${what}: ${this.#count} of ${count}`);
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), delay(1000)]);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watches);
  }
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

/** As the member's API server counted them. Status is written by the member's own controllers. */
async function requests(cluster: RealCluster): Promise<Record<string, number>> {
  const text = await cluster.kubectl("get", "--raw", "/metrics");
  const counts: Record<string, number> = { GET: 0, LIST: 0, WATCH: 0, PATCH: 0, PUT: 0, POST: 0, DELETE: 0 };
  for (const line of text.split("\n")) {
    if (!line.startsWith("apiserver_request_total{") || line.includes('subresource="status"')) continue;
    const verb = /verb="(\w+)"/.exec(line)?.[1] ?? "";
    const resource = /resource="(\w+)"/.exec(line)?.[1] ?? "";
    if (counts[verb] === undefined || !types.some(({ type }) => type.resource === resource)) continue;
    counts[verb] += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return counts;
}

const difference = (after: Record<string, number>, before: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([verb, count]) => [verb, count - (before[verb] ?? 0)]));

/** What a hub's process says of itself since it was asked last, see `observe.ts`. */
class Observer {
  readonly file = join(mkdtempSync(join(tmpdir(), "drover-bench-")), "seen.json");
  #round = 0;

  async ask(pid: number): Promise<Record<string, unknown>> {
    this.#round += 1;
    process.kill(pid, "SIGUSR2");
    for (;;) {
      const seen = existsSync(this.file)
        ? (JSON.parse(readFileSync(this.file, "utf8")) as { rounds: number })
        : undefined;
      if (seen?.rounds === this.#round) return { ...seen, peakRssMb: memoryMb(pid, "VmHWM") };
      await delay(10);
    }
  }

  /** Another process counts its rounds from the beginning. */
  restart(): void {
    this.#round = 0;
    rmSync(this.file, { force: true });
  }

  remove(): void {
    rmSync(join(this.file, ".."), { recursive: true, force: true });
  }
}

const memoryMb = (pid: number, field: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024);
};

/** Revisions between two points of a stopped hub's history, by resource: what a takeover writes at the hub, per object. */
function hubWrites(dataDir: string, from: number, to: number): Record<string, number> {
  const file = new DatabaseSync(join(dataDir, "state.db"), { readOnly: true });
  const rows = file.prepare("SELECT key FROM history WHERE revision > ? AND revision <= ?").all(from, to);
  file.close();
  const counts: Record<string, number> = {};
  for (const { key } of rows) {
    const [, , group = "", resource = ""] = String(key).split("/");
    const name = group === "core" ? resource : `${resource}.${group}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The member's own controllers would take minutes to settle what is created here at 20 requests a second. */
const quickControllers = { KCM_FLAGS: "--port=0 --kube-api-qps=1000 --kube-api-burst=1000" };

/** Takeover and release of N Deployments, Services and ConfigMaps against a bare client on the same API server. */
export async function benchTakeover(options: Options): Promise<unknown> {
  const observer = new Observer();
  const cluster = await startRealCluster("bench", 27600, quickControllers);
  const nodeArgs = ["--import", join(import.meta.dirname, "observe.ts"), ...(options.nodeArgs ?? [])];
  const hub = await startHub({ nodeArgs, env: { BENCH_OBSERVE: observer.file } });
  try {
    const joined = await hub.drover("join", "member1", "--cluster-kubeconfig", cluster.kubeconfig);
    if (joined.code !== 0) throw new Error(joined.stderr);
    const bench = {
      cluster,
      hub,
      observer,
      member: await clientFor(cluster.kubeconfig, "member1"),
      hubClient: await clientFor(hub.kubeconfig, "hub"),
      total: options.objects * types.length,
    };
    await prepare(bench, options);
    return await measure(bench, options);
  } finally {
    await hub.remove().catch(() => undefined);
    await cluster.stop();
    observer.remove();
  }
}

interface Bench {
  readonly cluster: RealCluster;
  readonly hub: Hub;
  readonly observer: Observer;
  readonly member: KubeClient;
  readonly hubClient: KubeClient;
  readonly total: number;
}

async function prepare({ cluster, hub, member, hubClient }: Bench, options: Options): Promise<void> {
  const namespaces = ["warm", "bare", "taken"];
  for (const name of namespaces) await cluster.kubectl("create", "namespace", name);
  await hub.kubectl("create", "namespace", "taken");
  for (const name of namespaces) await createAll(member, objectsFor(name, options.objects), options.concurrency);
  await createAll(hubClient, objectsFor("taken", options.objects), options.concurrency);
  const settled = async (namespace: string): Promise<boolean> => {
    const { items } = await member.list<KubeObject & { status?: { observedGeneration?: number } }>(
      typeOf("Deployment"),
      { namespace },
    );
    return items.every((one) => one.status?.observedGeneration === one.metadata.generation);
  };
  for (const name of namespaces)
    await until(() => settled(name), { what: `the Deployments of ${name} to be seen`, timeoutMs: waitMs });
  await bareClient(member, "warm", options.concurrency);
}

const policies = { group: "policy.karmada.io", version: "v1alpha1", resource: "propagationpolicies" };
const managed = "karmada.io/managed=true";

async function measure(bench: Bench, options: Options): Promise<unknown> {
  const { cluster, hub, member, total } = bench;
  const bareMs = await bareClient(member, "bare", options.concurrency);
  const takeover = await takeOver(bench);
  const { from, to, ...taken } = takeover;
  const settled = await requests(cluster);
  await hub.stop();
  const writes = hubWrites(hub.dataDir, from, to);
  const { again, ...restart } = await restarted(bench);
  try {
    const sent = difference(await requests(cluster), settled);
    const release = await releaseAll({ ...bench, hub: again }, options);
    return {
      objects: total,
      bareMs,
      ...taken,
      takeoverRatio: ratio(taken.takeoverMs, bareMs),
      hubWritesPerObject: perObject(writes, total),
      ...release,
      releaseRatio: ratio(release.releaseMs, bareMs),
      restart: { ...restart, requests: sent },
    };
  } finally {
    await again.stop();
  }
}

async function takeOver({ cluster, hub, observer, member, hubClient, total }: Bench) {
  const before = await requests(cluster);
  const counter = new Counter(member, "taken", managed);
  const idle = (await observer.ask(hub.pid)) as { cpuMs: number };
  let from = 0;
  const takeoverMs = await timed(async () => {
    const created = await hubClient.create(policies, policy("all", "taken", types) as unknown as KubeObject);
    from = Number(created.metadata.resourceVersion);
    await counter.reach(total, "the takeover");
  });
  await counter.stop();
  const appliedAfterMs = await timed(() =>
    until(async () => (await fullyApplied(hubClient)) === total, { what: "FullyApplied", timeoutMs: waitMs }),
  );
  const requestsPerObject = perObject(difference(await requests(cluster), before), total);
  await quiet(hubClient);
  const seen = (await observer.ask(hub.pid)) as { cpuMs: number };
  const to = await revisionOf(hubClient);
  return { from, to, takeoverMs, appliedAfterMs, requestsPerObject, hub: { ...seen, cpuMs: seen.cpuMs - idle.cpuMs } };
}

const revisionOf = async (hub: KubeClient): Promise<number> =>
  Number((await hub.list(policies, { namespace: "taken" })).metadata.resourceVersion);

/** What trails, as events do, is written when the hub's revision stands still; a heartbeat may still move it by a few. */
async function quiet(hub: KubeClient): Promise<void> {
  let last = -1;
  for (;;) {
    const now = await revisionOf(hub);
    if (now - last <= 5) return;
    last = now;
    await delay(1000);
  }
}

async function restarted({ hub, hubClient }: Bench) {
  const start = performance.now();
  const starting = hub.restart();
  const readyMs = await timed(() =>
    until(async () => (await hubClient.raw({ method: "GET", path: "/readyz" }).catch(() => undefined))?.body === "ok", {
      what: "the hub",
      everyMs: 20,
    }),
  );
  const clusters = { group: "cluster.karmada.io", version: "v1alpha1", resource: "clusters" };
  const again = await starting;
  await until(async () => isReady(await hubClient.get(clusters, { name: "member1" })), { what: "the member" });
  const memberReadyMs = Math.round(performance.now() - start);
  await quiet(hubClient);
  await delay(5000);
  return { again, readyMs, memberReadyMs };
}

interface WithConditions extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const isTrue = (object: WithConditions, type: string): boolean =>
  object.status?.conditions?.some((one) => one.type === type && one.status === "True") === true;
const isReady = (object: WithConditions): boolean => isTrue(object, "Ready");

async function releaseAll({ cluster, hub, observer, member, hubClient, total }: Bench, options: Options) {
  observer.restart();
  await hubClient.patch(
    { type: policies, key: { namespace: "taken", name: "all" } },
    { type: "merge", body: { spec: { preserveResourcesOnDeletion: true } } },
  );
  await quiet(hubClient);
  const before = await requests(cluster);
  const counter = new Counter(member, "taken", managed);
  await counter.reach(total, "the member to be watched");
  await observer.ask(hub.pid);
  const releaseMs = await timed(async () => {
    await inParallel(objectsFor("taken", options.objects), options.concurrency, (object) =>
      hubClient.delete({ type: typeOf(object.kind), key: { namespace: "taken", name: object.metadata.name } }),
    );
    await counter.reach(0, "the release");
  });
  await counter.stop();
  const left = await Promise.all(
    types.map(async ({ type }) => (await member.list(type, { namespace: "taken" })).items.length),
  );
  return {
    releaseMs,
    releaseRequestsPerObject: perObject(difference(await requests(cluster), before), total),
    // Without the ConfigMap of every namespace.
    left: left.reduce((sum, one) => sum + one, -1),
    releaseHub: await observer.ask(hub.pid),
  };
}

const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;
const perObject = (counts: Record<string, number>, total: number): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([verb, count]) => [verb, Math.round((count / total) * 1000) / 1000]));

async function fullyApplied(hub: KubeClient): Promise<number> {
  const type = { group: "work.karmada.io", version: "v1alpha2", resource: "resourcebindings" };
  const { items } = await hub.list<WithConditions>(type, { namespace: "taken" });
  return items.filter((item) => isTrue(item, "FullyApplied")).length;
}
