import {
  forbiddenField,
  invalidValue,
  type KubeObject,
  parseQuantity,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import { at, listAt, numberAt, objectAt, textAt } from "../table/reading.ts";
import { selectorCauses } from "./validate-selector.ts";

export function validateLease(object: KubeObject): readonly StatusCause[] {
  const duration = at(object, "spec", "leaseDurationSeconds");
  const transitions = at(object, "spec", "leaseTransitions");
  return [
    ...(typeof duration === "number" && duration <= 0
      ? [invalidValue("spec.leaseDurationSeconds", duration, "must be greater than 0")]
      : []),
    ...(typeof transitions === "number" && transitions < 0
      ? [invalidValue("spec.leaseTransitions", transitions, "must be greater than or equal to 0")]
      : []),
  ];
}

export function validateAutoscaler(object: KubeObject): readonly StatusCause[] {
  const least = at(object, "spec", "minReplicas");
  const most = numberAt(object, "spec", "maxReplicas");
  const target = objectAt(object, "spec", "scaleTargetRef");
  const external = listAt(object, "spec", "metrics").some((metric) =>
    ["Object", "External"].includes(textAt(metric, "type")),
  );
  const lowest = external ? 0 : 1;
  return [
    ...(typeof least === "number" && least < lowest
      ? [invalidValue("spec.minReplicas", least, `must be greater than or equal to ${lowest}`)]
      : []),
    ...(most < 1 ? [invalidValue("spec.maxReplicas", most, "must be greater than 0")] : []),
    ...(most < numberAt(object, "spec", "minReplicas")
      ? [invalidValue("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")]
      : []),
    ...["kind", "name"].flatMap((field) =>
      textAt(target, field) === "" ? [requiredValue(`spec.scaleTargetRef.${field}`)] : [],
    ),
  ];
}

export function validateBudget(object: KubeObject): readonly StatusCause[] {
  const spec = objectAt(object, "spec");
  const both = spec.minAvailable !== undefined && spec.maxUnavailable !== undefined;
  return [
    ...(both ? [invalidValue("spec", spec, "minAvailable and maxUnavailable cannot be both set")] : []),
    ...["minAvailable", "maxUnavailable"].flatMap((field) => amountCauses(spec[field], `spec.${field}`)),
    ...selectorCauses(spec.selector, "spec.selector"),
  ];
}

const percentText =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

function amountCauses(amount: unknown, field: string): readonly StatusCause[] {
  if (typeof amount === "string" && !/^\d+%$/.test(amount)) return [invalidValue(field, amount, percentText)];
  if (typeof amount === "number" && amount < 0)
    return [invalidValue(field, amount, "must be greater than or equal to 0")];
  return [];
}

const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export function validateClaim(object: KubeObject): readonly StatusCause[] {
  const modes = listAt(object, "spec", "accessModes").map(String);
  const storage = at(object, "spec", "resources", "requests", "storage");
  const amount = parseQuantity(storage);
  return [
    ...(modes.length === 0 ? [requiredValue("spec.accessModes", "at least 1 access mode is required")] : []),
    ...modes.flatMap((mode) =>
      accessModes.includes(mode) ? [] : [unsupportedValue("spec.accessModes", mode, accessModes)],
    ),
    ...(storage === undefined ? [requiredValue("spec.resources[storage]")] : []),
    ...(amount !== undefined && amount.digits <= 0n
      ? [invalidValue("spec.resources[storage]", String(storage), "must be greater than zero")]
      : []),
  ];
}

const highestPriority = 1_000_000_000;

export function validatePriorityClass(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const value = numberAt(object, "value");
  const system = object.metadata.name?.startsWith("system-") ?? false;
  return [
    ...(value > highestPriority && !system
      ? [forbiddenField("value", `maximum allowed value of a user defined priority is ${highestPriority}`)]
      : []),
    ...(old !== undefined && numberAt(old, "value") !== value
      ? [forbiddenField("value", "may not be changed in an update.")]
      : []),
  ];
}

const reclaimPolicies = ["Delete", "Retain"];

export function validateStorageClass(object: KubeObject): readonly StatusCause[] {
  const policy = textAt(object, "reclaimPolicy");
  return [
    ...(textAt(object, "provisioner") === "" ? [requiredValue("provisioner")] : []),
    ...(policy === "" || reclaimPolicies.includes(policy)
      ? []
      : [unsupportedValue("reclaimPolicy", policy, reclaimPolicies)]),
  ];
}
