import type { KubeObject } from "#machinery";
import {
  controllerReference,
  isActive,
  isAvailable,
  isReady,
  type Pod,
  type PodTemplate,
  type ReplicaSet,
} from "../kinds.ts";

/** How many Pods to make and which to delete. */
export interface PodPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** What brings a replica set to its size. Pods go in the order in which they are missed least. */
export function planPods(set: ReplicaSet, pods: readonly Pod[]): PodPlan {
  const active = pods.filter(isActive);
  const difference = (set.spec.replicas ?? 1) - active.length;
  if (set.metadata.deletionTimestamp !== undefined || difference === 0) return { create: 0, remove: [] };
  if (difference > 0) return { create: difference, remove: [] };
  return { create: 0, remove: [...active].sort(leastMissedFirst).slice(0, -difference) };
}

/** Unassigned, then pending, then not ready, then often restarted, then young. */
function leastMissedFirst(left: Pod, right: Pod): number {
  const ranks = [
    Number(Boolean(left.spec.nodeName)) - Number(Boolean(right.spec.nodeName)),
    Number(left.status?.phase === "Running") - Number(right.status?.phase === "Running"),
    Number(isReady(left)) - Number(isReady(right)),
    restartsOf(right) - restartsOf(left),
    (right.metadata.creationTimestamp ?? "").localeCompare(left.metadata.creationTimestamp ?? ""),
  ];
  return ranks.find((rank) => rank !== 0) ?? 0;
}

export function restartsOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0);
}

/** A Pod as a controller makes it from its template. */
export function podFrom(owner: KubeObject, template: PodTemplate, more: { readonly name?: string } = {}): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...(more.name === undefined ? {} : { name: more.name }),
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(Array.isArray(finalizers) ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}

/** The status of a replica set as its Pods add up to it; `nextCheckMs` is when a Pod becomes available by waiting. */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  nowMs: number,
): { readonly status: NonNullable<ReplicaSet["status"]>; readonly waits: boolean } {
  const active = pods.filter(isActive);
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const sizes = {
    fullyLabeledReplicas: active.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value))
      .length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
  };
  const positive = Object.fromEntries(Object.entries(sizes).filter(([, size]) => size > 0));
  const generation = set.metadata.generation;
  return {
    status: {
      replicas: active.length,
      ...positive,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    },
    waits: sizes.availableReplicas < sizes.readyReplicas,
  };
}
