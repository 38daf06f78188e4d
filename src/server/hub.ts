import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { resource } from "#api";
import type { Cluster } from "#api/cluster";
import {
  type Certificates,
  createApiServer,
  type ExtensibleApiServer,
  ensurePki,
  hubDefinitions,
  karmadaAdmission,
  listen,
} from "#apiserver";
import type { Clock, Logger } from "#base";
import { createClient, type KubeClient } from "#client";
import { kubeconfigText } from "#client/kubeconfig";
import { createInformerFactory } from "#informer";
import { createMembers } from "#member";
import { createLifecycle, type Lifecycle } from "#runtime";
import type { Storage } from "#storage";
import { openSqliteStorage } from "#storage/sqlite";
import { type HubConfig, serverUrl } from "./config.ts";
import { startControllers } from "./controllers.ts";
import { prepareDataDir, startError, writePrivateFile } from "./data-dir.ts";
import { inProcessTransport } from "./in-process.ts";
import { type ClusterProxy, clusterProxy, type Secret, unavailable } from "./proxy.ts";

export interface HubDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RunningHub {
  readonly url: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The UID that member objects carry: of the hub's namespace kube-system. */
  readonly uid: string;
  /** Takes no new requests, stops the controllers, makes everything durable. */
  stop(): Promise<void>;
}

const { clusters } = resource;
const secrets = { group: "", version: "v1", resource: "secrets" };
const namespaces = { group: "", version: "v1", resource: "namespaces" };

/**
 * Starts a hub: storage, API server, TLS front, members and controllers, in this order. It answers requests as soon as its
 * own caches are filled; what the controllers have to do then begins.
 *
 * @throws TerminalError when it cannot start, with the next step.
 */
export async function startHub(config: HubConfig, deps: HubDeps): Promise<RunningHub> {
  const lifecycle = createLifecycle(deps.logger);
  try {
    return await start(config, deps, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    throw startError(error, config);
  }
}

async function start(config: HubConfig, deps: HubDeps, lifecycle: Lifecycle): Promise<RunningHub> {
  prepareDataDir(config.dataDir);
  const storage = await openSqliteStorage({ directory: config.dataDir });
  lifecycle.onStop(() => storage.close());
  const hosts = [config.host, new URL(serverUrl(config.host, 1)).hostname.replace(/[[\]]/g, "")];
  const pki = { directory: join(config.dataDir, "pki"), hosts, nowMs: deps.clock.now() };
  const certificates = await ensurePki(pki);
  const { apiServer, client } = await startApiServer(config, { ...deps, storage }, lifecycle);
  const front = await listen({ apiServer, certificates, host: config.host, port: config.port });
  const url = serverUrl(config.host, front.port);
  const kubeconfig = writePrivateFile(config.dataDir, "kubeconfig", adminKubeconfig(url, certificates));
  const uid = await hubUid(client);
  const work = createLifecycle(deps.logger);
  const stop = async (): Promise<void> => {
    await front.close();
    await work.stop();
    await lifecycle.stop();
  };
  work.run("controllers", async () => runControllers({ config, client, uid, ...deps }, work));
  return { url, kubeconfig, uid, stop };
}

interface ServedHub {
  readonly apiServer: ExtensibleApiServer;
  readonly client: KubeClient;
}

/** The API server with what it needs of itself: its client, the proxy and the custom resources. */
async function startApiServer(
  config: HubConfig,
  deps: HubDeps & { readonly storage: Storage },
  lifecycle: Lifecycle,
): Promise<ServedHub> {
  const later: { proxy?: ClusterProxy } = {};
  const apiServer = await createApiServer({
    ...deps,
    version: config.version,
    profile: "hub",
    definitions: hubDefinitions(),
    admission: [...karmadaAdmission({ newUuid: randomUUID, clock: deps.clock })],
    connect: async (target, request) => {
      if (later.proxy === undefined) throw unavailable("the hub is starting");
      return later.proxy.connect(target, request);
    },
  });
  lifecycle.onStop(() => apiServer.close());
  const client = createClient({ name: "hub", transport: inProcessTransport(apiServer), clock: deps.clock });
  const proxy = clusterProxy({
    cluster: (name) => client.get<Cluster>(clusters, { name }),
    secret: (reference) => client.get<Secret>(secrets, reference),
  });
  later.proxy = proxy;
  lifecycle.onStop(() => proxy.close());
  return { apiServer, client };
}

const adminKubeconfig = (server: string, { ca, adminCert, adminKey }: Certificates): string =>
  kubeconfigText({ server, ca, cert: adminCert, key: adminKey, context: "drover" });

async function hubUid(client: KubeClient): Promise<string> {
  const system = await client.get(namespaces, { name: "kube-system" });
  return system.metadata.uid ?? "";
}

async function runControllers(
  of: HubDeps & { readonly config: HubConfig; readonly client: KubeClient; readonly uid: string },
  lifecycle: Lifecycle,
): Promise<void> {
  const { client, clock, logger } = of;
  const informers = createInformerFactory({ client, clock, logger, lifecycle });
  const members = createMembers({ hub: informers, clock, logger, lifecycle });
  await startControllers({
    hub: client,
    informers,
    members,
    hubUid: of.uid,
    clock,
    logger,
    lifecycle,
    options: { takeoverGuard: of.config.takeoverGuard },
  });
}
