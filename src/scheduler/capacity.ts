import type { Cluster } from "#api/cluster";
import type { Binding } from "#api/work";
import { parseQuantity, type Quantity, quantityRatio, subtractQuantities } from "#machinery";

const zero: Quantity = { digits: 0n, exponent: 0 };

/** What is left of a resource in a cluster; undefined where the cluster does not report it. */
function freeOf(cluster: Cluster, resource: string): Quantity | undefined {
  const summary = cluster.status?.resourceSummary;
  const allocatable = parseQuantity(summary?.allocatable?.[resource]);
  if (allocatable === undefined) return undefined;
  return [summary?.allocated, summary?.allocating]
    .map((amounts) => parseQuantity(amounts?.[resource]) ?? zero)
    .reduce(subtractQuantities, allocatable);
}

/** How many more replicas fit by the cluster's own summary: the scarcest of Pods and requested resources. */
export function estimateReplicas(cluster: Cluster, binding: Binding): number {
  const requests = { pods: "1", ...binding.spec.replicaRequirements?.resourceRequest };
  let fit = Number.MAX_SAFE_INTEGER;
  for (const [resource, amount] of Object.entries(requests)) {
    const part = parseQuantity(amount);
    if (part === undefined || part.digits <= 0n) continue;
    const free = freeOf(cluster, resource);
    fit = Math.min(fit, free === undefined ? 0 : (quantityRatio(free, part) ?? fit));
  }
  return fit;
}
