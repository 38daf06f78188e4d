import type { Cluster } from "#api/cluster";
import {
  addQuantities,
  type KubeObject,
  listAt,
  mapAt,
  parseQuantity,
  type Quantity,
  quantityText,
  textAt,
} from "#machinery";

type Amounts = ReadonlyMap<string, Quantity>;
type ClusterStatus = NonNullable<Cluster["status"]>;

/** What is kept of a Pod: enough for the sums, a hundredth of its size. */
export interface PodUse {
  readonly scheduled: boolean;
  readonly requests: Amounts;
}

const zero: Quantity = { digits: 0n, exponent: 0 };

export function nodeSummaryOf(nodes: readonly KubeObject[]): ClusterStatus["nodeSummary"] {
  return { totalNum: nodes.length, readyNum: nodes.filter(isReady).length };
}

function isReady(node: KubeObject): boolean {
  return listAt(node, ["status", "conditions"]).some((condition) => {
    const { type, status } = condition as { readonly type?: string; readonly status?: string };
    return type === "Ready" && status === "True";
  });
}

/** Undefined for a Pod that has ended: it holds nothing any more. */
export function podUseOf(pod: KubeObject): PodUse | undefined {
  const phase = textAt(pod, ["status", "phase"]);
  if (phase === "Succeeded" || phase === "Failed") return undefined;
  const running = listAt(pod, ["spec", "containers"]).map(requestsOf).reduce(sum, new Map());
  const starting = listAt(pod, ["spec", "initContainers"]).map(requestsOf).reduce(largest, new Map());
  const overhead = amountsOf(mapAt(pod, ["spec", "overhead"]));
  const scheduled = (textAt(pod, ["spec", "nodeName"]) ?? "") !== "";
  return { scheduled, requests: sum(largest(running, starting), overhead) };
}

const requestsOf = (container: unknown): Amounts => amountsOf(mapAt(container, ["resources", "requests"]));

function amountsOf(map: Readonly<Record<string, unknown>> | undefined): Amounts {
  const amounts = new Map<string, Quantity>();
  for (const [name, value] of Object.entries(map ?? {})) {
    const quantity = parseQuantity(value);
    if (quantity !== undefined) amounts.set(name, quantity);
  }
  return amounts;
}

function sum(left: Amounts, right: Amounts): Amounts {
  const total = new Map(left);
  for (const [name, amount] of right) total.set(name, addQuantities(total.get(name) ?? zero, amount));
  return total;
}

function largest(left: Amounts, right: Amounts): Amounts {
  const most = new Map(left);
  for (const [name, amount] of right) {
    const present = most.get(name);
    if (present === undefined || isMore(amount, present)) most.set(name, amount);
  }
  return most;
}

function isMore(left: Quantity, right: Quantity): boolean {
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = (of: Quantity): bigint => of.digits * 10n ** BigInt(of.exponent - exponent);
  return scaled(left) > scaled(right);
}

/** Allocatable of all nodes; allocating: requests of Pods without a node; allocated: of those with one. */
export function resourceSummaryOf(
  nodes: readonly KubeObject[],
  pods: Iterable<PodUse>,
): ClusterStatus["resourceSummary"] {
  const allocatable = nodes.map((node) => amountsOf(mapAt(node, ["status", "allocatable"]))).reduce(sum, new Map());
  const totals = { allocating: new Map() as Amounts, allocated: new Map() as Amounts };
  for (const { scheduled, requests } of pods) {
    const which = scheduled ? "allocated" : "allocating";
    totals[which] = sum(totals[which], new Map([...requests, ["pods", { digits: 1n, exponent: 0 }]]));
  }
  return {
    allocatable: textsOf(allocatable),
    ...(totals.allocating.size === 0 ? {} : { allocating: textsOf(totals.allocating) }),
    ...(totals.allocated.size === 0 ? {} : { allocated: textsOf(totals.allocated) }),
  };
}

function textsOf(amounts: Amounts): Readonly<Record<string, string>> {
  const names = [...amounts.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, amountText(name, amounts.get(name) ?? zero)]));
}

/** Bytes in Ki, Mi, ... as nodes report them; everything else as Kubernetes writes it. */
function amountText(name: string, amount: Quantity): string {
  const isBytes = /memory|storage|hugepages/.test(name);
  if (!isBytes || amount.exponent < 0) return quantityText(amount);
  let value = amount.digits * 10n ** BigInt(amount.exponent);
  let unit = 0;
  while (value !== 0n && unit < 6 && value % 1024n === 0n) {
    value /= 1024n;
    unit++;
  }
  return `${value}${["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][unit]}`;
}
