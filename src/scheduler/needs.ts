import { annotation, label } from "#api";
import type { Cluster } from "#api/cluster";
import { matchesClusterAffinity, type Placement } from "#api/policy";
import type { Binding } from "#api/work";
import { encodeJson, parseJson } from "#machinery";
import { isFresh, strategyOf } from "./divide.ts";
import { isWorkload } from "./filter.ts";

/** Whether the scheduler looks at a binding at all: ours by name, not suspended, and claimed by a policy. */
export function isSchedulable(binding: Binding): boolean {
  const { schedulerName = "", suspension } = binding.spec;
  const labels = binding.metadata.labels ?? {};
  const claimed = [label.policyId, label.clusterPolicyId, label.managedBy].some((key) => (labels[key] ?? "") !== "");
  return (schedulerName === "" || schedulerName === "default-scheduler") && suspension?.scheduling !== true && claimed;
}

/** The text of annotation `policy.karmada.io/applied-placement`. */
export const appliedPlacementText = (placement: Placement | undefined): string => encodeJson(placement ?? {});

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}

function parsedPlacement(text: string): Placement | undefined {
  try {
    return parseJson(text) as Placement;
  } catch {
    return undefined; // an annotation that somebody broke counts as missing
  }
}

/** Of several terms only the one in use counts: editing a later fallback moves nothing. */
function comparable(placement: Placement, observed: string | undefined): string {
  const { clusterAffinities, workloadAffinity: _ignored, ...rest } = placement;
  const term = clusterAffinities?.find((one) => one.affinityName === observed);
  return encodeJson(
    sorted({ ...rest, term: clusterAffinities === undefined ? undefined : (term ?? clusterAffinities) }),
  );
}

function placementChanged(binding: Binding): boolean {
  const text = binding.metadata.annotations?.[annotation.appliedPlacement];
  const applied = text === undefined ? undefined : parsedPlacement(text);
  if (applied === undefined) return true;
  const observed = binding.status?.schedulerObservingAffinityName;
  return comparable(applied, observed) !== comparable(binding.spec.placement ?? {}, observed);
}

function replicasChanged(binding: Binding): boolean {
  const { replicas = 0, clusters = [] } = binding.spec;
  if (!isWorkload(binding)) return false;
  if (strategyOf(binding.spec.placement?.replicaScheduling) === "Duplicated") {
    return clusters.some((target) => (target.replicas ?? 0) !== replicas);
  }
  return clusters.reduce((sum, target) => sum + (target.replicas ?? 0), 0) !== replicas;
}

/** Whether a schedulable binding is to be scheduled now (`controllers.md` 4); else only its generation is noted. */
export function needsScheduling(binding: Binding, clusters: readonly Cluster[] = []): boolean {
  if (placementChanged(binding) || replicasChanged(binding) || isFresh(binding)) return true;
  if (!isWorkload(binding) || strategyOf(binding.spec.placement?.replicaScheduling) === "Duplicated") return true;
  const leaving = clusters.filter((cluster) => cluster.metadata.deletionTimestamp !== undefined);
  return leaving.some((cluster) => binding.spec.clusters?.some((target) => target.name === cluster.metadata.name));
}

/** Whether a cluster's change may change where a binding goes: its affinity takes the cluster as it was or as it is. */
export function concernsBinding(binding: Binding, cluster: Cluster, before?: Cluster): boolean {
  const { clusterAffinity, clusterAffinities = [] } = binding.spec.placement ?? {};
  const affinities = clusterAffinities.length > 0 ? clusterAffinities : [clusterAffinity];
  return affinities.some(
    (affinity) =>
      matchesClusterAffinity(affinity, cluster) || (before !== undefined && matchesClusterAffinity(affinity, before)),
  );
}
