import { matchesClusterAffinity, type ReplicaScheduling } from "#api/policy";
import type { Binding, TargetCluster } from "#api/work";
import { type Candidate, capacityOf } from "./contract.ts";
import { isWorkload } from "./filter.ts";
import { divideByWeight, type Weight } from "./webster.ts";

export type Division =
  | { readonly kind: "divided"; readonly clusters: readonly TargetCluster[] }
  | { readonly kind: "short"; readonly available: number };

type Strategy = "Duplicated" | "StaticWeight" | "DynamicWeight" | "Aggregated";

export function strategyOf(scheduling: ReplicaScheduling | undefined): Strategy {
  if (scheduling === undefined || scheduling.replicaSchedulingType === "Duplicated") return "Duplicated";
  if (scheduling.replicaDivisionPreference === "Aggregated") return "Aggregated";
  return scheduling.weightPreference?.dynamicWeight === "AvailableReplicas" ? "DynamicWeight" : "StaticWeight";
}

const byName = (a: TargetCluster, b: TargetCluster): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const targetFor = (name: string, replicas: number): TargetCluster => (replicas > 0 ? { name, replicas } : { name });

function targetsOf(shares: ReadonlyMap<string, number>): readonly TargetCluster[] {
  return [...shares]
    .filter(([, replicas]) => replicas > 0)
    .map(([name, replicas]) => ({ name, replicas }))
    .sort(byName);
}

/** True where a rescheduling was asked for after the last scheduling. */
export function isFresh(binding: Binding): boolean {
  const asked = binding.spec.rescheduleTriggeredAt;
  if (asked === undefined) return false;
  const last = binding.status?.lastScheduledTime;
  return last === undefined || Date.parse(asked) > Date.parse(last);
}

function staticWeights(candidates: readonly Candidate[], scheduling: ReplicaScheduling | undefined): readonly Weight[] {
  const rules = scheduling?.weightPreference?.staticWeightList ?? [];
  const weights = candidates.map(({ name, cluster }) => {
    const matching = rules.filter((rule) => matchesClusterAffinity(rule.targetCluster, cluster));
    return { name, weight: Math.max(0, ...matching.map((rule) => rule.weight)) };
  });
  return weights.some(({ weight }) => weight > 0) ? weights : candidates.map(({ name }) => ({ name, weight: 1 }));
}

interface Share {
  readonly name: string;
  /** What it may get at most, and its weight. */
  readonly weight: number;
  readonly assigned: number;
  readonly tier: number;
}

/** The fewest clusters that have room enough: those in use first, then the roomiest. */
function shortestPrefix(shares: readonly Share[], wanted: number): readonly Share[] {
  const ordered = shares.toSorted(
    (a, b) =>
      a.tier - b.tier ||
      Number(b.assigned > 0) - Number(a.assigned > 0) ||
      b.weight - a.weight ||
      (a.name < b.name ? -1 : 1),
  );
  let room = 0;
  const end = ordered.findIndex((share) => {
    room += share.weight;
    return room >= wanted;
  });
  return end < 0 ? ordered : ordered.slice(0, end + 1);
}

/** Fills tier after tier, each up to its room; within a tier by weight. */
function fillTiers(shares: readonly Share[], wanted: number, uid: string): ReadonlyMap<string, number> {
  const tiers = [...new Set(shares.map(({ tier }) => tier))].sort((a, b) => a - b);
  const result = new Map<string, number>();
  let left = wanted;
  for (const tier of tiers) {
    const group = shares.filter((share) => share.tier === tier);
    const part = Math.min(
      left,
      group.reduce((sum, share) => sum + share.weight, 0),
    );
    for (const [name, seats] of divideByWeight(part, group, uid)) result.set(name, seats);
    left -= part;
  }
  return result;
}

/** Replicas by free room: only the difference to what is assigned moves, unless a fresh start was asked for. */
function divideDynamically(candidates: readonly Candidate[], binding: Binding, aggregated: boolean): Division {
  const wanted = binding.spec.replicas ?? 0;
  const uid = binding.spec.resource.uid ?? "";
  const fresh = isFresh(binding);
  const assigned = candidates.reduce((sum, candidate) => sum + candidate.assigned, 0);
  if (!fresh && wanted <= assigned) {
    const weights = candidates.map((one) => ({ name: one.name, weight: one.assigned }));
    return { kind: "divided", clusters: targetsOf(divideByWeight(wanted, weights, uid)) };
  }
  const missing = fresh ? wanted : wanted - assigned;
  const shares = candidates.map((one) => ({ ...one, weight: fresh ? capacityOf(one) : one.free }));
  const room = shares.reduce((sum, share) => sum + share.weight, 0);
  if (room < missing) return { kind: "short", available: room };
  const added = fillTiers(aggregated ? shortestPrefix(shares, missing) : shares, missing, uid);
  const total = candidates.map(
    ({ name, assigned: before }) => [name, (fresh ? 0 : before) + (added.get(name) ?? 0)] as const,
  );
  return { kind: "divided", clusters: targetsOf(new Map(total)) };
}

/**
 * Gives each selected cluster its replicas. What is scaled to zero stays where it is, or goes to every selected cluster:
 * no object is removed from a cluster because nothing runs of it.
 */
export function divideReplicas(candidates: readonly Candidate[], binding: Binding): Division {
  const scheduling = binding.spec.placement?.replicaScheduling;
  const strategy = strategyOf(scheduling);
  const replicas = binding.spec.replicas ?? 0;
  const whole = !isWorkload(binding) || (binding.spec.components?.length ?? 0) > 1;
  if (strategy === "Duplicated" || whole) {
    const clusters = candidates.map(({ name }) => targetFor(name, whole ? 0 : replicas));
    return { kind: "divided", clusters: clusters.toSorted(byName) };
  }
  if (replicas === 0) {
    const present = candidates.filter(({ name }) => binding.spec.clusters?.some((target) => target.name === name));
    const kept = present.length > 0 ? present : candidates;
    return { kind: "divided", clusters: kept.map(({ name }) => ({ name })).toSorted(byName) };
  }
  if (strategy === "StaticWeight") {
    const shares = divideByWeight(replicas, staticWeights(candidates, scheduling), binding.spec.resource.uid);
    return { kind: "divided", clusters: targetsOf(shares) };
  }
  return divideDynamically(candidates, binding, strategy === "Aggregated");
}
