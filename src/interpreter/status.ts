import { annotation } from "#api";
import type { Health } from "#api/work";
import { isJsonObject } from "#base";
import { fieldAt, type KubeObject, listAt, numberAt, textAt } from "#machinery";
import type { StatusMap } from "./contract.ts";
import { typeOf } from "./type-of.ts";

/** The fields of each kind's status that a Work reports; other kinds report their whole status. */
const selected: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/Deployment": [
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "observedGeneration",
  ],
  "apps/v1/ReplicaSet": [
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "observedGeneration",
  ],
  "apps/v1/StatefulSet": [
    "replicas",
    "readyReplicas",
    "currentReplicas",
    "updatedReplicas",
    "availableReplicas",
    "currentRevision",
    "updateRevision",
    "observedGeneration",
  ],
  "apps/v1/DaemonSet": [
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
    "observedGeneration",
  ],
  "batch/v1/Job": ["active", "succeeded", "failed", "conditions", "startTime", "completionTime"],
  "policy/v1/PodDisruptionBudget": [
    "currentHealthy",
    "desiredHealthy",
    "disruptionsAllowed",
    "expectedPods",
    "disruptedPods",
  ],
  "autoscaling/v2/HorizontalPodAutoscaler": ["currentReplicas", "desiredReplicas"],
};

const generational = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"]);

/** What a Work reports of a member object; undefined where the object has no status. */
export function reflectStatus(live: KubeObject): StatusMap | undefined {
  const status = live.status;
  if (!isJsonObject(status)) return undefined;
  if (typeOf(live) === "v1/Service") {
    return textAt(live, ["spec", "type"]) === "LoadBalancer" ? { loadBalancer: status.loadBalancer ?? {} } : undefined;
  }
  const fields = selected[typeOf(live)];
  if (fields === undefined) return status;
  const kept = Object.fromEntries(fields.filter((name) => status[name] != null).map((name) => [name, status[name]]));
  return generational.has(live.kind) ? { ...generationsOf(live), ...kept } : kept;
}

function generationsOf(live: KubeObject): StatusMap {
  const applied = Number(live.metadata.annotations?.[annotation.templateGeneration]);
  return {
    ...(live.metadata.generation === undefined ? {} : { generation: live.metadata.generation }),
    ...(Number.isSafeInteger(applied) && applied > 0 ? { resourceTemplateGeneration: applied } : {}),
  };
}

const isObserved = (live: KubeObject): boolean =>
  numberAt(live, ["status", "observedGeneration"]) === (live.metadata.generation ?? 0);

function replicasReady(live: KubeObject): boolean {
  const wanted = fieldAt(live, ["spec", "replicas"]) === undefined ? 1 : numberAt(live, ["spec", "replicas"]);
  const updated = numberAt(live, ["status", "updatedReplicas"]);
  const hasAvailable = fieldAt(live, ["status", "availableReplicas"]) !== undefined;
  // Before Kubernetes 1.22 a StatefulSet reports no availableReplicas; ready is the best it says.
  const field = hasAvailable || live.kind !== "StatefulSet" ? "availableReplicas" : "readyReplicas";
  return isObserved(live) && updated >= wanted && numberAt(live, ["status", field]) >= updated;
}

const checks: Readonly<Record<string, (live: KubeObject) => boolean>> = {
  "apps/v1/Deployment": replicasReady,
  "apps/v1/StatefulSet": replicasReady,
  "apps/v1/ReplicaSet": (live) =>
    isObserved(live) && numberAt(live, ["status", "availableReplicas"]) >= numberAt(live, ["spec", "replicas"]),
  "apps/v1/DaemonSet": (live) => {
    const updated = numberAt(live, ["status", "updatedNumberScheduled"]);
    const wanted = numberAt(live, ["status", "desiredNumberScheduled"]);
    return isObserved(live) && updated >= wanted && numberAt(live, ["status", "numberAvailable"]) >= updated;
  },
  "v1/Pod": (live) => {
    const phase = textAt(live, ["status", "phase"]);
    const ready = listAt(live, ["status", "conditions"]).some(
      (condition) => textAt(condition, ["type"]) === "Ready" && textAt(condition, ["status"]) === "True",
    );
    return phase === "Succeeded" || (phase === "Running" && ready);
  },
  "v1/Service": (live) =>
    textAt(live, ["spec", "type"]) !== "LoadBalancer" || listAt(live, ["status", "loadBalancer", "ingress"]).length > 0,
  "networking.k8s.io/v1/Ingress": (live) => listAt(live, ["status", "loadBalancer", "ingress"]).length > 0,
  "v1/PersistentVolumeClaim": (live) => textAt(live, ["status", "phase"]) === "Bound",
  "policy/v1/PodDisruptionBudget": (live) =>
    numberAt(live, ["status", "currentHealthy"]) >= numberAt(live, ["status", "desiredHealthy"]),
};

/** A kind without a check is healthy as soon as it is there. */
export function healthOf(live: KubeObject): Health {
  const check = checks[typeOf(live)];
  return check === undefined || check(live) ? "Healthy" : "Unhealthy";
}
