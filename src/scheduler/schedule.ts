import type { Cluster } from "#api/cluster";
import type { Binding } from "#api/work";
import { estimateReplicas } from "./capacity.ts";
import type { Candidate, ScheduleInput, ScheduleResult } from "./contract.ts";
import { divideReplicas, isFresh } from "./divide.ts";
import { type Attempt, isWorkload, noFitMessage, rejectionOf, tierOf, unknownClustersOf } from "./filter.ts";
import { byPreference, selectClusters } from "./select.ts";

function candidateFor(cluster: Cluster, input: ScheduleInput, attempt: Attempt): Candidate {
  const { binding, availableReplicas = estimateReplicas } = input;
  const name = cluster.metadata.name ?? "";
  const target = binding.spec.clusters?.find((one) => one.name === name);
  const workload = isWorkload(binding);
  return {
    cluster,
    name,
    score: target === undefined ? 0 : 100,
    free: workload ? availableReplicas(cluster, binding) : 0,
    assigned: target?.replicas ?? 0,
    tier: tierOf(attempt, cluster, workload) ?? 0,
  };
}

function scheduleOnce(input: ScheduleInput, attempt: Attempt): ScheduleResult {
  const { binding } = input;
  const alive = input.clusters.filter((cluster) => cluster.metadata.deletionTimestamp === undefined);
  const judged = alive.map((cluster) => ({ cluster, reason: rejectionOf(cluster, binding, attempt) }));
  const fitting = judged.filter(({ reason }) => reason === undefined);
  const unknownClusters = unknownClustersOf(binding.spec.placement, input.clusters);
  if (fitting.length === 0) {
    return {
      kind: "noFit",
      message: noFitMessage(
        judged.flatMap(({ reason }) => reason ?? []),
        unknownClusters,
      ),
    };
  }
  const candidates = fitting.map(({ cluster }) => candidateFor(cluster, input, attempt)).sort(byPreference);
  const selection = selectClusters(candidates, binding);
  if (selection.kind === "error") return selection;
  const division = divideReplicas(selection.candidates, binding);
  if (division.kind === "short") {
    return {
      kind: "unschedulable",
      message: `Clusters available replicas ${division.available} are not enough to schedule.`,
    };
  }
  const named = attempt.affinityName === undefined ? {} : { affinityName: attempt.affinityName };
  return { kind: "scheduled", clusters: division.clusters, ...named, unknownClusters };
}

/** The terms still to try: from the observed one on, from the first where a fresh start was asked for. */
function attemptsOf(binding: Binding): readonly Attempt[] {
  const { clusterAffinity, clusterAffinities = [] } = binding.spec.placement ?? {};
  if (clusterAffinities.length === 0) return [{ affinity: clusterAffinity }];
  const observed = binding.status?.schedulerObservingAffinityName;
  const start = isFresh(binding) ? 0 : clusterAffinities.findIndex((term) => term.affinityName === observed);
  return clusterAffinities
    .slice(Math.max(0, start))
    .map((affinity) => ({ affinity, affinityName: affinity.affinityName }));
}

/** Where a binding goes. With several affinity terms the first that schedules wins; if none does, the first one's reason. */
export function schedule(input: ScheduleInput): ScheduleResult {
  let first: ScheduleResult | undefined;
  for (const attempt of attemptsOf(input.binding)) {
    const result = scheduleOnce(input, attempt);
    if (result.kind === "scheduled") return result;
    first ??= result;
  }
  return first ?? { kind: "error", message: "the placement has no affinity term" };
}
