import { annotation, executionNamespaceFor, finalizer, label } from "#api";
import type { Cluster } from "#api/cluster";
import type { Work } from "#api/work";
import { errorText } from "#base";
import { isAlreadyExists, isConditionTrue, isNotFound, type Key, type ObjectKey, objectKeyOf } from "#machinery";
import { again, done, type Outcome } from "#reconcile";
import { type ClusterHealthDeps, guarded, resources } from "./deps.ts";
import { taintsFor, taintsText } from "./taints.ts";

const pollMs = 10_000;
const bindingPollMs = 1000;

/** What a Cluster has around it: its finalizer, its execution namespace, its taints; and the way out. */
export async function reconcileCluster(key: Key, deps: ClusterHealthDeps, signal: AbortSignal): Promise<Outcome> {
  const cluster = deps.clusters.get(key);
  if (cluster === undefined) return done();
  if (cluster.metadata.deletionTimestamp !== undefined) return removeCluster(cluster, deps, signal);
  const { finalizers = [] } = cluster.metadata;
  if (!finalizers.includes(finalizer.cluster)) {
    const body = guarded(cluster, { finalizers: [...finalizers, finalizer.cluster] });
    await patchCluster(cluster, body, { deps, signal });
    return done(); // the change comes back as an event
  }
  await ensureExecutionNamespace(cluster, deps, signal);
  await ensureTaints(cluster, deps, signal);
  return done();
}

async function ensureExecutionNamespace(cluster: Cluster, deps: ClusterHealthDeps, signal: AbortSignal): Promise<void> {
  const name = executionNamespaceFor(cluster.metadata.name ?? "");
  if (deps.namespaces.get(name) !== undefined) return;
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { [label.system]: "true" } } };
  try {
    await deps.hub.create(resources.namespaces, namespace, {}, signal);
    deps.events.normal(
      cluster,
      "CreateExecutionSpaceSucceed",
      `Create execution space(${name}) for cluster(${cluster.metadata.name}) succeed.`,
    );
  } catch (error) {
    if (isAlreadyExists(error)) return;
    deps.events.warning(cluster, "CreateExecutionSpaceFailed", errorText(error));
    throw error;
  }
}

async function ensureTaints(cluster: Cluster, deps: ClusterHealthDeps, signal: AbortSignal): Promise<void> {
  const taints = taintsFor(cluster, new Date(deps.clock.now()).toISOString().replace(/\.\d+Z$/, "Z"));
  if (taints === cluster.spec.taints || (cluster.spec.taints === undefined && taints.length === 0)) return;
  try {
    await patchCluster(cluster, { ...guarded(cluster), spec: { taints } }, { deps, signal });
    deps.events.normal(cluster, "TaintClusterSucceed", `Taint cluster succeed: ${taintsText(taints)}.`);
  } catch (error) {
    deps.events.warning(cluster, "TaintClusterFailed", `Taint cluster failed: ${errorText(error)}.`);
    throw error;
  }
}

/**
 * The Works go with the execution namespace; each waits for its member object to be deleted or released. The Cluster itself
 * waits until nothing is scheduled to it any more.
 */
async function removeCluster(cluster: Cluster, deps: ClusterHealthDeps, signal: AbortSignal): Promise<Outcome> {
  const { name = "", finalizers = [] } = cluster.metadata;
  if (!finalizers.includes(finalizer.cluster)) return done();
  if (!(await executionNamespaceGone(cluster, deps, signal))) return again(pollMs, "execution namespace not gone yet");
  if (await takenOffBindings(name, deps, signal)) return again(bindingPollMs, "bindings still listed the cluster");
  const rest = finalizers.filter((each) => each !== finalizer.cluster);
  await patchCluster(cluster, guarded(cluster, { finalizers: rest }), { deps, signal });
  return done();
}

/**
 * Takes the cluster off every binding that still lists it, and says whether there was one. Its Works are gone by then, so
 * nothing in the member changes; the scheduler keeps a binding's clusters when nothing else fits, and does not look at one
 * without a policy at all.
 */
async function takenOffBindings(name: string, deps: ClusterHealthDeps, signal: AbortSignal): Promise<boolean> {
  let found = false;
  for (const informer of deps.bindings) {
    for (const binding of informer.list()) {
      const { clusters = [] } = binding.spec;
      const rest = clusters.filter((target) => target.name !== name);
      if (rest.length === clusters.length) continue;
      found = true;
      const body = { ...guarded(binding), spec: { clusters: rest } };
      await deps.hub.patch({ type: informer.type, key: objectKeyOf(binding) }, { type: "merge", body }, {}, signal);
    }
  }
  return found;
}

async function executionNamespaceGone(
  cluster: Cluster,
  deps: ClusterHealthDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const name = executionNamespaceFor(cluster.metadata.name ?? "");
  const namespace = deps.namespaces.get(name);
  if (namespace === undefined) {
    deps.events.normal(cluster, "RemoveExecutionSpaceSucceed", `Remove execution space(${name}) succeed.`);
    return true;
  }
  try {
    await prepareWorks(cluster, deps, signal);
    if (namespace.metadata.deletionTimestamp === undefined) {
      await deps.hub.delete({ type: resources.namespaces, key: { name } }, {}, signal);
    }
  } catch (error) {
    if (isNotFound(error)) return false;
    deps.events.warning(cluster, "RemoveExecutionSpaceFailed", errorText(error));
    throw error;
  }
  return false;
}

/** A Pull cluster that is not ready cannot finish its Works; one whose objects are to stay says so on each Work. */
async function prepareWorks(cluster: Cluster, deps: ClusterHealthDeps, signal: AbortSignal): Promise<void> {
  const abandoned = cluster.spec.syncMode === "Pull" && !isConditionTrue(cluster.status?.conditions, "Ready");
  const keep = cluster.metadata.annotations?.[annotation.keepResources] === "true";
  if (!abandoned && !keep) return;
  const namespace = executionNamespaceFor(cluster.metadata.name ?? "");
  const works = await deps.hub.list<Work>(resources.works, { namespace }, signal);
  for (const work of works.items) {
    if (keep && work.spec.preserveResourcesOnDeletion !== true) {
      await patchWork(objectKeyOf(work), { spec: { preserveResourcesOnDeletion: true } }, { deps, signal });
    }
    if (abandoned && (work.metadata.finalizers ?? []).length > 0) {
      await patchWork(objectKeyOf(work), { metadata: { finalizers: null } }, { deps, signal });
    }
  }
}

interface Write {
  readonly deps: ClusterHealthDeps;
  readonly signal: AbortSignal;
}

async function patchCluster(cluster: Cluster, body: object, { deps, signal }: Write): Promise<void> {
  await deps.hub.patch({ type: resources.clusters, key: objectKeyOf(cluster) }, { type: "merge", body }, {}, signal);
}

async function patchWork(key: ObjectKey, body: object, { deps, signal }: Write): Promise<void> {
  try {
    await deps.hub.patch({ type: resources.works, key }, { type: "merge", body }, {}, signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
