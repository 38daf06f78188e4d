/**
 * Writes to members: one queue per cluster, so that a slow or dead member delays nobody. Reads Works, Clusters, the ledger
 * and members' objects; writes members' objects, Adoptions, Works' conditions and finalizers, and events.
 */
import { annotation, executionNamespaceFor } from "#api";
import type { Cluster } from "#api/cluster";
import type { Work } from "#api/work";
import { isConditionTrue, type KubeObject, keyOf } from "#machinery";
import { clusterOfWork, workTargetIndex, workTargetKey, workTargetValues } from "#migration";
import type { Runner } from "#reconcile";
import type { WorkSyncDeps } from "./deps.ts";
import { LiveObjects } from "./live.ts";
import { syncWork } from "./sync.ts";

export type { WorkSyncDeps } from "./deps.ts";

/**
 * Requests in flight are bounded by the member's window; this bounds what waits for them or for the hub. Three writes at
 * the hub surround one at the member, and the window is to be full all the time.
 */
const concurrency = 192;

export interface WorkSync {
  /** The queues of all clusters so far. */
  runners(): readonly Runner[];
}

export function startWorkSync(deps: WorkSyncDeps): WorkSync {
  deps.works.addIndex(workTargetIndex, workTargetValues);
  const queues = new Map<string, ClusterQueue>();
  const queueOf = (cluster: string): ClusterQueue => {
    const known = queues.get(cluster) ?? new ClusterQueue(cluster, deps);
    queues.set(cluster, known);
    return known;
  };
  const enqueue = (work: Work): void => {
    const cluster = clusterOfWork(work);
    if (cluster !== undefined) queueOf(cluster).runner.enqueue(keyOf(work));
  };
  deps.works.subscribe({
    onAdd: enqueue,
    onUpdate: (old, work) => {
      if (isRelevant(old, work)) enqueue(work);
    },
  });
  deps.clusters.subscribe({
    onUpdate: (old, cluster) => {
      if (opensUp(old, cluster)) queueOf(cluster.metadata.name ?? "").enqueueAll();
    },
    onDelete: (last) => queueOf(last.metadata.name ?? "").enqueueAll(),
  });
  deps.members.subscribe({
    onOpen: (member) => queueOf(member.name).enqueueAll(),
    onClose: (member) => queueOf(member.name).forget(),
  });
  return { runners: () => [...queues.values()].map(({ runner }) => runner) };
}

/** Our own switches on a Work are annotations, which move no generation. */
function isRelevant(old: Work, work: Work): boolean {
  return (
    old.metadata.generation !== work.metadata.generation ||
    old.metadata.deletionTimestamp !== work.metadata.deletionTimestamp ||
    switches.some((key) => old.metadata.annotations?.[key] !== work.metadata.annotations?.[key])
  );
}

const switches = [annotation.takeoverGuard, annotation.applyMode] as const;

/** What waited for the cluster can go on. */
function opensUp(old: Cluster, cluster: Cluster): boolean {
  const ready = (of: Cluster): boolean => isConditionTrue(of.status?.conditions, "Ready");
  return (ready(cluster) && !ready(old)) || old.metadata.deletionTimestamp !== cluster.metadata.deletionTimestamp;
}

/** One cluster's Works, its connection's live objects and what links the two. */
class ClusterQueue {
  readonly runner: Runner;
  readonly #cluster: string;
  readonly #deps: WorkSyncDeps;
  #live: { readonly objects: LiveObjects; readonly end: AbortController } | undefined;

  constructor(cluster: string, deps: WorkSyncDeps) {
    this.#cluster = cluster;
    this.#deps = deps;
    const syncing = { cluster, deps, liveObjects: () => this.#liveObjects() };
    this.runner = deps.runner({
      name: `work-sync ${cluster}`,
      concurrency,
      reconcile: (key, signal) => syncWork(key, syncing, signal),
    });
  }

  enqueueAll(): void {
    for (const work of this.#deps.works.list(executionNamespaceFor(this.#cluster))) this.runner.enqueue(keyOf(work));
  }

  /** The connection has been closed; a new one starts with nothing known. */
  forget(): void {
    this.#live?.end.abort();
    this.#live = undefined;
    this.enqueueAll();
  }

  #liveObjects(): LiveObjects | undefined {
    const member = this.#deps.members.get(this.#cluster);
    if (member === undefined) return undefined;
    if (this.#live !== undefined) return this.#live.objects;
    const end = new AbortController();
    const handler = {
      changed: (object: KubeObject) => this.#enqueueFor(object),
      opened: (kind: Pick<KubeObject, "apiVersion" | "kind">) => this.#enqueueKind(kind),
    };
    this.#live = { objects: new LiveObjects(member, handler, end.signal), end };
    return this.#live.objects;
  }

  #enqueueFor(object: KubeObject): void {
    const works = this.#deps.works.byIndex(workTargetIndex, workTargetKey(this.#cluster, object));
    for (const work of works) this.runner.enqueue(keyOf(work));
  }

  #enqueueKind(kind: Pick<KubeObject, "apiVersion" | "kind">): void {
    for (const work of this.#deps.works.list(executionNamespaceFor(this.#cluster))) {
      const manifests = work.spec.workload?.manifests ?? [];
      if (manifests.some((one) => one.kind === kind.kind && one.apiVersion === kind.apiVersion)) {
        this.runner.enqueue(keyOf(work));
      }
    }
  }
}
