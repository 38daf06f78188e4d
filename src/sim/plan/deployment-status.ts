import {
  conditionOf,
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
  timeText,
  type WorkloadCondition,
} from "../kinds.ts";
import { surgeOf, totalSize } from "./replica-sets.ts";

const sum = (
  sets: readonly ReplicaSet[],
  of: (status: NonNullable<ReplicaSet["status"]>) => number | undefined,
): number => sets.reduce((total, set) => total + (of(set.status ?? {}) ?? 0), 0);

/** Sizes of zero are left out, as Kubernetes leaves them out. */
function positive(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value > 0));
}

/** A Deployment's status as its replica sets add up to it. Conditions keep their times while they say the same. */
export function deploymentStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  context: { readonly current: ReplicaSet | undefined; readonly nowMs: number },
): DeploymentStatus {
  const { current, nowMs } = context;
  const replicas = sum(sets, (status) => status.replicas);
  const availableReplicas = sum(sets, (status) => status.availableReplicas);
  const updatedReplicas = current?.status?.replicas ?? 0;
  const sizes = {
    replicas,
    updatedReplicas,
    readyReplicas: sum(sets, (status) => status.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, totalSize(sets) - availableReplicas),
  };
  const present = deployment.status?.conditions ?? [];
  const available = availability(deployment, availableReplicas);
  const progressing = progress(deployment, sizes, { current, nowMs });
  const conditions = [available, progressing].reduce(
    (list, condition) => (condition === undefined ? list : withCondition(list, condition, nowMs)),
    present,
  );
  return {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    ...positive(sizes),
    conditions,
  };
}

type WantedCondition = Pick<WorkloadCondition, "type" | "status" | "reason" | "message">;

function availability(deployment: Deployment, availableReplicas: number): WantedCondition {
  const minimum = (deployment.spec.replicas ?? 1) - surgeOf(deployment).unavailable;
  return availableReplicas >= minimum
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

interface Sizes {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

function progress(
  deployment: Deployment,
  sizes: Sizes,
  { current, nowMs }: { readonly current: ReplicaSet | undefined; readonly nowMs: number },
): WantedCondition | undefined {
  const type = "Progressing";
  if (deployment.spec.paused === true) {
    return { type, status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" };
  }
  if (current === undefined) return undefined;
  const name = current.metadata.name;
  const wanted = deployment.spec.replicas ?? 1;
  const complete = sizes.updatedReplicas === wanted && sizes.replicas === wanted && sizes.availableReplicas === wanted;
  if (complete) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    return { type, status: "True", reason: "NewReplicaSetAvailable", message };
  }
  const before = conditionOf(deployment.status?.conditions, type);
  if (isStalled(deployment, sizes, nowMs)) {
    const message = `ReplicaSet "${name}" has timed out progressing.`;
    return { type, status: "False", reason: "ProgressDeadlineExceeded", message };
  }
  if (before === undefined) {
    return { type, status: "True", reason: "NewReplicaSetCreated", message: `Created new replica set "${name}"` };
  }
  return { type, status: "True", reason: "ReplicaSetUpdated", message: `ReplicaSet "${name}" is progressing.` };
}

/** Nothing moved for the whole deadline, and the last rollout had not ended before. */
function isStalled(deployment: Deployment, sizes: Sizes, nowMs: number): boolean {
  const before = conditionOf(deployment.status?.conditions, "Progressing");
  if (before?.lastUpdateTime === undefined || before.reason === "NewReplicaSetAvailable") return false;
  const moved =
    sizes.updatedReplicas > (deployment.status?.updatedReplicas ?? 0) ||
    sizes.readyReplicas > (deployment.status?.readyReplicas ?? 0) ||
    sizes.availableReplicas > (deployment.status?.availableReplicas ?? 0);
  if (before.reason === "ProgressDeadlineExceeded") return !moved;
  const deadlineMs = (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
  return !moved && Date.parse(before.lastUpdateTime) + deadlineMs <= nowMs;
}

/** The list with one condition set; the same list where it already says so. */
function withCondition(
  conditions: readonly WorkloadCondition[],
  wanted: WantedCondition,
  nowMs: number,
): readonly WorkloadCondition[] {
  const old = conditionOf(conditions, wanted.type);
  if (old?.status === wanted.status && old.reason === wanted.reason && old.message === wanted.message)
    return conditions;
  const now = timeText(nowMs);
  const next = {
    ...wanted,
    lastUpdateTime: now,
    lastTransitionTime: old?.status === wanted.status ? (old.lastTransitionTime ?? now) : now,
  };
  return old === undefined ? [...conditions, next] : conditions.map((each) => (each === old ? next : each));
}
