import type { JsonObject } from "#base";
import { canonicalQuantities, canonicalQuantity, changed, changedEach, filled, isAbsent, objectOf } from "./fill.ts";

/** A Pod's or Pod template's spec with what an API server fills in. */
export function completePodSpec(spec: JsonObject): JsonObject {
  const isOnHost = spec.hostNetwork === true;
  const container = (each: JsonObject): JsonObject => completeContainer(each, isOnHost);
  const withContainers = ["containers", "initContainers", "ephemeralContainers"].reduce(
    (partly, field) => changedEach(partly, field, container),
    withAccount(spec),
  );
  return filled(changedEach(withContainers, "volumes", completeVolume), {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  });
}

/** The old and the new name of the same field always say the same. */
function withAccount(spec: JsonObject): JsonObject {
  const name = spec.serviceAccountName ?? spec.serviceAccount;
  return isAbsent(name) || name === "" ? spec : { ...spec, serviceAccountName: name, serviceAccount: name };
}

function completeContainer(container: JsonObject, isOnHost: boolean): JsonObject {
  const probed = ["livenessProbe", "readinessProbe", "startupProbe"].reduce(
    (partly, field) => changed(partly, field, completeProbe),
    container,
  );
  const ported = changedEach(probed, "ports", (port) => {
    const withProtocol = filled(port, { protocol: "TCP" });
    return isOnHost ? filled(withProtocol, { hostPort: port.containerPort }) : withProtocol;
  });
  const sized = changed(ported, "resources", (resources) =>
    ["limits", "requests"].reduce((partly, field) => changed(partly, field, canonicalQuantities), resources),
  );
  const hooked = changed(sized, "lifecycle", (lifecycle) =>
    ["postStart", "preStop"].reduce((partly, field) => changed(partly, field, completeHandler), lifecycle),
  );
  return filled(changedEach(hooked, "env", completeVariable), {
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicyFor(String(container.image ?? "")),
  });
}

/** Only an image that is named by no digest and by no tag but `latest` is pulled each time. */
export function pullPolicyFor(image: string): string {
  if (image.includes("@")) return "IfNotPresent";
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? "latest";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function completeProbe(probe: JsonObject): JsonObject {
  return filled(completeHandler(probe), {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
}

function completeHandler(handler: JsonObject): JsonObject {
  const overHttp = changed(handler, "httpGet", (get) => filled(get, { path: "/", scheme: "HTTP" }));
  return changed(overHttp, "grpc", (grpc) => filled(grpc, { service: "" }));
}

function completeVariable(variable: JsonObject): JsonObject {
  return changed(variable, "valueFrom", (source) =>
    changed(changed(source, "fieldRef", completeFieldRef), "resourceFieldRef", completeResourceRef),
  );
}

const completeFieldRef = (reference: JsonObject): JsonObject => filled(reference, { apiVersion: "v1" });
const completeResourceRef = (reference: JsonObject): JsonObject =>
  filled(isAbsent(reference.divisor) ? reference : { ...reference, divisor: canonicalQuantity(reference.divisor) }, {
    divisor: "0",
  });

const fileMode = { defaultMode: 0o644 };
const volumeSources = new Set(
  `hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim rbd
  flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume quobyte azureDisk photonPersistentDisk
  projected portworxVolume scaleIO storageos csi ephemeral image`.split(/\s+/),
);

/** A volume without any source is an empty directory. */
function completeVolume(volume: JsonObject): JsonObject {
  const sourced = Object.keys(volume).some((field) => volumeSources.has(field)) ? volume : { ...volume, emptyDir: {} };
  const filledIn = ["secret", "configMap"].reduce(
    (partly, field) => changed(partly, field, (source) => filled(source, fileMode)),
    sourced,
  );
  const onHost = changed(filledIn, "hostPath", (source) => filled(source, { type: "" }));
  const empty = changed(onHost, "emptyDir", (source) =>
    isAbsent(source.sizeLimit) ? source : { ...source, sizeLimit: canonicalQuantity(source.sizeLimit) },
  );
  const downward = changed(empty, "downwardAPI", (source) => filled(completeDownward(source), fileMode));
  return changed(downward, "projected", completeProjected);
}

function completeDownward(source: JsonObject): JsonObject {
  return changedEach(source, "items", (item) =>
    changed(changed(item, "fieldRef", completeFieldRef), "resourceFieldRef", completeResourceRef),
  );
}

function completeProjected(projected: JsonObject): JsonObject {
  const sources = changedEach(projected, "sources", (source) =>
    changed(changed(source, "downwardAPI", completeDownward), "serviceAccountToken", (token) =>
      filled(token, { expirationSeconds: 3600 }),
    ),
  );
  return filled(sources, fileMode);
}

/** What is filled in for a Pod only: its requests follow its limits, and it may stay a while on a node that is lost. */
export function completePod(spec: JsonObject): JsonObject {
  const complete = completePodSpec(spec);
  const requesting = ["containers", "initContainers"].reduce(
    (partly, field) => changedEach(partly, field, withRequests),
    complete,
  );
  const tolerations = Array.isArray(spec.tolerations) ? (spec.tolerations as readonly JsonObject[]) : [];
  const added = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    .filter((key) => !tolerations.some((toleration) => toleratesLoss(toleration, key)))
    .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }));
  return filled(
    { ...requesting, tolerations: [...tolerations, ...added] },
    { priority: 0, preemptionPolicy: "PreemptLowerPriority", enableServiceLinks: true },
  );
}

function toleratesLoss(toleration: JsonObject, key: string): boolean {
  const isForKey = toleration.key === key || (isAbsent(toleration.key) && toleration.operator === "Exists");
  return isForKey && (isAbsent(toleration.effect) || toleration.effect === "" || toleration.effect === "NoExecute");
}

function withRequests(container: JsonObject): JsonObject {
  return changed(container, "resources", (resources) => {
    const requests = { ...objectOf(resources.limits), ...objectOf(resources.requests) };
    return Object.keys(requests).length === 0 ? resources : { ...resources, requests };
  });
}

/** Guaranteed where every container asks for exactly what it may use, BestEffort where none asks for anything. */
export function qosClass(spec: JsonObject): string {
  const containers = Array.isArray(spec.containers) ? (spec.containers as readonly JsonObject[]) : [];
  const resources = containers.map((container) => objectOf(container.resources));
  const isGuaranteed = resources.every(({ limits, requests }) =>
    ["cpu", "memory"].every(
      (name) => !isAbsent(objectOf(limits)[name]) && objectOf(limits)[name] === objectOf(requests)[name],
    ),
  );
  if (isGuaranteed) return "Guaranteed";
  const asks = resources.some(
    ({ limits, requests }) => Object.keys({ ...objectOf(limits), ...objectOf(requests) }).length > 0,
  );
  return asks ? "Burstable" : "BestEffort";
}
