import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { loadKubeconfig } from "#client/kubeconfig";
import type { KubeObject } from "#machinery";
import { startHub, startRealCluster } from "../test/e2e/cluster.ts";
import { configMap } from "../test/e2e/objects.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps" };
const namespaces = { group: "", version: "v1", resource: "namespaces" };

async function rate(count: number, width: number, act: (i: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await act(next++);
    }),
  );
  return Math.round((count / (performance.now() - start)) * 1000);
}

async function measure(kubeconfig: string, name: string, count: number, width: number): Promise<unknown> {
  const { http } = await loadKubeconfig({ path: kubeconfig });
  const client: KubeClient = createClient({ name, transport: httpTransport({ ...http, connections: width }) });
  const namespace = "bench-api";
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const stop = new AbortController();
  let seen = 0;
  const watching = (async () => {
    for await (const _ of client.watch(configMaps, { namespace, resourceVersion: "0" }, stop.signal)) seen += 1;
  })().catch(() => undefined);
  const createsPerSecond = await rate(count, width, (i) =>
    client.create(configMaps, configMap(`c${i}`, namespace) as unknown as KubeObject),
  );
  const getsPerSecond = await rate(count, width, (i) => client.get(configMaps, { namespace, name: `c${i}` }));
  const patchesPerSecond = await rate(count, width, (i) =>
    client.patch(
      { type: configMaps, key: { namespace, name: `c${i}` } },
      { type: "merge", body: { data: { key: `v${i}` } } },
    ),
  );
  const listStart = performance.now();
  for (let i = 0; i < 5; i++) await client.list(configMaps, { namespace });
  const listMs = Math.round((performance.now() - listStart) / 5);
  stop.abort();
  await watching;
  await client.close();
  return { createsPerSecond, getsPerSecond, patchesPerSecond, listMs, watchEvents: seen };
}

/** Throughput of the hub's API beside a kube-apiserver with etcd on the same machine, one after the other. */
export async function benchApi(options: { readonly objects: number; readonly concurrency: number }): Promise<unknown> {
  const count = options.objects * 4;
  const hub = await startHub();
  const ours = await measure(hub.kubeconfig, "hub", count, options.concurrency).finally(() => hub.remove());
  const cluster = await startRealCluster("benchapi", 27700, { COMPONENTS: "" });
  const theirs = await measure(cluster.kubeconfig, "kube-apiserver", count, options.concurrency).finally(() =>
    cluster.stop(),
  );
  return { objects: count, hub: ours, kubeApiserver: theirs };
}
