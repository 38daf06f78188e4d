import { encodeJson } from "#machinery";

/**
 * What an API server fills in where a field is not stated, by the end of the path. Only a live value that nobody stated is
 * ever compared with these: to tell an unmanaged field from a defaulted one, and a removal from one that changes nothing.
 */
const defaults: readonly (readonly [path: RegExp, value: unknown])[] = [
  [/\.restartPolicy$/, "Always"],
  [/\.dnsPolicy$/, "ClusterFirst"],
  [/\.schedulerName$/, "default-scheduler"],
  [/\.spec\.terminationGracePeriodSeconds$/, 30],
  [/\.enableServiceLinks$/, true],
  [/\.terminationMessagePath$/, "/dev/termination-log"],
  [/\.terminationMessagePolicy$/, "File"],
  [/\.imagePullPolicy$/, "IfNotPresent"],
  [/\.imagePullPolicy$/, "Always"],
  [/(^|\.)protocol$/, "TCP"],
  [/\.apiVersion$/, "v1"],
  [/Probe\.timeoutSeconds$/, 1],
  [/Probe\.periodSeconds$/, 10],
  [/Probe\.successThreshold$/, 1],
  [/Probe\.failureThreshold$/, 3],
  [/\.httpGet\.scheme$/, "HTTP"],
  [/\.httpGet\.path$/, "/"],
  [/\.defaultMode$/, 420],
  [/\.expirationSeconds$/, 3600],
  [/\.whenUnsatisfiable$/, "DoNotSchedule"],
  [/^spec\.replicas$/, 1],
  [/^spec\.revisionHistoryLimit$/, 10],
  [/^spec\.progressDeadlineSeconds$/, 600],
  [/^spec\.(strategy|updateStrategy)\.type$/, "RollingUpdate"],
  [/\.rollingUpdate\.(maxSurge|maxUnavailable)$/, "25%"],
  [/\.rollingUpdate\.maxUnavailable$/, 1],
  [/\.rollingUpdate\.(maxSurge|partition)$/, 0],
  [/^spec\.podManagementPolicy$/, "OrderedReady"],
  [/^spec\.persistentVolumeClaimRetentionPolicy\.when(Deleted|Scaled)$/, "Retain"],
  [/(^|\.)volumeMode$/, "Filesystem"],
  [/^spec\.persistentVolumeReclaimPolicy$/, "Retain"],
  [/^spec\.sessionAffinity$/, "None"],
  [/^spec\.(type|ports\.type)$/, "ClusterIP"],
  [/^spec\.internalTrafficPolicy$/, "Cluster"],
  [/^spec\.externalTrafficPolicy$/, "Cluster"],
  [/^spec\.allocateLoadBalancerNodePorts$/, true],
  [/^spec\.ipFamilyPolicy$/, "SingleStack"],
  [/(^|\.)spec\.(completions|parallelism)$/, 1],
  [/(^|\.)backoffLimit$/, 6],
  [/(^|\.)completionMode$/, "NonIndexed"],
  [/(^|\.)podReplacementPolicy$/, "TerminatingOrFailed"],
  [/(^|\.)suspend$/, false],
  [/(^|\.)manualSelector$/, false],
  [/^spec\.concurrencyPolicy$/, "Allow"],
  [/^spec\.successfulJobsHistoryLimit$/, 3],
  [/^spec\.failedJobsHistoryLimit$/, 1],
  [/^spec\.minReplicas$/, 1],
  [/\.pathType$/, "ImplementationSpecific"],
  [/^spec\.policyTypes$/, ["Ingress"]],
  [/^type$/, "Opaque"],
  [/^(subjects|roleRef)\.apiGroup$/, "rbac.authorization.k8s.io"],
  [/(^|\.)preemptionPolicy$/, "PreemptLowerPriority"],
  [/^reclaimPolicy$/, "Delete"],
  [/^volumeBindingMode$/, "Immediate"],
  [/^spec\.volumeClaimTemplates\.kind$/, "PersistentVolumeClaim"],
  [/^spec\.conversion\.strategy$/, "None"],
];

/** Fields that only the server and its controllers ever fill in; never an unmanaged field of somebody. */
const allocated =
  /^spec\.(clusterIPs?|ipFamil(ies|yPolicy)|healthCheckNodePort|ports\.nodePort|ports\.targetPort|volumeName|claimRef|finalizers|storageClassName|nodeName|names\.(listKind|singular))$|\.(serviceAccount|creationTimestamp)$|^spec\.(selector|template\.metadata\.labels)\.?(matchLabels)?.*(controller-uid|job-name)$|^secrets$|^spec\.volumeClaimTemplates\.status$|^spec\.limits\.default(Request)?$/;

/** True for a live value that nobody needs to have stated: defaulted, allocated or empty all the way down. */
export function isServerFilled(path: string, value: unknown): boolean {
  if (value === undefined || value === null || allocated.test(path)) return true;
  if (typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).every(([key, field]) => isServerFilled(`${path}.${key}`, field));
  }
  if (Array.isArray(value) && value.length === 0) return true;
  const text = encodeJson(value);
  return defaults.some(([pattern, standard]) => pattern.test(path) && encodeJson(standard) === text);
}

/** Removing these from a template must not set them back: an autoscaler or a person in the member set them since. */
export const isKeptWhenRemoved = (path: string): boolean =>
  path === "spec.replicas" || path === "spec.parallelism" || allocated.test(path);
