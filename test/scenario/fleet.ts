import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { loadKubeconfig } from "#client/kubeconfig";
import { type Condition, isConditionTrue, type KubeObject } from "#machinery";
import { joinCluster, planJoin } from "#member";
import { createLifecycle, silentLogger, systemClock } from "#runtime";
import { type HubConfig, startHub } from "#server";
import { type Sim, startSim } from "#sim";

export interface FleetOptions {
  /** Names of simulated members, each joined to the hub. */
  readonly members: readonly string[];
  readonly takeoverGuard?: HubConfig["takeoverGuard"];
}

/** A hub and simulated members, all in this process; what they say to each other goes over TLS as it does between machines. */
export interface Fleet {
  /** The hub's API. */
  readonly hub: KubeClient;
  readonly members: Readonly<Record<string, Sim>>;
  stop(): Promise<void>;
}

const clusters = { group: "cluster.karmada.io", version: "v1alpha1", resource: "clusters" };

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const lifecycle = createLifecycle(silentLogger);
  const directory = await mkdtemp(join(tmpdir(), "drover-fleet-"));
  lifecycle.onStop(() => rm(directory, { recursive: true, force: true }));
  try {
    const hub = await startFleetHub(options, directory, lifecycle.onStop);
    const members: Record<string, Sim> = {};
    for (const name of options.members) {
      const sim = await startSim({ name });
      lifecycle.onStop(() => sim.stop());
      await joinSim(hub, sim, directory);
      members[name] = sim;
    }
    return { hub, members, stop: () => lifecycle.stop() };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function startFleetHub(
  { takeoverGuard = "refuse" }: FleetOptions,
  directory: string,
  onStop: (close: () => Promise<void>) => void,
): Promise<KubeClient> {
  const running = await startHub(
    { dataDir: join(directory, "hub"), host: "127.0.0.1", port: 0, takeoverGuard, version: "v1.36.0+drover-scenario" },
    { clock: systemClock, logger: silentLogger },
  );
  onStop(() => running.stop());
  const client = await clientFor("hub", running.kubeconfig);
  onStop(() => client.close());
  return client;
}

async function clientFor(name: string, path: string): Promise<KubeClient> {
  const { http } = await loadKubeconfig({ path });
  return createClient({ name, transport: httpTransport(http) });
}

async function joinSim(hub: KubeClient, sim: Sim, directory: string): Promise<void> {
  const { name } = sim;
  const path = join(directory, `${name}.kubeconfig`);
  await writeFile(path, sim.kubeconfig, { mode: 0o600 });
  const { http } = await loadKubeconfig({ path });
  const member = createClient({ name, transport: httpTransport(http) });
  try {
    const options = { hub, member, name, connection: http };
    await joinCluster({ ...options, clock: systemClock }, await planJoin(options));
  } finally {
    await member.close();
  }
  await until(`cluster ${name} to be Ready`, async () => {
    const cluster = await hub.get<KubeObject & { status?: { conditions?: readonly Condition[] } }>(clusters, { name });
    return isConditionTrue(cluster.status?.conditions, "Ready");
  });
}

/** Looks again until it is so. @throws after 20 s, naming what was waited for. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 20_000;
  while (!(await isSo())) {
    if (systemClock.monotonicMs() > untilMs) throw new Error(`waited too long for ${what}`);
    await systemClock.sleep(20);
  }
}
