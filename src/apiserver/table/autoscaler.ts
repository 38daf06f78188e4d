import type { KubeObject } from "#machinery";
import { convertHorizontalPodAutoscaler } from "../kinds/convert.ts";
import { ageOf } from "./duration.ts";
import { type KindColumns, table } from "./kind-columns.ts";
import { at, listAt, numberAt, objectAt, orNone, textAt } from "./reading.ts";

export const autoscalerColumns: KindColumns = table(
  "Reference|Targets|MinPods|MaxPods|Replicas|Age",
  (object, nowMs) => {
    const second = convertHorizontalPodAutoscaler(object, "autoscaling/v2");
    const target = objectAt(second, "spec", "scaleTargetRef");
    return [
      `${textAt(target, "kind")}/${textAt(target, "name")}`,
      targets(second),
      at(second, "spec", "minReplicas") === undefined ? "<unset>" : String(numberAt(second, "spec", "minReplicas")),
      numberAt(second, "spec", "maxReplicas"),
      numberAt(second, "status", "currentReplicas"),
      ageOf(object.metadata.creationTimestamp, nowMs),
    ];
  },
);

const shownMetrics = 2;

/** `cpu: 40%/80%, 10/20 (avg) + 1 more...`: what is measured against what is wanted. */
function targets(object: KubeObject): string {
  const current = listAt(object, "status", "currentMetrics");
  const texts = listAt(object, "spec", "metrics").map((metric, index) => metricText(metric, current[index]));
  const more = texts.length - shownMetrics;
  return orNone(texts.slice(0, shownMetrics).join(", ") + (more > 0 ? ` + ${more} more...` : ""));
}

const sources: Readonly<Record<string, string>> = {
  External: "external",
  Pods: "pods",
  Object: "object",
  Resource: "resource",
  ContainerResource: "containerResource",
};

function metricText(metric: unknown, status: unknown): string {
  const source = sources[textAt(metric, "type")];
  if (source === undefined) return "<unknown type>";
  const target = objectAt(metric, source, "target");
  const current = objectAt(status, source, "current");
  const isResource = source === "resource" || source === "containerResource";
  const prefix = isResource ? `${textAt(metric, source, "name")}: ` : "";
  if (target.averageUtilization !== undefined) {
    const measured = current.averageUtilization === undefined ? "<unknown>" : `${current.averageUtilization}%`;
    return `${prefix}${measured}/${target.averageUtilization}%`;
  }
  if (target.averageValue !== undefined) {
    const suffix = isResource || source === "pods" ? "" : " (avg)";
    return `${prefix}${textAt(current, "averageValue") || "<unknown>"}/${target.averageValue}${suffix}`;
  }
  return `${prefix}${textAt(current, "value") || "<unknown>"}/${textAt(target, "value")}`;
}
