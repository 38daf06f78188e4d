import {
  compareQuantities,
  dns1123LabelProblems,
  duplicateValue,
  invalidValue,
  labelValueProblems,
  parseQuantity,
  qualifiedNameProblems,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import { sameAmount } from "./defaults.ts";
import type { Cluster, LocalSecretReference, Taint } from "./types.ts";

type Spec = Cluster["spec"];
const maxNameLength = 48;

/** Violations of a Cluster beyond its schema. */
export function clusterProblems(cluster: Cluster): readonly StatusCause[] {
  const { spec } = cluster;
  return [
    ...nameProblems(cluster.metadata.name ?? ""),
    ...endpointProblems(spec),
    ...secretProblems(spec.secretRef, "spec.secretRef"),
    ...secretProblems(spec.impersonatorSecretRef, "spec.impersonatorSecretRef"),
    ...placeProblems(spec),
    ...taintProblems(spec.taints ?? []),
    ...modelProblems(spec.resourceModels ?? []),
  ];
}

/** The name is part of a namespace's name, hence shorter than a label may be. */
function nameProblems(name: string): readonly StatusCause[] {
  const tooLong = name.length > maxNameLength ? [`must be no more than ${maxNameLength} characters`] : [];
  return [...dns1123LabelProblems(name), ...tooLong].map((why) => invalidValue("metadata.name", name, why));
}

function endpointProblems(spec: Spec): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  if (spec.apiEndpoint !== undefined && spec.apiEndpoint !== "") {
    const url = parsedUrl(spec.apiEndpoint);
    if (url === undefined || url.host === "")
      causes.push(invalidValue("spec.apiEndpoint", spec.apiEndpoint, "must be a valid URL with a host"));
    else if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
      causes.push(invalidValue("spec.apiEndpoint", spec.apiEndpoint, "must have no user, query or fragment"));
  }
  if (spec.proxyURL !== undefined && spec.proxyURL !== "") {
    const scheme = parsedUrl(spec.proxyURL)?.protocol ?? "";
    if (!["http:", "https:", "socks5:"].includes(scheme))
      causes.push(invalidValue("spec.proxyURL", spec.proxyURL, "must be a URL of scheme http, https or socks5"));
  }
  return causes;
}

const parsedUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

function secretProblems(ref: LocalSecretReference | undefined, path: string): readonly StatusCause[] {
  if (ref === undefined) return [];
  return [
    ...(ref.namespace === "" ? [requiredValue(`${path}.namespace`)] : []),
    ...(ref.name === "" ? [requiredValue(`${path}.name`)] : []),
  ];
}

function placeProblems({ provider = "", region = "", zone = "", zones = [] }: Spec): readonly StatusCause[] {
  const values: readonly (readonly [string, string])[] = [
    ["spec.provider", provider],
    ["spec.region", region],
    ["spec.zone", zone],
    ...zones.map((name, index) => [`spec.zones[${index}]`, name] as const),
  ];
  const causes = values.flatMap(([field, value]) =>
    labelValueProblems(value).map((why) => invalidValue(field, value, why)),
  );
  if (zone === "" || zones.length === 0) return causes;
  return [...causes, invalidValue("spec.zone", zone, "zone cannot co-exist with zones; zone is deprecated")];
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function taintProblems(taints: readonly Taint[]): readonly StatusCause[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const path = `spec.taints[${index}]`;
    const causes = [
      ...qualifiedNameProblems(taint.key).map((why) => invalidValue(`${path}.key`, taint.key, why)),
      ...labelValueProblems(taint.value ?? "").map((why) => invalidValue(`${path}.value`, taint.value, why)),
      ...(effects.includes(taint.effect) ? [] : [unsupportedValue(`${path}.effect`, taint.effect, effects)]),
      ...(seen.has(`${taint.key}:${taint.effect}`) ? [duplicateValue(path, taint)] : []),
    ];
    seen.add(`${taint.key}:${taint.effect}`);
    return causes;
  });
}

type Models = NonNullable<Spec["resourceModels"]>;

/** Models are grades of one scale: distinct, over the same resources, each range beginning where the one before ended. */
function modelProblems(models: Models): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  models.forEach((model, index) => {
    const path = `spec.resourceModels[${index}]`;
    const before = models[index - 1];
    if (before?.grade === model.grade) causes.push(duplicateValue(`${path}.grade`, model.grade));
    if (before !== undefined && namesOf(before) !== namesOf(model))
      causes.push(invalidValue(`${path}.ranges`, namesOf(model), "must name the same resources as the other models"));
    model.ranges.forEach((range, rangeIndex) => {
      const at = `${path}.ranges[${rangeIndex}]`;
      const previous = before?.ranges.find(({ name }) => name === range.name);
      if (previous !== undefined && !sameAmount(previous.max, range.min))
        causes.push(invalidValue(`${at}.min`, range.min, `must equal the max of the model before (${previous.max})`));
      if (!isLess(range.min, range.max)) causes.push(invalidValue(`${at}.max`, range.max, "must be greater than min"));
    });
  });
  return causes;
}

const namesOf = (model: Models[number]): string =>
  model.ranges
    .map(({ name }) => name)
    .sort()
    .join(",");

function isLess(left: string, right: string): boolean {
  const [a, b] = [parseQuantity(left), parseQuantity(right)];
  return a !== undefined && b !== undefined && compareQuantities(a, b) < 0;
}
