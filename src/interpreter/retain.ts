import { label } from "#api";
import { fieldAt, type KubeObject, listAt, mapAt, numberAt, textAt, withField } from "#machinery";
import { typeOf } from "./type-of.ts";

type Retain = (desired: KubeObject, live: KubeObject) => KubeObject;

/** Takes a field from the live object wherever it has one. */
const keep =
  (...paths: readonly (readonly string[])[]): Retain =>
  (desired, live) =>
    paths.reduce((object, path) => {
      const value = fieldAt(live, path);
      return value === undefined || value === null || value === "" ? object : withField(object, path, value);
    }, desired);

const retainReplicas: Retain = (desired, live) =>
  desired.metadata.labels?.[label.retainReplicas] === "true" ? keep(["spec", "replicas"])(desired, live) : desired;

/** The union by name, desired entries first. */
function unionByName(desired: KubeObject, live: KubeObject, field: string): KubeObject {
  const own = listAt(desired, [field]);
  const names = new Set(own.map((entry) => textAt(entry, ["name"])));
  const more = listAt(live, [field]).filter((entry) => !names.has(textAt(entry, ["name"])));
  return more.length === 0 ? desired : withField(desired, [field], [...own, ...more]);
}

const portKey = (port: unknown): string => `${numberAt(port, ["port"])}/${textAt(port, ["protocol"]) ?? "TCP"}`;

/** The live port of a desired one: the same number, or, where the number changed, the same name. */
function livePortFor(port: unknown, livePorts: readonly unknown[]): unknown {
  const name = textAt(port, ["name"]);
  return (
    livePorts.find((live) => portKey(live) === portKey(port)) ??
    (name === undefined ? undefined : livePorts.find((live) => textAt(live, ["name"]) === name))
  );
}

function retainNodePorts(desired: KubeObject, live: KubeObject): KubeObject {
  const ports = listAt(desired, ["spec", "ports"]);
  const livePorts = listAt(live, ["spec", "ports"]);
  const kept = ports.map((port) => {
    const nodePort = numberAt(livePortFor(port, livePorts), ["nodePort"]);
    return nodePort > 0 ? withField(port, ["nodePort"], nodePort) : port;
  });
  return ports.length === 0 ? desired : withField(desired, ["spec", "ports"], kept);
}

const allocated = [
  ["spec", "clusterIP"],
  ["spec", "clusterIPs"],
  ["spec", "ipFamilies"],
  ["spec", "ipFamilyPolicy"],
];

/**
 * What the member allocated stays: cluster IPs, node ports, families. Between headless and not, nothing is copied, so that
 * the difference is seen and refused instead of being hidden.
 */
const retainService: Retain = (desired, live) => {
  const type = textAt(desired, ["spec", "type"]) ?? textAt(live, ["spec", "type"]) ?? "ClusterIP";
  if (type === "ExternalName") return desired;
  const wanted = textAt(desired, ["spec", "clusterIP"]);
  const present = textAt(live, ["spec", "clusterIP"]);
  const differs = wanted !== undefined && present !== undefined && (wanted === "None") !== (present === "None");
  const withIps = differs ? desired : keep(...allocated)(desired, live);
  if (type === "ClusterIP") return withIps;
  return retainNodePorts(keep(["spec", "healthCheckNodePort"])(withIps, live), live);
};

function retainMounts(container: unknown, liveContainers: readonly unknown[]): unknown {
  const live = liveContainers.find((other) => textAt(other, ["name"]) === textAt(container, ["name"]));
  const mounts = fieldAt(live, ["volumeMounts"]);
  return mounts === undefined ? container : withField(container, ["volumeMounts"], mounts);
}

const retainPod: Retain = (desired, live) => {
  const kept = keep(["spec", "nodeName"], ["spec", "serviceAccountName"], ["spec", "volumes"])(desired, live);
  return ["containers", "initContainers"].reduce((pod, list) => {
    const containers = listAt(pod, ["spec", list]);
    if (containers.length === 0) return pod;
    const mounted = containers.map((container) => retainMounts(container, listAt(live, ["spec", list])));
    return withField(pod, ["spec", list], mounted);
  }, kept);
};

/** The API server labels a Job's Pods with its UID and selects by it, unless the user said otherwise. */
const retainJob: Retain = (desired, live) => {
  const labels = mapAt(live, ["spec", "template", "metadata", "labels"]);
  const kept = keep(["spec", "selector", "matchLabels"])(desired, live);
  return Object.keys(labels).length === 0 ? kept : withField(kept, ["spec", "template", "metadata", "labels"], labels);
};

const rules: Readonly<Record<string, Retain>> = {
  "apps/v1/Deployment": retainReplicas,
  "apps/v1/StatefulSet": retainReplicas,
  "apps/v1/ReplicaSet": retainReplicas,
  "v1/ReplicationController": retainReplicas,
  "v1/Pod": retainPod,
  "v1/Service": retainService,
  "v1/ServiceAccount": (desired, live) => unionByName(unionByName(desired, live, "secrets"), live, "imagePullSecrets"),
  "v1/PersistentVolumeClaim": keep(["spec", "volumeName"], ["spec", "storageClassName"], ["spec", "volumeMode"]),
  "v1/PersistentVolume": keep(["spec", "claimRef"]),
  "batch/v1/Job": retainJob,
  "v1/Secret": (desired, live) =>
    textAt(desired, ["type"]) === "kubernetes.io/service-account-token" ? keep(["data"])(desired, live) : desired,
  "v1/Namespace": keep(["spec", "finalizers"]),
};

/** Copies onto `desired` what the member owns; see Interpreter.retain. */
export function retain(desired: KubeObject, live: KubeObject): KubeObject {
  return rules[typeOf(desired)]?.(desired, live) ?? desired;
}
