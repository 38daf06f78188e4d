import { type GroupVersionKind, sameQuantity } from "#machinery";

/** Where a value is: `schema` without indices, for tables; `shown` with them, for people. */
export interface Place {
  readonly schema: string;
  readonly shown: string;
  readonly key: string;
  /** The key of the map that holds it. */
  readonly parent: string;
}

export const rootPlace: Place = { schema: "", shown: "", key: "", parent: "" };

const builtinGroups = new Set(["", "apps", "batch", "autoscaling", "policy", "extensions"]);
const crdGroups = /^(gateway\.networking|snapshot\.storage|metrics|x-k8s)\.k8s\.io$/;

/** Kinds whose API server drops empty values and knows quantities; custom resources are kept letter by letter. */
export const isBuiltin = ({ group }: GroupVersionKind): boolean =>
  builtinGroups.has(group) || (group.endsWith(".k8s.io") && !crdGroups.test(group) && !group.includes(".x-k8s."));

const dictionaries = new Set([
  "labels",
  "annotations",
  "data",
  "binaryData",
  "matchLabels",
  "nodeSelector",
  "limits",
  "requests",
  "hard",
  "capacity",
  "parameters",
  "overhead",
  "volumeAttributes",
]);

/** A map whose keys are the user's own, so that each key is a field of its own. */
export const isDictionary = (place: Place): boolean => dictionaries.has(place.key);

export function childPlace(place: Place, key: string): Place {
  const joined = isDictionary(place) ? `${place.shown}[${key}]` : place.shown === "" ? key : `${place.shown}.${key}`;
  return { schema: place.schema === "" ? key : `${place.schema}.${key}`, shown: joined, key, parent: place.key };
}

/** An element of a list; it keeps the list's schema path. */
export const elementPlace = (place: Place, which: string): Place => ({ ...place, shown: `${place.shown}[${which}]` });

const quantityParents = new Set(["limits", "requests", "hard", "capacity", "overhead", "min", "max", "default"]);
const quantityKeys = new Set(["sizeLimit", "divisor", "averageValue", "value"]);
const isQuantity = (place: Place): boolean =>
  quantityParents.has(place.parent) ||
  (quantityKeys.has(place.key) && place.parent !== "env" && place.parent !== "httpHeaders");

const intOrString = /(^|\.)(port|targetPort|number|maxSurge|maxUnavailable|minAvailable)$/;
/** Numbers that a Go API drops where they are zero. A zero anywhere else says something: `replicas: 0`, `runAsUser: 0`. */
const dropsZero =
  /(^|\.)(minReadySeconds|initialDelaySeconds|hostPort|nodePort|healthCheckNodePort|timeoutSeconds|periodSeconds|successThreshold|failureThreshold|partition)$/;
/** Pointers to bool: false is not the same as unset. */
const keepsFalse =
  /(^|\.)(automountServiceAccountToken|allowPrivilegeEscalation|hostUsers|enableServiceLinks|runAsNonRoot|suspend)$/;
/** Empty maps that say something: `emptyDir: {}`, `podSelector: {}`. */
const keepsEmptyMap = /(^|\.)(emptyDir|(pod|namespace|label|object)Selector|ephemeral)$/;

function isEmptyBuiltin(place: Place, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  switch (typeof value) {
    case "object":
      return Object.keys(value ?? {}).length === 0 && !keepsEmptyMap.test(place.schema);
    case "string":
      return value === "";
    case "boolean":
      return !value && !keepsFalse.test(place.schema);
    case "number":
      return value === 0 && dropsZero.test(place.schema);
    default:
      return false;
  }
}

/** True where an API server makes no difference between this value and none at all. */
export function isEmpty(builtin: boolean, place: Place, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (!builtin || dictionaries.has(place.parent)) return false;
  return isEmptyBuiltin(place, value);
}

const isNumeric = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint";

/** Equality of two scalars in meaning: `1000m` is `1` CPU, port `80` is `"80"`, 1 is 1n. */
export function sameScalar(builtin: boolean, place: Place, one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isNumeric(one) && isNumeric(other)) return String(one) === String(other);
  if (!builtin) return false;
  if (intOrString.test(place.schema) && String(one) === String(other)) return true;
  return isQuantity(place) && sameQuantity(one, other);
}
