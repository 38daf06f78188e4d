import {
  forbiddenField,
  invalidValue,
  type KubeObject,
  type LabelSelector,
  matchesLabelSelector,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import { deepEqual } from "#machinery/patch";
import { at, numberAt, objectAt, textAt } from "../table/reading.ts";
import { validatePodSpec } from "./validate-pod.ts";
import { isEmptySelector, labelCauses, selectorCauses } from "./validate-selector.ts";

const notNegative = "must be greater than or equal to 0";

const countCauses = (object: unknown, field: string, ...path: readonly string[]): readonly StatusCause[] => {
  const count = numberAt(object, ...path);
  return count < 0 ? [invalidValue(field, count, notNegative)] : [];
};

export function validateDeployment(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  return [
    ...countCauses(object, "spec.replicas", "spec", "replicas"),
    ...selectedTemplateCauses(object, "deployment"),
    ...runningTemplateCauses(object),
    ...strategyCauses(objectAt(object, "spec", "strategy")),
    ...immutableSelector(object, old),
  ];
}

export function validateReplicaSet(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  return [
    ...countCauses(object, "spec.replicas", "spec", "replicas"),
    ...selectedTemplateCauses(object, "deployment"),
    ...runningTemplateCauses(object),
    ...immutableSelector(object, old),
  ];
}

export function validateDaemonSet(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  return [
    ...selectedTemplateCauses(object, "daemonset"),
    ...runningTemplateCauses(object),
    ...immutableSelector(object, old),
  ];
}

/** Fields of a StatefulSet's spec that may change. */
const mutableFields = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

export function validateStatefulSet(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const fixed = (one: KubeObject): object =>
    Object.fromEntries(Object.entries(objectAt(one, "spec")).filter(([name]) => !mutableFields.includes(name)));
  const listed = `${mutableFields
    .slice(0, -1)
    .map((name) => `'${name}'`)
    .join(", ")} and 'minReadySeconds'`;
  const moved = old !== undefined && !deepEqual(fixed(object), fixed(old));
  return [
    ...countCauses(object, "spec.replicas", "spec", "replicas"),
    ...selectedTemplateCauses(object, "statefulset"),
    ...(moved
      ? [forbiddenField("spec", `updates to statefulset spec for fields other than ${listed} are forbidden`)]
      : []),
  ];
}

/** The selector must be there, well-formed, not empty, and take the template's labels. */
function selectedTemplateCauses(object: KubeObject, kindText: string): readonly StatusCause[] {
  const selector = at(object, "spec", "selector");
  const labels = at(object, "spec", "template", "metadata", "labels") ?? null;
  const mismatch = invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
  const wrongLabels = labelCauses(objectAt(object, "spec", "template", "metadata", "labels"), "spec.template.labels");
  if (selector === undefined) return [requiredValue("spec.selector"), mismatch];
  const wrong = selectorCauses(selector, "spec.selector");
  if (isEmptySelector(selector)) {
    return [invalidValue("spec.selector", selector, `empty selector is invalid for ${kindText}`), ...wrongLabels];
  }
  if (wrong.length > 0) return [...wrong, ...wrongLabels];
  const matched = matchesLabelSelector(selector as LabelSelector, (labels ?? {}) as Record<string, string>);
  return [...(matched ? [] : [mismatch]), ...wrongLabels];
}

/** What a template that runs for ever must be. */
function runningTemplateCauses(object: KubeObject): readonly StatusCause[] {
  const policy = textAt(object, "spec", "template", "spec", "restartPolicy");
  return [
    ...validatePodSpec(at(object, "spec", "template", "spec"), "spec.template.spec"),
    ...(policy === "" || policy === "Always"
      ? []
      : [unsupportedValue("spec.template.spec.restartPolicy", policy, ["Always"])]),
  ];
}

function strategyCauses(strategy: unknown): readonly StatusCause[] {
  const type = textAt(strategy, "type");
  const rolling = at(strategy, "rollingUpdate");
  if (type === "Recreate" && rolling !== undefined) {
    return [forbiddenField("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type === "" || type === "Recreate" || type === "RollingUpdate") return [];
  return [
    unsupportedValue("spec.strategy", { Type: type, RollingUpdate: rolling ?? null }, ["Recreate", "RollingUpdate"]),
  ];
}

function immutableSelector(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const selector = at(object, "spec", "selector");
  if (old === undefined || deepEqual(selector, at(old, "spec", "selector"))) return [];
  return [invalidValue("spec.selector", selector ?? null, "field is immutable")];
}

export function validateJob(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const moved = (field: string): boolean =>
    old !== undefined &&
    at(old, "spec", field) !== undefined &&
    !deepEqual(at(object, "spec", field), at(old, "spec", field));
  const suspended = [object, old].some((one) => at(one, "spec", "suspend") === true);
  return [
    ...jobSpecCauses(objectAt(object, "spec"), "spec"),
    ...(moved("selector")
      ? [invalidValue("spec.selector", at(object, "spec", "selector") ?? null, "field is immutable")]
      : []),
    ...(moved("template") && !suspended
      ? [invalidValue("spec.template", at(object, "spec", "template") ?? null, "field is immutable")]
      : []),
  ];
}

function jobSpecCauses(spec: unknown, field: string): readonly StatusCause[] {
  const policy = textAt(spec, "template", "spec", "restartPolicy");
  const ends = policy === "OnFailure" || policy === "Never";
  return [
    ...countCauses(spec, `${field}.parallelism`, "parallelism"),
    ...countCauses(spec, `${field}.completions`, "completions"),
    ...countCauses(spec, `${field}.backoffLimit`, "backoffLimit"),
    ...validatePodSpec(at(spec, "template", "spec"), `${field}.template.spec`),
    ...(ends ? [] : [requiredValue(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]),
  ];
}

const policies = ["Allow", "Forbid", "Replace"];

export function validateCronJob(object: KubeObject): readonly StatusCause[] {
  const policy = textAt(object, "spec", "concurrencyPolicy");
  const name = object.metadata.name ?? "";
  return [
    ...scheduleCauses(textAt(object, "spec", "schedule")),
    ...(policy === "" || policies.includes(policy)
      ? []
      : [unsupportedValue("spec.concurrencyPolicy", policy, policies)]),
    ...jobSpecCauses(objectAt(object, "spec", "jobTemplate", "spec"), "spec.jobTemplate.spec"),
    ...(name.length > 52 ? [invalidValue("metadata.name", name, "must be no more than 52 characters")] : []),
  ];
}

function scheduleCauses(schedule: string): readonly StatusCause[] {
  if (schedule === "") return [requiredValue("spec.schedule")];
  if (schedule.startsWith("@")) return [];
  const fields = schedule.trim().split(/\s+/);
  if (fields.length === 5) return [];
  const found = `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`;
  return [invalidValue("spec.schedule", schedule, found)];
}
