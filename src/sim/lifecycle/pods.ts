import { keyOf } from "#machinery";
import { type Node, type Pod, types } from "../kinds.ts";
import {
  crashes,
  endsByItself,
  imageChanges,
  type KubeletContext,
  type PodStatus,
  readinessDiffers,
  runningStatus,
  succeededStatus,
  unschedulableStatus,
} from "../plan/kubelet.ts";
import { planPlacement } from "../plan/placement.ts";
import { ownKey } from "./owners.ts";
import type { View } from "./view.ts";
import type { Controller, World } from "./world.ts";

/** Scheduler and kubelets in one: Pods are placed, start, restart, end and go. */
export function podController(world: World): Controller {
  const pods = world.view<Pod>(types.pods);
  const nodes = world.view<Node>(types.nodes);
  const dueMs = new Map<string, number>();
  const context = kubeletContext(world, nodes);

  const show = async (pod: Pod, status: PodStatus): Promise<void> => {
    await pods.updateStatus({ ...pod, status });
  };

  return {
    name: "pods",
    sources: [
      { type: types.pods, keys: ownKey },
      { type: types.nodes, keys: () => pods.list().filter(isUnplaced).map(keyOf) },
    ],
    reconcile: async (key) => {
      const pod = pods.get(key);
      if (pod === undefined) return undefined;
      const uid = pod.metadata.uid ?? "";
      if (pod.metadata.deletionTimestamp !== undefined) {
        dueMs.delete(uid);
        await pods.remove(pod, 0);
        return undefined;
      }
      if (isUnplaced(pod)) return place(world, pod, { pods, nodes });
      const step = nextStep(pod, world);
      if (step === undefined) return undefined;
      const due = dueMs.get(uid) ?? world.nowMs + step.afterMs;
      dueMs.set(uid, due);
      if (due > world.nowMs) return due - world.nowMs;
      dueMs.delete(uid);
      await show(pod, step.status(context(pod)));
      return undefined;
    },
  };
}

const isUnplaced = (pod: Pod): boolean => (pod.spec.nodeName ?? "") === "";

interface Step {
  readonly afterMs: number;
  readonly status: (context: KubeletContext) => PodStatus;
}

/** What happens to a placed Pod next by itself. */
function nextStep(pod: Pod, world: World): Step | undefined {
  const { podStartMs, podFinishMs, crashMs } = world.options;
  const phase = pod.status?.phase ?? "Pending";
  if (phase === "Pending") return { afterMs: podStartMs, status: (context) => runningStatus(pod, [], context) };
  if (phase !== "Running") return undefined;
  if (endsByItself(pod)) return { afterMs: podFinishMs, status: (context) => succeededStatus(pod, context) };
  const changed = imageChanges(pod);
  if (changed.length > 0) return { afterMs: podStartMs, status: (context) => runningStatus(pod, changed, context) };
  const all = pod.spec.containers.map(({ name }) => name);
  if (crashes(pod)) return { afterMs: crashMs, status: (context) => runningStatus(pod, all, context) };
  if (readinessDiffers(pod)) return { afterMs: podStartMs, status: (context) => runningStatus(pod, [], context) };
  return undefined;
}

async function place(
  world: World,
  pod: Pod,
  { pods, nodes }: { readonly pods: View<Pod>; readonly nodes: View<Node> },
): Promise<number | undefined> {
  const load = new Map<string, number>();
  for (const { spec } of pods.list()) load.set(spec.nodeName ?? "", (load.get(spec.nodeName ?? "") ?? 0) + 1);
  const placement = planPlacement(pod, nodes.list(), (node) => load.get(node) ?? 0);
  if (placement.node === undefined) {
    const isKnown = pod.status?.conditions?.some((condition) => condition.message === placement.why) === true;
    if (!isKnown) await pods.updateStatus({ ...pod, status: unschedulableStatus(pod, placement.why, world.nowMs) });
    return undefined;
  }
  if (world.options.placing === "update") {
    await pods.update({ ...pod, spec: { ...pod.spec, nodeName: placement.node } });
    return undefined;
  }
  const { name, namespace, uid } = pod.metadata;
  await world.options.client.create(
    types.pods,
    {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, uid },
      target: { apiVersion: "v1", kind: "Node", name: placement.node },
    },
    { subresource: "binding" },
  );
  return undefined;
}

/** Pod addresses are counted up and never used twice. */
function kubeletContext(world: World, nodes: View<Node>): (pod: Pod) => KubeletContext {
  let addresses = 0;
  const podIP = (): string => {
    addresses += 1;
    return `10.${128 + ((addresses >> 16) & 127)}.${(addresses >> 8) & 255}.${addresses & 255}`;
  };
  const hostIPOf = (pod: Pod): string => {
    const status = nodes.get(pod.spec.nodeName ?? "")?.status as NodeStatus | undefined;
    return status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "127.0.1.1";
  };
  return (pod) => ({ nowMs: world.nowMs, random: world.options.random, hostIP: hostIPOf(pod), podIP });
}

interface NodeStatus {
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
}
