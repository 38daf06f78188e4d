import { isJsonObject, type JsonObject } from "#base";
import type { KubeObject } from "#machinery";
import { changed, changedEach, filled, objectOf } from "./fill.ts";
import { completePod, qosClass } from "./pod-spec.ts";
import {
  completeClaim,
  completeCronJob,
  completeDaemonSet,
  completeDeployment,
  completeJob,
  completeReplicaSet,
  completeStatefulSet,
} from "./workloads.ts";

type Complete = (spec: JsonObject) => JsonObject;

const specs: Readonly<Record<string, Complete>> = {
  "apps/Deployment": completeDeployment,
  "apps/ReplicaSet": completeReplicaSet,
  "apps/StatefulSet": completeStatefulSet,
  "apps/DaemonSet": completeDaemonSet,
  "batch/Job": completeJob,
  "batch/CronJob": completeCronJob,
  "/Pod": completePod,
  "/PersistentVolumeClaim": completeClaim,
  "/PersistentVolume": (spec) => filled(spec, { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" }),
  "autoscaling/HorizontalPodAutoscaler": completeAutoscaler,
  "networking.k8s.io/NetworkPolicy": completeNetworkPolicy,
};

/** What else than its spec a kind gets. */
const statuses: Readonly<Record<string, (object: KubeObject) => JsonObject>> = {
  "/Pod": (object) => ({ phase: "Pending", qosClass: qosClass(objectOf(object.spec)) }),
  "/PersistentVolumeClaim": () => ({ phase: "Pending" }),
  "/PersistentVolume": () => ({ phase: "Available" }),
  "apps/Deployment": () => ({}),
  "apps/ReplicaSet": () => ({ replicas: 0 }),
  "apps/StatefulSet": () => ({ replicas: 0, availableReplicas: 0 }),
  "apps/DaemonSet": () => ({
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  }),
  "batch/Job": () => ({}),
  "batch/CronJob": () => ({}),
  "/Service": () => ({ loadBalancer: {} }),
  "networking.k8s.io/Ingress": () => ({ loadBalancer: {} }),
  "autoscaling/HorizontalPodAutoscaler": () => ({ desiredReplicas: 0, currentMetrics: null }),
  "policy/PodDisruptionBudget": () => ({
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  }),
};

/** An object as an API server stores it: with everything filled in that its author left to the server. */
export function completed(object: KubeObject): KubeObject {
  const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0] : "";
  const kind = `${group}/${object.kind}`;
  const complete = specs[kind];
  const spec = isJsonObject(object.spec) && complete !== undefined ? { spec: complete(object.spec) } : {};
  const withSpec: KubeObject = { ...object, ...spec };
  const status = statuses[kind]?.(withSpec);
  if (status === undefined) return withMore(withSpec);
  return { ...withSpec, status: filled(objectOf(object.status), status) };
}

function withMore(object: KubeObject): KubeObject {
  if (object.kind === "StorageClass")
    return filled(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" });
  return object;
}

/** Without metrics it goes by the CPU: 80 percent of what is asked for. */
function completeAutoscaler(spec: JsonObject): JsonObject {
  const cpu = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } };
  const complete = filled(spec, { minReplicas: 1, metrics: [cpu] });
  return changed(complete, "behavior", (behavior) => ({
    ...behavior,
    scaleUp: completeRules(objectOf(behavior.scaleUp), {
      stabilizationWindowSeconds: 0,
      policies: [
        { type: "Pods", value: 4, periodSeconds: 15 },
        { type: "Percent", value: 100, periodSeconds: 15 },
      ],
    }),
    scaleDown: completeRules(objectOf(behavior.scaleDown), {
      policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
    }),
  }));
}

const completeRules = (rules: JsonObject, defaults: JsonObject): JsonObject =>
  filled(rules, { ...defaults, selectPolicy: "Max" });

function completeNetworkPolicy(spec: JsonObject): JsonObject {
  const withPorts = ["ingress", "egress"].reduce(
    (partly, field) =>
      changedEach(partly, field, (rule) => changedEach(rule, "ports", (port) => filled(port, { protocol: "TCP" }))),
    spec,
  );
  const egress = Array.isArray(spec.egress) && spec.egress.length > 0 ? ["Egress"] : [];
  return filled(withPorts, { policyTypes: ["Ingress", ...egress] });
}
