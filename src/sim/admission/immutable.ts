import type { JsonObject } from "#base";
import { type KubeObject, matchesLabelSelector, type StatusCause } from "#machinery";
import { objectOf } from "../defaults/fill.ts";
import type { LabelSelector } from "../kinds.ts";
import { stableText } from "../names.ts";
import { fixed, lacking, wrong } from "./refusal.ts";

type Check = (
  spec: JsonObject,
  old: JsonObject,
  objects: { readonly now: KubeObject; readonly before: KubeObject },
) => readonly StatusCause[];

const differs = (left: unknown, right: unknown): boolean =>
  stableText({ value: left }) !== stableText({ value: right });

const sameField =
  (field: string): Check =>
  (spec, old) =>
    differs(spec[field], old[field]) ? [wrong(`spec.${field}`, spec[field], "field is immutable")] : [];

const mutableOfStatefulSet = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

/** Fields of a kind that no later write may change. */
const checks: Readonly<Record<string, readonly Check[]>> = {
  "apps/deployments": [sameField("selector")],
  "apps/replicasets": [sameField("selector")],
  "apps/daemonsets": [sameField("selector")],
  "apps/statefulsets": [statefulSetFields],
  "batch/jobs": [sameField("selector"), sameField("completions"), sameField("completionMode"), jobTemplate],
  "/persistentvolumeclaims": [claimFields],
  "/pods": [podFields],
  "storage.k8s.io/storageclasses": [],
};

/** Why this update may not be; empty where it may. */
export function immutabilityCauses(resource: string, now: KubeObject, before: KubeObject): readonly StatusCause[] {
  if (resource === "/configmaps" || resource === "/secrets") return immutableData(now, before);
  if (
    resource === "rbac.authorization.k8s.io/rolebindings" ||
    resource === "rbac.authorization.k8s.io/clusterrolebindings"
  ) {
    return differs(now.roleRef, before.roleRef) ? [wrong("roleRef", now.roleRef, "cannot change roleRef")] : [];
  }
  const [spec, old] = [objectOf(now.spec), objectOf(before.spec)];
  return (checks[resource] ?? []).flatMap((check) => check(spec, old, { now, before }));
}

/** Why a workload's selector and template do not belong together. */
export function selectorCauses(object: KubeObject): readonly StatusCause[] {
  const spec = objectOf(object.spec);
  if (spec.selector === undefined || spec.selector === null) return [lacking("spec.selector")];
  const labels = objectOf(objectOf(objectOf(spec.template).metadata).labels) as Readonly<Record<string, string>>;
  if (matchesLabelSelector(spec.selector as LabelSelector, labels)) return [];
  return [wrong("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")];
}

function statefulSetFields(spec: JsonObject, old: JsonObject): readonly StatusCause[] {
  const rest = (of: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(of).filter(([field]) => !mutableOfStatefulSet.includes(field)));
  if (!differs(rest(spec), rest(old))) return [];
  const names = mutableOfStatefulSet.map((field) => `'${field}'`);
  const list = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return [fixed("spec", `updates to statefulset spec for fields other than ${list} are forbidden`)];
}

/** The template of a suspended Job that has not started may still move between nodes; nothing else of it may change. */
function jobTemplate(
  spec: JsonObject,
  old: JsonObject,
  { before }: { readonly before: KubeObject },
): readonly StatusCause[] {
  const isNotStarted = old.suspend === true && objectOf(before.status).startTime === undefined;
  const fixedPart = (of: JsonObject): unknown => {
    if (!isNotStarted) return of.template;
    const {
      nodeSelector: _n,
      affinity: _a,
      tolerations: _t,
      schedulingGates: _s,
      ...rest
    } = objectOf(objectOf(of.template).spec);
    return rest;
  };
  if (!differs(fixedPart(spec), fixedPart(old))) return [];
  return [wrong("spec.template", spec.template, "field is immutable")];
}

function claimFields(
  spec: JsonObject,
  old: JsonObject,
  { before }: { readonly before: KubeObject },
): readonly StatusCause[] {
  const fixedPart = (of: JsonObject): JsonObject => {
    const { resources, volumeName, volumeAttributesClassName: _class, storageClassName, ...rest } = of;
    const isUnbound = old.volumeName === undefined || old.volumeName === "";
    const { requests: _requests, ...limits } = objectOf(resources);
    return {
      ...rest,
      ...limits,
      ...(isUnbound ? {} : { volumeName }),
      ...(old.storageClassName === undefined ? {} : { storageClassName }),
    };
  };
  const isBound = objectOf(before.status).phase === "Bound";
  const resized = differs(objectOf(spec.resources).requests, objectOf(old.resources).requests);
  if (!differs(fixedPart(spec), fixedPart(old)) && (isBound || !resized)) return [];
  return [
    fixed(
      "spec",
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ),
  ];
}

const podMutable =
  "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

function podFields(spec: JsonObject, old: JsonObject): readonly StatusCause[] {
  const fixedPart = (of: JsonObject): JsonObject => {
    const {
      activeDeadlineSeconds: _deadline,
      tolerations: _tolerations,
      terminationGracePeriodSeconds: _grace,
      nodeName,
      ...rest
    } = of;
    const isPlaced = old.nodeName !== undefined && old.nodeName !== "";
    return {
      ...rest,
      ...(isPlaced ? { nodeName } : {}),
      containers: withoutImages(of.containers),
      initContainers: withoutImages(of.initContainers),
    };
  };
  if (!differs(fixedPart(spec), fixedPart(old))) return [];
  return [fixed("spec", `pod updates may not change fields other than ${podMutable}`)];
}

const withoutImages = (containers: unknown): unknown =>
  Array.isArray(containers) ? containers.map((container) => ({ ...objectOf(container), image: "" })) : containers;

function immutableData(now: KubeObject, before: KubeObject): readonly StatusCause[] {
  const type = differs(now.type, before.type) ? [wrong("type", now.type, "field is immutable")] : [];
  if (before.immutable !== true) return type;
  const isFree = now.immutable !== true ? [fixed("immutable", "field is immutable when `immutable` is set")] : [];
  const data = differs(now.data, before.data) ? [fixed("data", "field is immutable when `immutable` is set")] : [];
  return [...type, ...isFree, ...data];
}
