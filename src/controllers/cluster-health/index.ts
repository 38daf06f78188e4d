/**
 * Looks after Cluster objects: execution namespace, finalizer, taints and removal; and reports each member's health,
 * version, served kinds, nodes and resources in its status. One slow or dead member never holds up another's.
 */

import equal from "fast-deep-equal";
import { clusterOfExecutionNamespace } from "#api";
import type { Cluster } from "#api/cluster";
import type { Binding } from "#api/work";
import type { Clock } from "#base";
import type { KubeClient } from "#client";
import type { InformerFactory } from "#informer";
import type { KubeObject } from "#machinery";
import { defaultThresholds, type Member, type Members } from "#member";
import type { EventRecorder, Runner, RunnerOptions } from "#reconcile";
import type { Lifecycle } from "#runtime";
import { type ClusterHealthDeps, type ClusterHealthOptions, resources } from "./deps.ts";
import { reconcileCluster } from "./lifecycle.ts";
import { PodUses } from "./pods.ts";
import { collectStatus, type StatusMemory } from "./status.ts";

export interface ClusterHealthSetup {
  readonly hub: KubeClient;
  /** The hub's. */
  readonly informers: InformerFactory;
  readonly members: Members;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly lifecycle: Lifecycle;
  runner(options: RunnerOptions): Runner;
  readonly options?: Partial<ClusterHealthOptions>;
}

const defaults: ClusterHealthOptions = { thresholds: defaultThresholds, intervalMs: 10_000, discoveryMs: 120_000 };
/** A new definition is served a moment after it is written. */
const kindChangeMs = 300;

interface Definition extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** A member that does not answer holds its worker for the probe's time; this many may be silent at once. */
const probesAtATime = 64;

export function startClusterHealth(setup: ClusterHealthSetup): readonly Runner[] {
  const { informers, members } = setup;
  const clusters = informers.informerFor<Cluster>(resources.clusters);
  const namespaces = informers.informerFor(resources.namespaces);
  const bindings = ["resourcebindings", "clusterresourcebindings"].map((resource) =>
    informers.informerFor<Binding>({ group: "work.karmada.io", version: "v1alpha2", resource }),
  );
  const deps: ClusterHealthDeps = {
    ...setup,
    clusters,
    namespaces,
    bindings,
    options: { ...defaults, ...setup.options },
  };
  const lifecycle = setup.runner({
    name: "cluster",
    concurrency: 4,
    waitFor: [clusters, namespaces, ...bindings],
    reconcile: (key, signal) => reconcileCluster(key, deps, signal),
  });
  const memory = memoryOf(setup, (name) => status.enqueueAfter(name, kindChangeMs));
  const status: Runner = setup.runner({
    name: "cluster-status",
    concurrency: probesAtATime,
    waitFor: [clusters, members],
    reconcile: (key, signal) => collectStatus(key, { ...deps, memory }, signal),
  });
  clusters.subscribe({
    onAdd: (cluster) => enqueueBoth(cluster),
    onUpdate: (old, cluster) => {
      lifecycle.enqueue(cluster.metadata.name ?? "");
      if (old.metadata.generation !== cluster.metadata.generation) status.enqueue(cluster.metadata.name ?? "");
    },
    onDelete: (cluster) => status.enqueue(cluster.metadata.name ?? ""),
  });
  namespaces.subscribe({
    onDelete: ({ metadata }) => {
      const name = clusterOfExecutionNamespace(metadata.name ?? "");
      if (name !== undefined) lifecycle.enqueue(name);
    },
  });
  return [lifecycle, status];

  function enqueueBoth({ metadata: { name = "" } }: Cluster): void {
    lifecycle.enqueue(name);
    status.enqueue(name);
  }
}

/** Pods and definitions are followed from the first time a member is found ready: a dead one is not knocked at for them. */
function memoryOf({ members, clock, lifecycle }: ClusterHealthSetup, look: (name: string) => void): StatusMemory {
  const pods = new Map<string, { readonly uses: PodUses; readonly lifecycle: Lifecycle }>();
  members.subscribe({
    onClose: ({ name }) => {
      void pods.get(name)?.lifecycle.stop();
      pods.delete(name);
    },
  });
  const discoveredAtMs = new Map<string, number>();
  const kindsChanged = (name: string): void => {
    discoveredAtMs.delete(name);
    look(name);
  };
  return {
    observations: new Map(),
    discoveredAtMs,
    podsOf(name) {
      const member = members.get(name);
      const known = pods.get(name);
      if (known !== undefined || member === undefined) return known?.uses;
      const own = lifecycle.child();
      const uses = new PodUses(member, { clock, lifecycle: own });
      pods.set(name, { uses, lifecycle: own });
      followDefinitions(member, () => kindsChanged(name));
      return uses;
    },
  };
}

/** A kind that comes to a member, or goes, is known at once instead of at the next discovery. */
function followDefinitions(member: Member, changed: () => void): void {
  member.informers.informerFor<Definition>(resources.customResourceDefinitions).subscribe({
    onAdd: (_definition, initial) => {
      if (!initial) changed();
    },
    onUpdate: (old, definition) => {
      if (!equal(old.spec, definition.spec) || !equal(old.status, definition.status)) changed();
    },
    onDelete: changed,
  });
}
