import equal from "fast-deep-equal";
import { annotation } from "#api";
import type { Binding, TargetCluster } from "#api/work";
import { type Condition, setCondition } from "#machinery";
import { appliedPlacementText, type ScheduleResult } from "#scheduler";

export interface SchedulePlan {
  /** A merge patch of the binding itself; undefined where nothing changes. */
  readonly patch: { readonly [field: string]: unknown } | undefined;
  /** The whole status as it is to be; undefined where nothing changes. */
  readonly status: Binding["status"];
  readonly event: { readonly type: "normal" | "warning"; readonly message: string } | undefined;
  /** Capacity may free up: look again later. */
  readonly retry: boolean;
}

const failures = { noFit: "NoClusterFit", unschedulable: "Unschedulable", error: "SchedulerError" } as const;

/**
 * What to write for one scheduling result. Writing the placement, and not the object's clusters, when nothing fits keeps
 * members' objects: a placement that fits nothing must not delete what runs. Clusters that leave are taken out all the same:
 * they wait for it.
 */
export function planSchedule(
  binding: Binding,
  result: ScheduleResult,
  nowIso: string,
  isLeaving: (cluster: string) => boolean = () => false,
): SchedulePlan {
  const patch = patchFor(binding, result, isLeaving);
  const condition = conditionFor(result);
  const conditions = setCondition(binding.status?.conditions, condition, nowIso);
  const transition = conditions !== binding.status?.conditions;
  const generation = binding.metadata.generation;
  const moved = patch?.spec !== undefined;
  const status: Binding["status"] =
    result.kind === "scheduled"
      ? withoutUndefined({
          ...binding.status,
          conditions,
          // A patch of the spec moves the generation by one: the status then speaks of the one after it.
          schedulerObservedGeneration: generation === undefined ? undefined : generation + (moved ? 1 : 0),
          schedulerObservingAffinityName: result.affinityName,
          lastScheduledTime: moved || transition ? nowIso : (binding.status?.lastScheduledTime ?? nowIso),
        })
      : { ...binding.status, conditions };
  const changed = !equal(status, binding.status);
  return {
    patch,
    status: changed ? status : undefined,
    event: moved || transition ? eventFor(binding, result) : undefined,
    retry: result.kind === "unschedulable",
  };
}

function patchFor(
  binding: Binding,
  result: ScheduleResult,
  isLeaving: (cluster: string) => boolean,
): SchedulePlan["patch"] {
  const text = appliedPlacementText(binding.spec.placement);
  const metadata =
    binding.metadata.annotations?.[annotation.appliedPlacement] === text
      ? undefined
      : { annotations: { [annotation.appliedPlacement]: text } };
  const { clusters: present = [] } = binding.spec;
  const clusters = result.kind === "scheduled" ? result.clusters : present.filter(({ name }) => !isLeaving(name));
  const spec = sameTargets(clusters, present) ? undefined : { clusters };
  if (metadata === undefined && spec === undefined) return undefined;
  return { ...(metadata && { metadata }), ...(spec && { spec }) };
}

const sameTargets = (a: readonly TargetCluster[], b: readonly TargetCluster[] = []): boolean =>
  a.length === b.length &&
  a.every((target, at) => target.name === b[at]?.name && (target.replicas ?? 0) === (b[at]?.replicas ?? 0));

function conditionFor(result: ScheduleResult): Omit<Condition, "lastTransitionTime"> {
  if (result.kind === "scheduled") {
    return {
      type: "Scheduled",
      status: "True",
      reason: "Success",
      message: "Binding has been scheduled successfully.",
    };
  }
  return { type: "Scheduled", status: "False", reason: failures[result.kind], message: result.message };
}

function eventFor(binding: Binding, result: ScheduleResult): SchedulePlan["event"] {
  if (result.kind !== "scheduled") return { type: "warning", message: result.message };
  const targets = result.clusters.map(({ name, replicas = 0 }) => `${name}:${replicas}`).join(", ");
  const colon = binding.metadata.namespace === undefined ? "" : ":";
  return { type: "normal", message: `Binding has been scheduled successfully. Result${colon} {${targets}}` };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
