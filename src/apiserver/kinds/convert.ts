import { isJsonObject, type JsonObject } from "#base";
import type { KubeObject } from "#machinery";

/** Fields of core Events and what events.k8s.io calls them. */
const eventNames: readonly (readonly [string, string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
];

/** Between `v1` and `events.k8s.io/v1`: the same fields under other names. */
export function convertEvent(object: KubeObject, toApiVersion: string): KubeObject {
  if (object.apiVersion === toApiVersion) return object;
  const names = new Map(toApiVersion === "v1" ? eventNames.map(([core, own]) => [own, core]) : eventNames);
  const fields = Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]);
  return { ...(Object.fromEntries(fields) as KubeObject), apiVersion: toApiVersion };
}

/** What autoscaling/v1 cannot say in fields it keeps in these annotations, as JSON. */
const metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
const currentMetricsAnnotation = "autoscaling.alpha.kubernetes.io/current-metrics";
const conditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions";
const behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";

/** Between autoscaling/v1, which knows a CPU percentage, and autoscaling/v2 with its list of metrics. */
export function convertHorizontalPodAutoscaler(object: KubeObject, toApiVersion: string): KubeObject {
  if (object.apiVersion === toApiVersion) return object;
  return toApiVersion === "autoscaling/v1" ? toFirst(object) : toSecond(object);
}

function toFirst(object: KubeObject): KubeObject {
  const { metrics, behavior, ...spec } = objectAt(object, "spec");
  const { currentMetrics, conditions, ...status } = objectAt(object, "status");
  const { cpu, others } = splitMetrics(metrics, "target");
  const current = splitMetrics(currentMetrics, "current");
  const annotations = {
    ...object.metadata.annotations,
    ...jsonAnnotation(metricsAnnotation, others),
    ...jsonAnnotation(currentMetricsAnnotation, current.others),
    ...jsonAnnotation(conditionsAnnotation, Array.isArray(conditions) ? conditions : []),
    ...(behavior === undefined ? {} : { [behaviorAnnotation]: JSON.stringify(behavior) }),
  };
  return {
    ...withAnnotations({ ...object, apiVersion: "autoscaling/v1" }, annotations),
    spec: { ...spec, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas ?? 0,
      ...(current.cpu === undefined ? {} : { currentCPUUtilizationPercentage: current.cpu }),
    },
  };
}

function toSecond(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectAt(object, "spec");
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...status } = objectAt(object, "status");
  const old = object.metadata.annotations ?? {};
  const {
    [metricsAnnotation]: m,
    [currentMetricsAnnotation]: c,
    [conditionsAnnotation]: k,
    [behaviorAnnotation]: b,
    ...rest
  } = old;
  const metrics = [
    ...parsedList(m),
    ...(target === undefined ? [] : [cpuMetric("target", { type: "Utilization", averageUtilization: target })]),
  ];
  const currents = [
    ...parsedList(c),
    ...(current === undefined ? [] : [cpuMetric("current", { averageUtilization: current })]),
  ];
  const conditions = parsedList(k);
  const behavior = parsed(b);
  return {
    ...withAnnotations({ ...object, apiVersion: "autoscaling/v2" }, rest),
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior === undefined ? {} : { behavior }) },
    status: {
      ...status,
      ...(currentReplicas === undefined || currentReplicas === 0 ? {} : { currentReplicas }),
      desiredReplicas: status.desiredReplicas ?? 0,
      currentMetrics: currents.length > 0 ? currents : null,
      ...(conditions.length > 0 ? { conditions } : {}),
    },
  };
}

const cpuMetric = (part: "target" | "current", value: JsonObject): JsonObject => ({
  type: "Resource",
  resource: { name: "cpu", [part]: value },
});

/** The CPU utilisation that v1 has a field for, and the metrics that it has not. */
function splitMetrics(
  metrics: unknown,
  part: "target" | "current",
): { readonly cpu: unknown; readonly others: readonly unknown[] } {
  const all: readonly unknown[] = Array.isArray(metrics) ? metrics : [];
  const utilisation = (metric: unknown): unknown => {
    const resource = isJsonObject(metric) ? metric.resource : undefined;
    const value = isJsonObject(resource) && resource.name === "cpu" ? resource[part] : undefined;
    return isJsonObject(value) ? value.averageUtilization : undefined;
  };
  const first = all.findIndex((metric) => utilisation(metric) !== undefined);
  return {
    cpu: first < 0 ? undefined : utilisation(all[first]),
    others: all.filter((_metric, index) => index !== first),
  };
}

const jsonAnnotation = (name: string, list: readonly unknown[]): Readonly<Record<string, string>> =>
  list.length === 0 ? {} : { [name]: JSON.stringify(list) };

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parsedList(text: string | undefined): readonly unknown[] {
  const value = parsed(text);
  return Array.isArray(value) ? value : [];
}

function withAnnotations(object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject {
  const { annotations: _old, ...metadata } = object.metadata;
  const some = Object.keys(annotations).length > 0;
  return { ...object, metadata: some ? { ...metadata, annotations } : metadata };
}

function objectAt(object: KubeObject, field: string): JsonObject {
  const value = object[field];
  return isJsonObject(value) ? value : {};
}
