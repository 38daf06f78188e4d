import { randomUUID } from "node:crypto";
import equal from "fast-deep-equal";
import { annotation, executionNamespaceFor, label, resource } from "#api";
import type { Cluster } from "#api/cluster";
import type { OverridePolicy } from "#api/policy";
import type { Work } from "#api/work";
import type { KubeClient } from "#client";
import type { Informer } from "#informer";
import { isAlreadyExists, isNotFound, type Key, type KubeObject, keyFor, objectKeyOf } from "#machinery";
import type { Members } from "#member";
import { again, done, type Outcome } from "#reconcile";
import { isBindingsWork, isSynced, namespaceWorkFor, namespaceWorkName } from "./work.ts";

export interface NamespaceSyncDeps {
  readonly hub: KubeClient;
  readonly hubUid: string;
  readonly namespaces: Informer;
  readonly clusters: Informer<Cluster>;
  readonly clusterPolicies: Informer<OverridePolicy>;
  readonly works: Informer<Work>;
  readonly members: Members;
}

const waitMs = 1000;

/** One namespace, all clusters. A cluster that cannot be asked yet is left for later and holds up none of the others. */
export async function syncNamespace(key: Key, deps: NamespaceSyncDeps, signal: AbortSignal): Promise<Outcome> {
  const template = deps.namespaces.get(key);
  if (template === undefined) {
    await removeWorks(key, deps, signal);
    return done();
  }
  if (!isSynced(template)) return done();
  const clusters = deps.clusters.list().filter((cluster) => cluster.metadata.deletionTimestamp === undefined);
  const results = await Promise.all(clusters.map((cluster) => syncTo(cluster, { template, deps, signal })));
  return results.includes("waiting") ? again(waitMs, "a cluster is not ready for its namespace yet") : done();
}

interface Syncing {
  readonly template: KubeObject;
  readonly deps: NamespaceSyncDeps;
  readonly signal: AbortSignal;
}

async function syncTo(cluster: Cluster, { template, deps, signal }: Syncing): Promise<"settled" | "waiting"> {
  const { name = "" } = cluster.metadata;
  const namespace = executionNamespaceFor(name);
  if (deps.namespaces.get(namespace) === undefined) return "waiting";
  const existing = deps.works.get(keyFor({ namespace, name: namespaceWorkName(template.metadata.name ?? "") }));
  if (existing?.metadata.deletionTimestamp !== undefined) return "settled"; // comes back when it is gone
  if (existing !== undefined && isBindingsWork(existing)) return "settled";
  const preserve =
    existing?.spec.preserveResourcesOnDeletion ?? wasThereBefore(name, template.metadata.name ?? "", deps);
  if (preserve === undefined) return "waiting";
  const clusterPolicies = deps.clusterPolicies.list();
  const workId = existing?.metadata.labels?.[label.workId] ?? randomUUID();
  const wanted = namespaceWorkFor({ template, cluster, clusterPolicies, hub: deps.hubUid, workId, preserve });
  if (existing === undefined) await createWork(wanted, deps, signal);
  else if (!isSame(wanted, existing)) await updateWork(wanted, existing, { deps, signal });
  return "settled";
}

/** Undefined while the member cannot say: a guess could cost somebody a namespace with all that is in it. */
function wasThereBefore(cluster: string, namespace: string, { members }: NamespaceSyncDeps): boolean | undefined {
  const member = members.get(cluster);
  if (member?.ready !== true) return undefined;
  const present = member.informers.informerFor(resource.namespaces);
  return present.synced ? present.get(namespace) !== undefined : undefined;
}

const isSame = (wanted: Work, existing: Work): boolean =>
  equal(wanted.spec.workload, existing.spec.workload) &&
  existing.metadata.annotations?.[annotation.appliedClusterOverrides] ===
    wanted.metadata.annotations?.[annotation.appliedClusterOverrides];

async function createWork(work: Work, { hub }: NamespaceSyncDeps, signal: AbortSignal): Promise<void> {
  try {
    await hub.create(resource.works, work, {}, signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error; // a binding was faster, or the cache is behind; the Work's event follows
  }
}

async function updateWork(
  wanted: Work,
  existing: Work,
  { deps, signal }: { readonly deps: NamespaceSyncDeps; readonly signal: AbortSignal },
): Promise<void> {
  const { resourceVersion } = existing.metadata;
  const key = annotation.appliedClusterOverrides;
  const annotations = { ...wanted.metadata.annotations, [key]: wanted.metadata.annotations?.[key] ?? null };
  const body = { metadata: { resourceVersion, annotations }, spec: { workload: wanted.spec.workload } };
  await deps.hub.patch({ type: resource.works, key: objectKeyOf(existing) }, { type: "merge", body }, {}, signal);
}

/** The owner reference asks a garbage collector for the same; not every hub has one. */
async function removeWorks(key: Key, { hub, works }: NamespaceSyncDeps, signal: AbortSignal): Promise<void> {
  for (const work of works.byIndex(namespaceIndex, key)) {
    if (work.metadata.deletionTimestamp !== undefined) continue;
    try {
      const { uid } = work.metadata;
      await hub.delete({ type: resource.works, key: objectKeyOf(work) }, { preconditions: { uid } }, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Our Works by the name of their namespace. */
export const namespaceIndex = "synced-namespace";

export function namespaceIndexValues(work: Work): readonly string[] {
  if (isBindingsWork(work)) return [];
  return (work.spec.workload?.manifests ?? []).flatMap(({ apiVersion, kind, metadata }) =>
    apiVersion === "v1" && kind === "Namespace" ? [metadata.name ?? ""] : [],
  );
}
