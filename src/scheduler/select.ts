import type { SpreadConstraint } from "#api/policy";
import type { Binding } from "#api/work";
import { type Candidate, capacityOf } from "./contract.ts";
import { strategyOf } from "./divide.ts";
import { isWorkload } from "./filter.ts";

export type Selection =
  | { readonly kind: "selected"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "error"; readonly message: string };

export const byPreference = (a: Candidate, b: Candidate): number =>
  a.tier - b.tier || b.score - a.score || capacityOf(b) - capacityOf(a) || (a.name < b.name ? -1 : 1);

interface Need {
  /** Replicas that the selected clusters must be able to hold; 0 where capacity does not matter. */
  readonly replicas: number;
  readonly duplicated: boolean;
}

const sum = (candidates: readonly Candidate[]): number => candidates.reduce((all, one) => all + capacityOf(one), 0);
const failed = (message: string): Selection => ({ kind: "error", message });

/** Swaps the least of the chosen for the roomiest of the rest until the replicas fit. */
function swapForRoom(
  chosen: readonly Candidate[],
  rest: readonly Candidate[],
  replicas: number,
): readonly Candidate[] | undefined {
  const picked = [...chosen];
  const others = rest.toSorted((a, b) => capacityOf(b) - capacityOf(a));
  for (let at = picked.length - 1; at >= 0 && sum(picked) < replicas; at -= 1) {
    const [richer] = others;
    const weaker = picked[at];
    if (richer === undefined || weaker === undefined || capacityOf(richer) <= capacityOf(weaker)) continue;
    picked[at] = richer;
    others.shift();
  }
  return sum(picked) >= replicas ? picked : undefined;
}

function selectByCluster(candidates: readonly Candidate[], constraint: SpreadConstraint, need: Need): Selection {
  const { minGroups = 0, maxGroups = 0 } = constraint;
  if (candidates.length < minGroups) {
    return failed(
      `the number of feasible clusters is less than spreadConstraint.MinGroups: ${candidates.length} of ${minGroups}`,
    );
  }
  // An unset maxGroups means no limit here; zero groups would mean that the object goes nowhere.
  const size = maxGroups === 0 ? candidates.length : Math.min(candidates.length, maxGroups);
  const chosen = candidates.slice(0, size);
  if (need.replicas === 0 || need.duplicated || sum(chosen) >= need.replicas) {
    return { kind: "selected", candidates: chosen };
  }
  const swapped = swapForRoom(chosen, candidates.slice(size), need.replicas);
  if (swapped === undefined) return failed(`no enough resource when selecting ${size} clusters`);
  return { kind: "selected", candidates: swapped };
}

interface Region {
  readonly name: string;
  readonly clusters: readonly Candidate[];
  readonly weight: number;
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : Math.floor(values.reduce((all, one) => all + one, 0) / values.length);

function regionWeight(clusters: readonly Candidate[], need: Need, minGroups: number): number {
  if (need.duplicated) {
    const able = clusters.filter((one) => capacityOf(one) >= need.replicas);
    return able.length * 1000 + mean(able.map((one) => one.score));
  }
  const target = Math.ceil(need.replicas / Math.max(1, minGroups));
  return Math.min(sum(clusters), target) * 1000 + mean(clusters.map((one) => one.score));
}

function regionsOf(candidates: readonly Candidate[], need: Need, minGroups: number): readonly Region[] {
  const groups = Map.groupBy(candidates, (one) => one.cluster.spec.region ?? "");
  const regions = [...groups].map(([name, clusters]) => ({
    name,
    clusters,
    weight: regionWeight(clusters, need, minGroups),
  }));
  return regions.sort(
    (a, b) => b.weight - a.weight || b.clusters.length - a.clusters.length || (a.name < b.name ? -1 : 1),
  );
}

/** The best regions, added in order of weight until both minimums hold; bounded by maxGroups. */
function pickRegions(
  regions: readonly Region[],
  limits: { readonly min: number; readonly max: number; readonly clusters: number },
): readonly Region[] | undefined {
  for (let size = limits.min; size <= Math.min(limits.max, regions.length); size += 1) {
    const head = regions.slice(0, size);
    const count = head.reduce((all, region) => all + region.clusters.length, 0);
    if (count >= limits.clusters) return head;
    const more = regions.slice(size - 1).toSorted((a, b) => b.clusters.length - a.clusters.length)[0];
    const swapped = more === undefined ? head : [...regions.slice(0, size - 1), more];
    if (swapped.reduce((all, region) => all + region.clusters.length, 0) >= limits.clusters) return swapped;
  }
  return undefined;
}

function selectByRegion(
  candidates: readonly Candidate[],
  constraints: { readonly region: SpreadConstraint; readonly cluster: SpreadConstraint | undefined },
  need: Need,
): Selection {
  const min = Math.max(1, constraints.region.minGroups ?? 1);
  const regions = regionsOf(candidates, need, min);
  if (regions.length < min) {
    return failed(`the number of feasible region is less than spreadConstraint.MinGroups: ${regions.length} of ${min}`);
  }
  const minClusters = constraints.cluster?.minGroups ?? 0;
  const max = constraints.region.maxGroups || regions.length;
  const picked = pickRegions(regions, { min, max, clusters: minClusters });
  if (picked === undefined) {
    return failed(`the number of feasible clusters is less than spreadConstraint.MinGroups: ${minClusters} are needed`);
  }
  const best = picked.flatMap((region) => region.clusters.slice(0, 1));
  const rest = picked.flatMap((region) => region.clusters.slice(1)).sort(byPreference);
  const size = Math.max(picked.length, constraints.cluster?.maxGroups || candidates.length);
  return { kind: "selected", candidates: [...best, ...rest.slice(0, size - best.length)] };
}

/** Which of the fitting clusters to use, by the placement's spread constraints. `candidates` are in order of preference. */
export function selectClusters(candidates: readonly Candidate[], binding: Binding): Selection {
  const placement = binding.spec.placement ?? {};
  const constraints = placement.spreadConstraints ?? [];
  const strategy = strategyOf(placement.replicaScheduling);
  if (constraints.length === 0 || strategy === "StaticWeight") return { kind: "selected", candidates };
  const region = constraints.find((one) => one.spreadByField === "region");
  const cluster = constraints.find((one) => one.spreadByField === "cluster");
  const need: Need = {
    replicas: isWorkload(binding) ? (binding.spec.replicas ?? 0) : 0,
    duplicated: strategy === "Duplicated",
  };
  if (region !== undefined) return selectByRegion(candidates, { region, cluster }, need);
  if (cluster !== undefined) return selectByCluster(candidates, cluster, need);
  return failed("just support cluster and region spread constraint");
}
