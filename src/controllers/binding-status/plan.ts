import equal from "fast-deep-equal";
import { clusterOfExecutionNamespace } from "#api";
import type { AggregatedStatusItem, Binding, Work } from "#api/work";
import { type Condition, findCondition, setCondition } from "#machinery";

/** What each member reports, in the order of the clusters' names. */
export function aggregate(works: readonly Work[]): readonly AggregatedStatusItem[] {
  return works
    .filter((work) => work.metadata.deletionTimestamp === undefined)
    .map(itemFor)
    .sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1));
}

function itemFor(work: Work): AggregatedStatusItem {
  const clusterName = clusterOfExecutionNamespace(work.metadata.namespace ?? "") ?? "";
  const applied = findCondition(work.status?.conditions, "Applied");
  if (applied?.status !== "True") {
    return { clusterName, ...(applied === undefined ? {} : { appliedMessage: applied.message }), health: "Unknown" };
  }
  const reported = work.status?.manifestStatuses?.[0];
  return {
    clusterName,
    ...(reported?.status === undefined ? {} : { status: reported.status }),
    applied: true,
    health: reported?.health ?? "Unknown",
  };
}

/** Nothing was tried yet: neither applied nor refused nor held back. Its first answer comes soon. */
export const isUntried = (work: Work): boolean => (work.status?.conditions ?? []).length === 0;

export function fullyApplied(
  binding: Binding,
  items: readonly AggregatedStatusItem[],
): Omit<Condition, "lastTransitionTime"> {
  const wanted = wantedClusters(binding);
  const all =
    wanted.size > 0 &&
    wanted.size === items.length &&
    items.every((item) => item.applied === true && wanted.has(item.clusterName));
  return all
    ? {
        type: "FullyApplied",
        status: "True",
        reason: "FullyAppliedSuccess",
        message: "All works have been successfully applied",
      }
    : {
        type: "FullyApplied",
        status: "False",
        reason: "FullyAppliedFailed",
        message: "Failed to apply all works, see status.aggregatedStatus for details",
      };
}

function wantedClusters({ spec }: Binding): ReadonlySet<string> {
  const required = (spec.requiredBy ?? []).flatMap((snapshot) => snapshot.clusters ?? []);
  const leaving = (spec.gracefulEvictionTasks ?? []).filter((task) => task.purgeMode !== "Directly");
  return new Set([
    ...[...(spec.clusters ?? []), ...required].map(({ name }) => name),
    ...leaving.map((task) => task.fromCluster),
  ]);
}

/** The part of a binding's status that changes, as a merge patch; undefined where nothing does. */
export function bindingStatusPatch(
  binding: Binding,
  items: readonly AggregatedStatusItem[],
  nowIso: string,
): { readonly status: object } | undefined {
  const before = binding.status?.conditions;
  const conditions = setCondition(before, fullyApplied(binding, items), nowIso);
  const status = {
    ...(equal(items, binding.status?.aggregatedStatus ?? []) ? {} : { aggregatedStatus: items }),
    ...(conditions === before ? {} : { conditions }),
  };
  return Object.keys(status).length === 0 ? undefined : { status };
}
