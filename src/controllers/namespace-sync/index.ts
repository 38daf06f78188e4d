/**
 * Gives every member the hub's namespaces, one Work each. A namespace that a member already has is taken into the books
 * (labels and annotations only) and never deleted by us; one that this hub creates there goes with its template.
 */
import { clusterOfExecutionNamespace, resource } from "#api";
import type { Cluster } from "#api/cluster";
import type { OverridePolicy } from "#api/policy";
import type { Work } from "#api/work";
import type { KubeClient } from "#client";
import type { InformerFactory } from "#informer";
import { isConditionTrue } from "#machinery";
import type { Members } from "#member";
import type { Runner, RunnerOptions } from "#reconcile";
import { type NamespaceSyncDeps, namespaceIndex, namespaceIndexValues, syncNamespace } from "./sync.ts";
import { isBindingsWork } from "./work.ts";

export interface NamespaceSyncSetup {
  readonly hub: KubeClient;
  readonly hubUid: string;
  /** The hub's. */
  readonly informers: InformerFactory;
  readonly members: Members;
  runner(options: RunnerOptions): Runner;
}

export function startNamespaceSync(setup: NamespaceSyncSetup): readonly Runner[] {
  const { informers, members } = setup;
  const namespaces = informers.informerFor(resource.namespaces);
  const clusters = informers.informerFor<Cluster>(resource.clusters);
  const clusterPolicies = informers.informerFor<OverridePolicy>(resource.clusterOverridePolicies);
  const works = informers.informerFor<Work>(resource.works);
  works.addIndex(namespaceIndex, namespaceIndexValues);
  const deps: NamespaceSyncDeps = { ...setup, namespaces, clusters, clusterPolicies, works };
  const queue = setup.runner({
    name: "namespace-sync",
    concurrency: 4,
    waitFor: [namespaces, clusters, clusterPolicies, works, members],
    reconcile: (key, signal) => syncNamespace(key, deps, signal),
  });
  subscribe(deps, queue);
  return [queue];
}

function subscribe({ namespaces, clusters, clusterPolicies, works }: NamespaceSyncDeps, queue: Runner): void {
  const all = (): void => {
    for (const { metadata } of namespaces.list()) queue.enqueue(metadata.name ?? "");
  };
  const one = (name: string): void => {
    if (clusterOfExecutionNamespace(name) === undefined) queue.enqueue(name);
    else all(); // a cluster can now hold Works
  };
  namespaces.subscribe({
    onAdd: ({ metadata }) => one(metadata.name ?? ""),
    onUpdate: (_old, { metadata }) => queue.enqueue(metadata.name ?? ""),
    onDelete: ({ metadata }) => queue.enqueue(metadata.name ?? ""),
  });
  clusters.subscribe({
    onAdd: all,
    onUpdate: (old, cluster) => {
      if (isReady(cluster) && !isReady(old)) all();
    },
  });
  clusterPolicies.subscribe({ onAdd: all, onUpdate: all, onDelete: all });
  works.subscribe({
    onUpdate: (old, work) => {
      if (old.metadata.generation !== work.metadata.generation && !isBindingsWork(work)) enqueueNamespaces(work, queue);
    },
    onDelete: (work) => enqueueNamespaces(work, queue),
  });
}

const isReady = (cluster: Cluster): boolean => isConditionTrue(cluster.status?.conditions, "Ready");

/** Also after a binding's Work of a namespace has gone: the namespace is ours to sync again. */
function enqueueNamespaces(work: Work, queue: Runner): void {
  for (const { apiVersion, kind, metadata } of work.spec.workload?.manifests ?? []) {
    if (apiVersion === "v1" && kind === "Namespace") queue.enqueue(metadata.name ?? "");
  }
}
