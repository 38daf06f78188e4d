/**
 * The controllers of this checkout against a real kube-apiserver as the hub: what users of a hosted hub run, and the
 * strictest judge of what controllers write.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { loadKubeconfig } from "#client/kubeconfig";
import { createInformerFactory } from "#informer";
import { createMembers, joinCluster, planJoin } from "#member";
import { createLifecycle, silentLogger, systemClock } from "#runtime";
import { startControllers } from "../../src/server/controllers.ts";
import { type Kubectl, type RealCluster, shared, startRealCluster } from "./cluster.ts";

/** Several clusters on one machine: the default insecure ports of v1.20 would be taken. */
export const sideBySide = { KCM_FLAGS: "--port=0", SCHEDULER_FLAGS: "--port=0" };

/** Only what every hub has: nothing that would run the templates. */
const hubControllers = "garbagecollector,namespace,serviceaccount,serviceaccount-token,root-ca-cert-publisher";

/** A kube-apiserver with Karmada's and our CustomResourceDefinitions. */
export async function startHostedHub(name: string, port: number): Promise<RealCluster> {
  const env = { ...sideBySide, COMPONENTS: "kcm", KCM_CONTROLLERS: hubControllers };
  const hub = await startRealCluster(name, port, env);
  const folder = join(shared, "karmada-crds");
  const files = readdirSync(folder).filter((file) => /^(policy|work)\./.test(file));
  await hub.kubectl.apply(files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n---\n"));
  await hub.kubectl.apply([
    openDefinition("cluster.karmada.io", "Cluster", "Cluster"),
    openDefinition("migration.drover.io", "Adoption", "Namespaced"),
  ]);
  await hub.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
  return hub;
}

function openDefinition(group: string, kind: string, scope: "Cluster" | "Namespaced"): object {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const version = { name: "v1alpha1", served: true, storage: true, subresources: { status: {} }, schema };
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope, names, versions: [version] },
  };
}

export async function clientOf(name: string, kubectl: Kubectl): Promise<KubeClient> {
  const { http } = await loadKubeconfig({ path: kubectl.kubeconfig });
  return createClient({ name, transport: httpTransport(http), clock: systemClock });
}

/** Registers a member; the controllers find it ready by themselves. */
export async function register(hub: KubeClient, member: RealCluster): Promise<void> {
  const { http } = await loadKubeconfig({ path: member.kubeconfig });
  const client = createClient({ name: member.name, transport: httpTransport(http), clock: systemClock });
  const options = { hub, member: client, name: member.name, connection: http, clock: systemClock };
  await joinCluster(options, await planJoin(options));
  await client.close();
}

export interface RunningControllers {
  /** Requests to members since the start, without watches, as `PATCH`, `GET`, … */
  requests(cluster: string): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

export async function runControllers(kubectl: Kubectl, hubUid = "hub-under-test"): Promise<RunningControllers> {
  const lifecycle = createLifecycle(silentLogger);
  const clock = systemClock;
  const hub = await clientOf("hub", kubectl);
  const base = { clock, logger: silentLogger, lifecycle };
  const informers = createInformerFactory({ client: hub, ...base });
  const counts = new Map<string, Record<string, number>>();
  const onRequest = (cluster: string, { method }: { readonly method: string }): void => {
    const of = counts.get(cluster) ?? {};
    counts.set(cluster, { ...of, [method]: (of[method] ?? 0) + 1 });
  };
  const members = createMembers({ hub: informers, ...base, onRequest });
  await startControllers({ hub, informers, members, hubUid, ...base });
  return {
    requests: (cluster) => counts.get(cluster) ?? {},
    stop: async () => {
      await lifecycle.stop();
      await hub.close();
    },
  };
}
