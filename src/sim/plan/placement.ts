import type { Node, Pod, Toleration } from "../kinds.ts";
import { targetNode } from "./daemon.ts";

/** The fitting node with the fewest Pods, or why none fits. */
export function planPlacement(
  pod: Pod,
  nodes: readonly Node[],
  podsOn: (node: string) => number,
): { readonly node: string } | { readonly node: undefined; readonly why: string } {
  const fitting = nodes.filter((node) => fits(pod, node));
  const best = fitting.reduce<Node | undefined>(
    (least, node) => (least === undefined || podsOn(nameOf(node)) < podsOn(nameOf(least)) ? node : least),
    undefined,
  );
  if (best !== undefined) return { node: nameOf(best) };
  return {
    node: undefined,
    why: `0/${nodes.length} nodes are available: ${nodes.length} node(s) didn't match Pod's node affinity/selector.`,
  };
}

const nameOf = (node: Node): string => node.metadata.name ?? "";

function fits(pod: Pod, node: Node): boolean {
  const bound = targetNode(pod);
  if (bound !== "") return bound === nameOf(node);
  if (node.spec?.unschedulable === true) return false;
  const isSelected = Object.entries(pod.spec.nodeSelector ?? {}).every(
    ([key, value]) => node.metadata.labels?.[key] === value,
  );
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
  return isSelected && taints.every((taint) => (pod.spec.tolerations ?? []).some((each) => tolerates(each, taint)));
}

function tolerates(toleration: Toleration, taint: Toleration): boolean {
  const isSameEffect =
    toleration.effect === undefined || toleration.effect === "" || toleration.effect === taint.effect;
  const isSameKey = toleration.key === undefined || toleration.key === "" || toleration.key === taint.key;
  return isSameEffect && isSameKey && (toleration.operator === "Exists" || toleration.value === taint.value);
}
