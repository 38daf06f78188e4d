import { compareQuantities, parseQuantity, withField } from "#machinery";
import type { Cluster, Taint } from "./types.ts";

type ResourceModel = NonNullable<Cluster["spec"]["resourceModels"]>[number];

const largest = "9223372036854775807";
const cpuBounds = ["0", "1", "2", "4", "8", "16", "32", "64", "128", largest];
const memoryBounds = ["0", "4Gi", "16Gi", "32Gi", "64Gi", "128Gi", "256Gi", "512Gi", "1Ti", largest];

/** Karmada's nine grades of node sizes. */
const defaultModels: readonly ResourceModel[] = cpuBounds.slice(1).map((cpuMax, grade) => ({
  grade,
  ranges: [
    { name: "cpu", min: cpuBounds[grade] ?? "0", max: cpuMax },
    { name: "memory", min: memoryBounds[grade] ?? "0", max: memoryBounds[grade + 1] ?? largest },
  ],
}));

/** A Cluster as it is stored: its deprecated zone moved, NoExecute taints dated, its resource models complete. */
export function withClusterDefaults(cluster: Cluster, nowIso: string, creating: boolean): Cluster {
  const { zone, zones = [], taints, resourceModels = [] } = cluster.spec;
  let next = cluster;
  if (zone !== undefined && zone !== "" && zones.length === 0)
    next = withField(withField(next, ["spec", "zones"], [zone]), ["spec", "zone"], undefined);
  if (taints?.some(isUndated))
    next = withField(
      next,
      ["spec", "taints"],
      taints.map((taint) => (isUndated(taint) ? { ...taint, timeAdded: nowIso } : taint)),
    );
  if (resourceModels.length > 0) return withField(next, ["spec", "resourceModels"], completed(resourceModels));
  return creating ? withField(next, ["spec", "resourceModels"], defaultModels) : next;
}

const isUndated = (taint: Taint): boolean => taint.effect === "NoExecute" && taint.timeAdded === undefined;

/** Sorted by grade; the first begins at zero and the last ends nowhere, whatever was written. */
function completed(models: readonly ResourceModel[]): readonly ResourceModel[] {
  const sorted = [...models].sort((a, b) => a.grade - b.grade);
  return sorted.map((model, index) => ({
    ...model,
    ranges: model.ranges.map((range) => ({
      ...range,
      ...(index === 0 && !sameAmount(range.min, "0") ? { min: "0" } : {}),
      ...(index === sorted.length - 1 && !sameAmount(range.max, largest) ? { max: largest } : {}),
    })),
  }));
}

export function sameAmount(left: string, right: string): boolean {
  const [a, b] = [parseQuantity(left), parseQuantity(right)];
  return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
}
