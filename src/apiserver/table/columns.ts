import { convertEvent } from "../kinds/convert.ts";
import { autoscalerColumns } from "./autoscaler.ts";
import { bindingColumns, clusterColumns, eventColumns } from "./cluster.ts";
import { ageOf } from "./duration.ts";
import { type KindColumns, table } from "./kind-columns.ts";
import { networkColumns } from "./network.ts";
import { podColumns } from "./pods.ts";
import { numberAt } from "./reading.ts";
import { volumeColumns } from "./volumes.ts";
import { workloadColumns } from "./workloads.ts";

const byResource: Readonly<Record<string, KindColumns>> = {
  ...clusterColumns,
  ...networkColumns,
  ...volumeColumns,
  ...workloadColumns,
  "/pods": podColumns,
  "/events": eventColumns,
  "events.k8s.io/events": {
    ...eventColumns,
    cells: (event, nowMs) => eventColumns.cells(convertEvent(event, "v1"), nowMs),
  },
  "autoscaling/horizontalpodautoscalers": autoscalerColumns,
  "rbac.authorization.k8s.io/rolebindings": bindingColumns,
  "rbac.authorization.k8s.io/clusterrolebindings": bindingColumns,
};

/** Kinds without columns of their own show their name and the time they were created at. */
const plain = table("Created At:date", (object) => [object.metadata.creationTimestamp ?? null]);

/** A Scale, of whatever it scales. */
export const scaleColumns: KindColumns = table("Desired:integer|Available:integer|Age", (scale, nowMs) => [
  numberAt(scale, "spec", "replicas"),
  numberAt(scale, "status", "replicas"),
  ageOf(scale.metadata.creationTimestamp, nowMs),
]);

export function columnsFor(group: string, resource: string): KindColumns {
  return byResource[`${group}/${resource}`] ?? plain;
}
