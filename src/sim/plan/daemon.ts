import { type DaemonSet, isActive, isReady, type Node, type Pod } from "../kinds.ts";
import { podFrom } from "./pods.ts";
import { scaled } from "./replica-sets.ts";
import { type ControllerRevision, revisionHashLabel } from "./stateful.ts";

export interface DaemonPlan {
  readonly create: readonly Pod[];
  readonly remove: readonly Pod[];
}

/** What the Pods of daemon sets tolerate without being told. */
const toleratedAlways = [
  { key: "node.kubernetes.io/not-ready", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
] as const;

const networkUnavailable = { key: "node.kubernetes.io/network-unavailable", effect: "NoSchedule" } as const;

/** Counts the templates a DaemonSet has had; its Pods carry the number. */
export const templateGenerationAnnotation = "deprecated.daemonset.template.generation";

function wantsNode(set: DaemonSet, node: Node): boolean {
  const wanted = Object.entries(set.spec.template.spec.nodeSelector ?? {});
  return wanted.every(([key, value]) => node.metadata.labels?.[key] === value);
}

/** One Pod a node; older ones are replaced, as many at a time as may be unavailable. */
export function planDaemons(
  set: DaemonSet,
  pods: readonly Pod[],
  { nodes, update }: { readonly nodes: readonly Node[]; readonly update: ControllerRevision },
): DaemonPlan {
  if (set.metadata.deletionTimestamp !== undefined) return { create: [], remove: [] };
  const hash = update.metadata.labels?.[revisionHashLabel] ?? "";
  const wanted = nodes.filter((node) => wantsNode(set, node));
  const active = pods.filter(isActive);
  const staying = new Map<string, Pod>();
  const surplus = active.filter((pod) => {
    const node = targetNode(pod);
    if (staying.has(node) || !wanted.some((each) => each.metadata.name === node)) return true;
    staying.set(node, pod);
    return false;
  });
  const leaving = new Set(pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined).map(targetNode));
  const missing = wanted.filter(({ metadata: { name = "" } }) => !staying.has(name) && !leaving.has(name));
  const create = missing.map((node) => daemonPod(set, node.metadata.name ?? "", hash));
  const outdated = [...staying.values()].filter((pod) => pod.metadata.labels?.[revisionHashLabel] !== hash);
  return { create, remove: [...surplus, ...planReplacement(set, outdated, { staying, size: wanted.length })] };
}

function planReplacement(
  set: DaemonSet,
  outdated: readonly Pod[],
  { staying, size }: { readonly staying: ReadonlyMap<string, Pod>; readonly size: number },
): readonly Pod[] {
  if (set.spec.updateStrategy?.type === "OnDelete") return [];
  const allowed = Math.max(1, scaled(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, size, Math.ceil));
  const broken = outdated.filter((pod) => !isReady(pod));
  const unavailable = size - [...staying.values()].filter(isReady).length;
  const room = Math.max(0, allowed - unavailable);
  return [...broken, ...outdated.filter(isReady).slice(0, room)];
}

/** The node a daemon's Pod is for: known before it is scheduled. */
export function targetNode(pod: Pod): string {
  if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== "") return pod.spec.nodeName;
  const affinity = pod.spec.affinity as DaemonAffinity | undefined;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms[0]?.matchFields?.find((field) => field.key === "metadata.name")?.values?.[0] ?? "";
}

interface DaemonAffinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms?: readonly {
        readonly matchFields?: readonly { readonly key: string; readonly values?: readonly string[] }[];
      }[];
    };
  };
}

function daemonPod(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podFrom(set, set.spec.template);
  const term = { matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] };
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
  const tolerated = pod.spec.hostNetwork === true ? [...toleratedAlways, networkUnavailable] : toleratedAlways;
  const own = tolerated.map((toleration) => ({ ...toleration, operator: "Exists" }));
  const generation = set.metadata.annotations?.[templateGenerationAnnotation];
  const counted: Record<string, string> = generation === undefined ? {} : { "pod-template-generation": generation };
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [revisionHashLabel]: hash, ...counted } },
    spec: {
      ...pod.spec,
      affinity: { ...(pod.spec.affinity as object | undefined), nodeAffinity },
      tolerations: [...(pod.spec.tolerations ?? []), ...own],
    },
  };
}

export function daemonStatus(
  set: DaemonSet,
  pods: readonly Pod[],
  { nodes, update }: { readonly nodes: readonly Node[]; readonly update: ControllerRevision },
): Readonly<Record<string, unknown>> {
  const hash = update.metadata.labels?.[revisionHashLabel];
  const names = new Set(nodes.filter((node) => wantsNode(set, node)).map((node) => node.metadata.name ?? ""));
  const active = pods.filter(isActive);
  const placed = active.filter((pod) => names.has(targetNode(pod)));
  const ready = placed.filter(isReady).length;
  const updated = placed.filter((pod) => pod.metadata.labels?.[revisionHashLabel] === hash).length;
  const missing = names.size - ready;
  return {
    currentNumberScheduled: placed.length,
    numberMisscheduled: active.length - placed.length,
    desiredNumberScheduled: names.size,
    numberReady: ready,
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(ready === 0 ? {} : { numberAvailable: ready }),
    ...(missing === 0 ? {} : { numberUnavailable: missing }),
  };
}
