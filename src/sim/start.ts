import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiServer, clusterDefinitions, createApiServer, ensurePki, listen } from "#apiserver";
import type { Clock, Logger } from "#base";
import { createClient, type KubeClient } from "#client";
import { kubeconfigText } from "#client/kubeconfig";
import { type KubeObject, keyFor } from "#machinery";
import { createLifecycle, type Lifecycle, silentLogger, systemClock } from "#runtime";
import { createMemoryStorage } from "#storage/memory";
import { clusterAdmission } from "./admission/plugin.ts";
import { ServiceAllocator } from "./admission/services.ts";
import { basics } from "./basics.ts";
import { type Faults, faultyServer } from "./front/faults.ts";
import { Gate } from "./front/gate.ts";
import { type RequestCount, RequestCounter } from "./front/requests.ts";
import { simulatorTransport } from "./in-process.ts";
import { type Pod, type ReplicaSet, type Service, types } from "./kinds.ts";
import { runControllers } from "./lifecycle/index.ts";
import { registerNodes } from "./lifecycle/nodes.ts";
import { type Durations, World } from "./lifecycle/world.ts";
import { loadObjects } from "./load.ts";
import { fnv32, seededRandom } from "./names.ts";
import { PodLedger, type PodRecord } from "./pod-ledger.ts";
import { TokenSigner, userOf } from "./tokens.ts";

export interface SimOptions extends Partial<Durations> {
  readonly name: string;
  /** 0, the default, chooses a free one. */
  readonly port?: number;
  /** Default 2. */
  readonly nodes?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Decides generated names; default: follows from the cluster's name. */
  readonly seed?: number;
}

/** A simulated member cluster: an API server that anybody can talk to, and behind it controllers that run what they are given. */
export interface Sim {
  readonly name: string;
  readonly url: string;
  /** The text of an administrator's kubeconfig, its context named after the cluster. */
  readonly kubeconfig: string;
  /** Reaches the cluster in process: neither counted nor touched by faults. */
  readonly client: KubeClient;
  readonly kubernetesVersion: string;
  readonly faults: Faults;
  /** Requests that came over the network since the start or the last reset. */
  requests(): readonly RequestCount[];
  resetRequests(): void;
  /** Every Pod that exists or existed. */
  podLedger(): readonly PodRecord[];
  /** Pods that exist now and belong to the workload of this key (`shop/cart`), whatever its kind. */
  pods(workload: string): readonly PodRecord[];
  /** Creates objects, or brings them to what is said; kinds that others need first. */
  load(objects: readonly KubeObject[]): Promise<void>;
  /** Resolves once no controller has anything left to do. @throws where that takes longer than `timeoutMs` (default 10 s). */
  settled(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export const simulatedVersion = "v1.36.0-drover-sim";

/** Starts a simulated cluster. It is ready, with its nodes registered, when this resolves. */
export async function startSim(options: SimOptions): Promise<Sim> {
  const lifecycle = createLifecycle(options.logger ?? silentLogger);
  try {
    return await start(options, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function start(options: SimOptions, lifecycle: Lifecycle): Promise<Sim> {
  const { name, nodes = 2, clock = systemClock, logger = silentLogger } = options;
  const random = seededRandom(options.seed ?? fnv32(name));
  const services = new ServiceAllocator(random);
  const tokens = new TokenSigner();
  let world: World | undefined;
  const hasServiceAccount = (namespace: string, account: string): boolean =>
    world?.view(types.serviceAccounts).get(keyFor({ namespace, name: account })) !== undefined;
  const admission = [clusterAdmission({ services, random, hasServiceAccount })];
  const server = await startServer({ clock, logger, admission }, lifecycle);
  const client = createClient({ name, transport: simulatorTransport(server), clock });

  const network = await openNetwork(server, { ...options, clock, userOfToken }, lifecycle);
  function userOfToken(token: string) {
    const claims = tokens.read(token);
    if (claims === undefined) return undefined;
    const holder = world?.view(types.secrets).get(keyFor({ namespace: claims.namespace, name: claims.secret }));
    return holder === undefined ? undefined : userOf(claims);
  }

  const durations = { podStartMs: 20, podFinishMs: 20, crashMs: 1000, ...definedDurations(options) };
  world = new World(
    { client, clock, logger, lifecycle, random, caCertificate: network.ca, placing: "update", ...durations },
    await client.discover(),
  );
  const ledger = ledgerOf(world);
  world.view<Service>(types.services).subscribe((service, isGone) => services.observe(service, isGone));
  runControllers(world, (claims) => tokens.sign(claims));
  await world.whenSynced(lifecycle.signal);
  await registerNodes(client, { count: nodes, version: simulatedVersion, nowMs: clock.now() });
  await loadObjects(client, clock, basics);
  const sim: Sim = {
    name,
    url: network.url,
    kubeconfig: network.kubeconfig,
    client,
    kubernetesVersion: simulatedVersion,
    faults: network.faults,
    requests: () => network.counter.all(),
    resetRequests: () => network.counter.clear(),
    podLedger: () => ledger.all(),
    pods: (workload) => ledger.livePodsOf(workload),
    load: (objects) => loadObjects(client, clock, objects),
    settled: (timeoutMs) => untilIdle(world, timeoutMs),
    stop: () => lifecycle.stop(),
  };
  await sim.settled();
  return sim;
}

function definedDurations(options: Partial<Durations>): Partial<Durations> {
  const { podStartMs, podFinishMs, crashMs } = options;
  return {
    ...(podStartMs === undefined ? {} : { podStartMs }),
    ...(podFinishMs === undefined ? {} : { podFinishMs }),
    ...(crashMs === undefined ? {} : { crashMs }),
  };
}

async function startServer(
  options: Pick<Parameters<typeof createApiServer>[0], "clock" | "logger" | "admission">,
  lifecycle: Lifecycle,
): Promise<ApiServer> {
  const storage = createMemoryStorage();
  lifecycle.onStop(() => storage.close());
  const server = await createApiServer({
    ...options,
    storage,
    version: simulatedVersion,
    profile: "cluster",
    definitions: clusterDefinitions(),
  });
  lifecycle.onStop(() => server.close());
  return server;
}

/** The way in from outside: TLS on loopback with an authority of its own, counted, and faulty where asked. */
async function openNetwork(
  server: ApiServer,
  options: SimOptions & { readonly clock: Clock } & Pick<Parameters<typeof listen>[0], "userOfToken">,
  lifecycle: Lifecycle,
): Promise<{
  readonly url: string;
  readonly ca: string;
  readonly kubeconfig: string;
  readonly faults: Faults;
  readonly counter: RequestCounter;
}> {
  const directory = await mkdtemp(join(tmpdir(), "drover-sim-"));
  lifecycle.onStop(() => rm(directory, { recursive: true, force: true }));
  const certificates = await ensurePki({ directory, hosts: ["127.0.0.1"], nowMs: systemClock.now() });
  const counter = new RequestCounter();
  let inner = 0;
  const gate = new Gate(options.port ?? 0, () => inner);
  const { server: faulty, faults } = faultyServer(server, { clock: options.clock, counter, connections: gate });
  const front = await listen({
    apiServer: { ...server, handle: faulty.handle },
    certificates,
    host: "127.0.0.1",
    port: 0,
    ...(options.userOfToken === undefined ? {} : { userOfToken: options.userOfToken }),
  });
  inner = front.port;
  lifecycle.onStop(() => front.close());
  await gate.accept();
  lifecycle.onStop(() => gate.refuse());
  const url = `https://127.0.0.1:${gate.port}`;
  const { ca, adminCert: cert, adminKey: key } = certificates;
  return {
    url,
    ca,
    kubeconfig: kubeconfigText({ server: url, ca, cert, key, context: options.name }),
    faults,
    counter,
  };
}

function ledgerOf(world: World): PodLedger {
  const replicaSets = world.view<ReplicaSet>(types.replicaSets);
  const ledger = new PodLedger(
    (key) => replicaSets.get(key),
    () => world.nowMs,
  );
  world.view<Pod>(types.pods).subscribe((pod, isGone) => ledger.observe(pod, isGone));
  return ledger;
}

/** Idle several turns in a row: what one controller wrote has reached the others by then. */
async function untilIdle(world: World, timeoutMs = 10_000): Promise<void> {
  const untilMs = systemClock.monotonicMs() + timeoutMs;
  for (let idleTurns = 0; idleTurns < 5; idleTurns = world.isIdle ? idleTurns + 1 : 0) {
    if (systemClock.monotonicMs() > untilMs)
      throw new Error(`the simulated cluster is not at rest after ${timeoutMs} ms`);
    await systemClock.sleep(2);
  }
}
