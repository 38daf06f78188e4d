import { taintKey } from "#api";
import type { Cluster, Taint } from "#api/cluster";
import { findCondition } from "#machinery";

/**
 * The taints that go with the Ready condition: not-ready while it is False or missing, unreachable while it is Unknown. Other
 * taints stay. Where nothing changes the same list comes back.
 */
export function taintsFor(cluster: Cluster, nowIso: string): readonly Taint[] {
  const present = cluster.spec.taints ?? [];
  const status = findCondition(cluster.status?.conditions, "Ready")?.status ?? "False";
  const wanted = { True: undefined, False: taintKey.notReady, Unknown: taintKey.unreachable }[status];
  const kept = present.filter((taint) => !isHealthTaint(taint) || taint.key === wanted);
  if (wanted === undefined || kept.some((taint) => isHealthTaint(taint) && taint.key === wanted)) {
    return kept.length === present.length ? present : kept;
  }
  return [...kept, { key: wanted, effect: "NoSchedule", timeAdded: nowIso }];
}

const isHealthTaint = (taint: Taint): boolean =>
  taint.effect === "NoSchedule" && (taint.key === taintKey.notReady || taint.key === taintKey.unreachable);

/** For events. */
export function taintsText(taints: readonly Taint[]): string {
  if (taints.length === 0) return "cluster now does not have taints";
  const list = taints.map(({ key, value, effect }) =>
    value === undefined ? `{Key:${key},Effect:${effect}}` : `{Key:${key},Value:${value},Effect:${effect}}`,
  );
  return `cluster now has taints([${list.join(",")}])`;
}
