import type { JsonObject } from "#base";
import { canonicalQuantities, changed, changedEach, filled, objectOf } from "./fill.ts";
import { completePodSpec } from "./pod-spec.ts";

const withTemplate = (spec: JsonObject): JsonObject =>
  changed(spec, "template", (template) => changed(filled(template, { metadata: {} }), "spec", completePodSpec));

export function completeDeployment(spec: JsonObject): JsonObject {
  const withStrategy = filled(withTemplate(spec), {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: {},
  });
  return changed(withStrategy, "strategy", (strategy) => {
    const typed = filled(strategy, { type: "RollingUpdate" });
    if (typed.type !== "RollingUpdate") return typed;
    const rollingUpdate = filled(objectOf(typed.rollingUpdate), { maxUnavailable: "25%", maxSurge: "25%" });
    return { ...typed, rollingUpdate };
  });
}

export const completeReplicaSet = (spec: JsonObject): JsonObject => filled(withTemplate(spec), { replicas: 1 });

export function completeStatefulSet(spec: JsonObject): JsonObject {
  const complete = filled(withTemplate(spec), {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: "OrderedReady",
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
    serviceName: "",
  });
  const retained = changed(complete, "persistentVolumeClaimRetentionPolicy", (policy) =>
    filled(policy, { whenDeleted: "Retain", whenScaled: "Retain" }),
  );
  const updated = changed(retained, "updateStrategy", (strategy) => {
    const typed = filled(strategy, { type: "RollingUpdate" });
    if (typed.type !== "RollingUpdate") return typed;
    return { ...typed, rollingUpdate: filled(objectOf(typed.rollingUpdate), { partition: 0 }) };
  });
  return changedEach(updated, "volumeClaimTemplates", (claim) =>
    filled(changed(claim, "spec", completeClaim), {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      status: { phase: "Pending" },
    }),
  );
}

export function completeDaemonSet(spec: JsonObject): JsonObject {
  const complete = filled(withTemplate(spec), { revisionHistoryLimit: 10, updateStrategy: {} });
  return changed(complete, "updateStrategy", (strategy) => {
    const typed = filled(strategy, { type: "RollingUpdate" });
    if (typed.type !== "RollingUpdate") return typed;
    return { ...typed, rollingUpdate: filled(objectOf(typed.rollingUpdate), { maxSurge: 0, maxUnavailable: 1 }) };
  });
}

export function completeJob(spec: JsonObject): JsonObject {
  const isIndexed = spec.completionMode === "Indexed";
  const counted =
    spec.completions === undefined && spec.parallelism === undefined ? { completions: 1, parallelism: 1 } : {};
  const limit = isIndexed && spec.backoffLimitPerIndex !== undefined ? 2 ** 31 - 1 : 6;
  return filled(withTemplate(spec), {
    ...counted,
    parallelism: 1,
    backoffLimit: limit,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed",
  });
}

export function completeCronJob(spec: JsonObject): JsonObject {
  const complete = filled(spec, {
    concurrencyPolicy: "Allow",
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  return changed(complete, "jobTemplate", (template) =>
    changed(filled(template, { metadata: {} }), "spec", withTemplate),
  );
}

export function completeClaim(spec: JsonObject): JsonObject {
  const sized = changed(spec, "resources", (resources) =>
    ["requests", "limits"].reduce((partly, field) => changed(partly, field, canonicalQuantities), resources),
  );
  return filled(sized, { volumeMode: "Filesystem" });
}
