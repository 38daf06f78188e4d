import { type GroupVersionResource, type KubeObject, keyOf, matchesLabelSelector, parseGroupVersion } from "#machinery";
import {
  conditionOf,
  controllerOf,
  isActive,
  isReady,
  type LabelSelector,
  type Pod,
  timeText,
  types,
  type WorkloadCondition,
} from "../kinds.ts";
import { stableText } from "../names.ts";
import { scaled } from "../plan/replica-sets.ts";
import { ownKey } from "./owners.ts";
import type { Controller, World } from "./world.ts";

/** On an HPA: the size its simulated metrics ask for. Without it the size stays, within the HPA's bounds. */
export const wantedReplicasAnnotation = "simulator/desired-replicas";

interface Autoscaler extends KubeObject {
  readonly spec: {
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
  };
  readonly status?: {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly conditions?: readonly WorkloadCondition[];
    readonly lastScaleTime?: string;
    readonly [field: string]: unknown;
  };
}

type Scalable = KubeObject & {
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
};

const scalable: Readonly<Record<string, GroupVersionResource>> = {
  Deployment: types.deployments,
  StatefulSet: types.statefulSets,
  ReplicaSet: types.replicaSets,
};

/** HorizontalPodAutoscalers: the target's size is brought within bounds, or to what the annotation says. */
export function autoscalerController(world: World): Controller {
  const autoscalers = world.view<Autoscaler>(types.autoscalers);
  const targeting = (target: KubeObject): readonly string[] =>
    autoscalers
      .list(target.metadata.namespace)
      .filter(
        ({ spec }) => spec.scaleTargetRef.kind === target.kind && spec.scaleTargetRef.name === target.metadata.name,
      )
      .map(keyOf);

  return {
    name: "autoscalers",
    sources: [
      { type: types.autoscalers, keys: ownKey },
      { type: types.deployments, keys: targeting },
      { type: types.statefulSets, keys: targeting },
    ],
    reconcile: async (key) => {
      const autoscaler = autoscalers.get(key);
      if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) return undefined;
      const type = targetType(autoscaler);
      const target =
        type &&
        world.view<Scalable>(type).get(`${autoscaler.metadata.namespace}/${autoscaler.spec.scaleTargetRef.name}`);
      const current = target?.spec.replicas ?? 0;
      const desired = target === undefined ? 0 : desiredReplicas(autoscaler, current);
      const scales = target !== undefined && desired !== current;
      if (scales)
        await world
          .view<Scalable>(target.kind === "Deployment" ? types.deployments : types.statefulSets)
          .update({ ...target, spec: { ...target.spec, replicas: desired } });
      const status = autoscalerStatus(autoscaler, { target, desired, scales, nowMs: world.nowMs });
      if (stableText(status) !== stableText(autoscaler.status))
        await autoscalers.updateStatus({ ...autoscaler, status });
      return undefined;
    },
  };
}

function targetType(autoscaler: Autoscaler): GroupVersionResource | undefined {
  const { apiVersion = "apps/v1", kind } = autoscaler.spec.scaleTargetRef;
  return parseGroupVersion(apiVersion).group === "apps" ? scalable[kind] : undefined;
}

/** A target of size 0 is switched off and stays so. */
function desiredReplicas(autoscaler: Autoscaler, current: number): number {
  if (current === 0) return 0;
  const asked = Number(autoscaler.metadata.annotations?.[wantedReplicasAnnotation] ?? current);
  return Math.min(autoscaler.spec.maxReplicas, Math.max(autoscaler.spec.minReplicas ?? 1, asked));
}

function autoscalerStatus(
  autoscaler: Autoscaler,
  {
    target,
    desired,
    scales,
    nowMs,
  }: {
    readonly target: Scalable | undefined;
    readonly desired: number;
    readonly scales: boolean;
    readonly nowMs: number;
  },
): NonNullable<Autoscaler["status"]> {
  const now = timeText(nowMs);
  const make = (type: string, status: string, reason: string, message: string): WorkloadCondition => {
    const old = conditionOf(autoscaler.status?.conditions, type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    return { type, status, reason, message, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
  };
  const lastScaleTime = scales ? now : autoscaler.status?.lastScaleTime;
  const conditions =
    target === undefined
      ? [
          make(
            "AbleToScale",
            "False",
            "FailedGetScale",
            "the HPA controller was unable to get the target's current scale",
          ),
        ]
      : [
          make("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size"),
          make(
            "ScalingActive",
            "True",
            "ValidMetricFound",
            "the HPA was able to successfully calculate a replica count",
          ),
          make("ScalingLimited", "False", "DesiredWithinRange", "the desired count is within the acceptable range"),
        ];
  return {
    ...(autoscaler.metadata.generation === undefined ? {} : { observedGeneration: autoscaler.metadata.generation }),
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    currentReplicas: target?.status?.replicas ?? 0,
    desiredReplicas: desired,
    currentMetrics: null,
    conditions,
  };
}

interface Budget extends KubeObject {
  readonly spec: {
    readonly selector?: LabelSelector;
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
  };
  readonly status?: { readonly conditions?: readonly WorkloadCondition[]; readonly [field: string]: unknown };
}

/** PodDisruptionBudgets: how many Pods may go. */
export function budgetController(world: World): Controller {
  const budgets = world.view<Budget>(types.budgets);
  const pods = world.view<Pod>(types.pods);
  const matching = (budget: Budget, pod: KubeObject): boolean =>
    budget.spec.selector !== undefined && matchesLabelSelector(budget.spec.selector, pod.metadata.labels);

  return {
    name: "budgets",
    sources: [
      { type: types.budgets, keys: ownKey },
      {
        type: types.pods,
        keys: (pod) =>
          budgets
            .list(pod.metadata.namespace)
            .filter((budget) => matching(budget, pod))
            .map(keyOf),
      },
    ],
    reconcile: async (key) => {
      const budget = budgets.get(key);
      if (budget === undefined) return undefined;
      const covered = pods
        .list(budget.metadata.namespace)
        .filter((pod) => matching(budget, pod) && isActive(pod) && controllerOf(pod) !== undefined);
      const status = budgetStatus(budget, covered, world.nowMs);
      if (stableText(status) !== stableText(budget.status)) await budgets.updateStatus({ ...budget, status });
      return undefined;
    },
  };
}

function budgetStatus(budget: Budget, pods: readonly Pod[], nowMs: number): NonNullable<Budget["status"]> {
  const { minAvailable, maxUnavailable } = budget.spec;
  const expectedPods = pods.length;
  const desiredHealthy =
    maxUnavailable === undefined
      ? scaled(minAvailable ?? 1, expectedPods, Math.ceil)
      : Math.max(0, expectedPods - scaled(maxUnavailable, expectedPods, Math.ceil));
  const currentHealthy = pods.filter(isReady).length;
  const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy);
  const [status, reason] = disruptionsAllowed > 0 ? ["True", "SufficientPods"] : ["False", "InsufficientPods"];
  const old = conditionOf(budget.status?.conditions, "DisruptionAllowed");
  const observedGeneration = budget.metadata.generation;
  return {
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: [
      {
        type: "DisruptionAllowed",
        status,
        reason,
        message: "",
        lastTransitionTime: old?.status === status ? (old?.lastTransitionTime ?? timeText(nowMs)) : timeText(nowMs),
        ...(observedGeneration === undefined ? {} : { observedGeneration }),
      },
    ],
  };
}
