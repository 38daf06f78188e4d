import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { loadKubeconfig } from "#client/kubeconfig";
import { type Condition, isConditionTrue, type KubeObject } from "#machinery";
import { joinCluster, planJoin, planUnjoin, unjoinCluster } from "#member";
import { createLifecycle, type Lifecycle, silentLogger, systemClock } from "#runtime";
import { type HubConfig, type RunningHub, startHub } from "#server";
import { type Sim, startSim } from "#sim";

export interface FleetOptions {
  /** Names of simulated members, each joined to the hub. */
  readonly members: readonly string[];
  readonly takeoverGuard?: HubConfig["takeoverGuard"];
}

const clusters = { group: "cluster.karmada.io", version: "v1alpha1", resource: "clusters" };

/** A hub and simulated members, all in this process; what they say to each other goes over TLS as it does between machines. */
export class Fleet {
  readonly members: Record<string, Sim> = {};
  readonly #lifecycle: Lifecycle = createLifecycle(silentLogger);
  readonly #options: FleetOptions;
  #directory = "";
  #running: { readonly hub: RunningHub; readonly client: KubeClient } | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), "drover-fleet-"));
    this.#lifecycle.onStop(() => rm(this.#directory, { recursive: true, force: true }));
    await this.startHub();
    for (const name of this.#options.members) await this.join(await this.startMember(name));
  }

  /** The hub's API. */
  get hub(): KubeClient {
    if (this.#running === undefined) throw new Error("the hub is not running");
    return this.#running.client;
  }

  get hubUid(): string {
    return this.#running?.hub.uid ?? "";
  }

  member(name: string): Sim {
    const found = this.members[name];
    if (found === undefined) throw new Error(`no member ${name}`);
    return found;
  }

  /** Ends the hub as SIGTERM does; its members go on. */
  async stopHub(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.client.close();
    await running?.hub.stop();
  }

  /** Starts it again where it was. */
  async startHub(): Promise<void> {
    const { takeoverGuard = "refuse" } = this.#options;
    const dataDir = join(this.#directory, "hub");
    const version = "v1.36.0+drover-scenario";
    const config = { dataDir, host: "127.0.0.1", port: 0, takeoverGuard, version };
    const hub = await startHub(config, { clock: systemClock, logger: silentLogger });
    const { http } = await loadKubeconfig({ path: hub.kubeconfig });
    this.#running = { hub, client: createClient({ name: "hub", transport: httpTransport(http) }) };
  }

  async startMember(name: string): Promise<Sim> {
    const sim = await startSim({ name });
    this.#lifecycle.onStop(() => sim.stop());
    this.members[name] = sim;
    return sim;
  }

  /** @param name what the hub calls it; default: as it is called itself. */
  async join(sim: Sim, name = sim.name): Promise<void> {
    await this.#withMember(sim, async (member, connection) => {
      const options = { hub: this.hub, member, name, connection };
      await joinCluster({ ...options, clock: systemClock }, await planJoin(options));
    });
    await until(`cluster ${name} to be Ready`, async () => {
      const cluster = await this.hub.get<KubeObject & { status?: { conditions?: readonly Condition[] } }>(clusters, {
        name,
      });
      return isConditionTrue(cluster.status?.conditions, "Ready");
    });
  }

  async unjoin(sim: Sim, deleteResources: boolean): Promise<void> {
    await this.#withMember(sim, async (member) => {
      const options = { hub: this.hub, member, name: sim.name, deleteResources, waitMs: 15_000 };
      await unjoinCluster({ ...options, clock: systemClock }, await planUnjoin(options));
    });
  }

  async stop(): Promise<void> {
    await this.stopHub();
    await this.#lifecycle.stop();
  }

  async #withMember(
    sim: Sim,
    act: (member: KubeClient, http: Awaited<ReturnType<typeof loadKubeconfig>>["http"]) => Promise<void>,
  ): Promise<void> {
    const path = join(this.#directory, `${sim.name}.kubeconfig`);
    await writeFile(path, sim.kubeconfig, { mode: 0o600 });
    const { http } = await loadKubeconfig({ path });
    const member = createClient({ name: sim.name, transport: httpTransport(http) });
    try {
      await act(member, http);
    } finally {
      await member.close();
    }
  }
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = new Fleet(options);
  try {
    await fleet.start();
    return fleet;
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

/** Looks again until it is so. @throws after 20 s, naming what was waited for and what was seen last. */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  seen: () => string = () => "",
): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 20_000;
  while (!(await isSo())) {
    if (systemClock.monotonicMs() > untilMs) throw new Error(`waited too long for ${what}${seen()}`);
    await systemClock.sleep(20);
  }
}
