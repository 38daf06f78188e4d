import type { Cluster, Taint } from "#api/cluster";
import {
  type ClusterAffinity,
  type ClusterAffinityTerm,
  matchesClusterAffinity,
  type Placement,
  type Toleration,
} from "#api/policy";
import type { Binding } from "#api/work";

/** The part of a placement that one attempt is about: the single affinity, or one term of several. */
export interface Attempt {
  readonly affinity: ClusterAffinity | ClusterAffinityTerm | undefined;
  readonly affinityName?: string;
}

export function isWorkload(binding: Binding): boolean {
  const { replicas = 0, replicaRequirements, components = [] } = binding.spec;
  return replicas > 0 || replicaRequirements !== undefined || components.length > 0;
}

const overflowsOf = (attempt: Attempt): readonly ClusterAffinity[] =>
  (attempt.affinity as ClusterAffinityTerm | undefined)?.overflowAffinities ?? [];

/** 0 for the primary group, 1 and up for the overflow groups, undefined where none takes the cluster. */
export function tierOf(attempt: Attempt, cluster: Cluster, workload: boolean): number | undefined {
  if (matchesClusterAffinity(attempt.affinity, cluster)) return 0;
  if (!workload) return undefined;
  const at = overflowsOf(attempt).findIndex((group) => matchesClusterAffinity(group, cluster));
  return at < 0 ? undefined : at + 1;
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if ((toleration.effect ?? "") !== "" && toleration.effect !== taint.effect) return false;
  if ((toleration.key ?? "") !== "" && toleration.key !== taint.key) return false;
  const operator = toleration.operator ?? "";
  if (operator === "Exists") return true;
  return (toleration.key ?? "") !== "" && (toleration.value ?? "") === (taint.value ?? "");
}

function taintText(taint: Taint): string {
  const value = taint.value === undefined || taint.value === "" ? "" : `=${taint.value}`;
  return `{${taint.key}${value}:${taint.effect}}`;
}

function untoleratedTaint(cluster: Cluster, placement: Placement): Taint | undefined {
  const tolerations = placement.clusterTolerations ?? [];
  return (cluster.spec.taints ?? []).find(
    (taint) => taint.effect !== "PreferNoSchedule" && !tolerations.some((one) => tolerates(one, taint)),
  );
}

function listsApi(cluster: Cluster, { apiVersion, kind }: Binding["spec"]["resource"]): boolean {
  return (cluster.status?.apiEnablements ?? []).some(
    ({ groupVersion, resources = [] }) => groupVersion === apiVersion && resources.some((one) => one.kind === kind),
  );
}

function missingProperty(cluster: Cluster, placement: Placement): string | undefined {
  const { provider = "", region = "", zone = "", zones = [] } = cluster.spec;
  const missing: Readonly<Record<string, string | undefined>> = {
    provider: provider === "" ? "provider" : undefined,
    region: region === "" ? "region" : undefined,
    zone: zones.length === 0 && zone === "" ? "zones" : undefined,
  };
  for (const { spreadByField } of placement.spreadConstraints ?? []) {
    const property = missing[spreadByField ?? ""];
    if (property !== undefined) return property;
  }
  return undefined;
}

/** Why a cluster cannot take the binding; undefined where it can. A cluster that has it keeps it through taints. */
export function rejectionOf(cluster: Cluster, binding: Binding, attempt: Attempt): string | undefined {
  const { placement = {}, resource, clusters = [], gracefulEvictionTasks = [] } = binding.spec;
  const name = cluster.metadata.name ?? "";
  const isTarget = clusters.some((target) => target.name === name);
  if (!isTarget && !listsApi(cluster, resource)) return "cluster(s) did not have the API resource";
  const taint = isTarget ? undefined : untoleratedTaint(cluster, placement);
  if (taint !== undefined) return `cluster(s) had untolerated taint ${taintText(taint)}`;
  if (tierOf(attempt, cluster, isWorkload(binding)) === undefined) {
    return "cluster(s) did not match the placement cluster affinity constraint";
  }
  const property = missingProperty(cluster, placement);
  if (property !== undefined) return `cluster(s) did not have ${property} property`;
  const evicted = gracefulEvictionTasks.some((task) => task.fromCluster === name);
  return evicted ? "cluster(s) is in the process of eviction" : undefined;
}

/** `0/3 clusters are available: 2 cluster(s) ..., 1 cluster(s) ....` */
export function noFitMessage(reasons: readonly string[], unknown: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const why = reasons.length === 0 ? "no cluster is registered" : texts.join(", ");
  const named =
    unknown.length === 0 ? "" : ` The placement names clusters that are not registered: ${unknown.join(", ")}.`;
  return `0/${reasons.length} clusters are available: ${why}.${named}`;
}

/** Cluster names that the placement mentions and nobody registered, sorted. */
export function unknownClustersOf(placement: Placement | undefined, clusters: readonly Cluster[]): readonly string[] {
  const terms = placement?.clusterAffinities ?? [];
  const affinities = [placement?.clusterAffinity, ...terms, ...terms.flatMap((term) => term.overflowAffinities ?? [])];
  const named = affinities.flatMap((affinity) => affinity?.clusterNames ?? []);
  const registered = new Set(clusters.map((cluster) => cluster.metadata.name));
  return [...new Set(named)].filter((name) => !registered.has(name)).sort();
}
