import {
  type Container,
  type ContainerStatus,
  conditionOf,
  isReady,
  type Pod,
  timeText,
  type WorkloadCondition,
} from "../kinds.ts";
import { type Random, randomHex } from "../names.ts";

/** `"false"` keeps a Pod unready, `crash` restarts it again and again. */
export const readyAnnotation = "real-cluster/ready";

export interface KubeletContext {
  readonly nowMs: number;
  readonly random: Random;
  readonly hostIP: string;
  /** Where the Pod has no address yet. */
  readonly podIP: () => string;
}

export type PodStatus = NonNullable<Pod["status"]>;

export const endsByItself = (pod: Pod): boolean =>
  pod.spec.restartPolicy === "Never" || pod.spec.restartPolicy === "OnFailure";
export const crashes = (pod: Pod): boolean => pod.metadata.annotations?.[readyAnnotation] === "crash";

/** Containers run. `restart` names those that are started anew, with a new ID and one more on their count. */
export function runningStatus(pod: Pod, restart: readonly string[], context: KubeletContext): PodStatus {
  const ready = pod.metadata.annotations?.[readyAnnotation] !== "false";
  const before = new Map((pod.status?.containerStatuses ?? []).map((status) => [status.name, status]));
  const containerStatuses = pod.spec.containers.map((container) => {
    const old = before.get(container.name);
    if (old !== undefined && !restart.includes(container.name)) return { ...old, ready };
    return startedContainer(container, { ready, restartCount: old === undefined ? 0 : old.restartCount + 1 }, context);
  });
  return {
    ...pod.status,
    ...addresses(pod, context),
    phase: "Running",
    conditions: podConditions(pod, { ready, finished: false }, context.nowMs),
    ...initStatuses(pod, context),
    containerStatuses,
  };
}

/** All containers ended well. */
export function succeededStatus(pod: Pod, context: KubeletContext): PodStatus {
  const finishedAt = timeText(context.nowMs);
  const running = pod.status?.containerStatuses === undefined ? runningStatus(pod, [], context) : pod.status;
  return {
    ...running,
    ...addresses(pod, context),
    phase: "Succeeded",
    conditions: podConditions(pod, { ready: false, finished: true }, context.nowMs),
    containerStatuses: (running.containerStatuses ?? []).map((status) => ({
      ...status,
      ready: false,
      started: false,
      state: {
        terminated: {
          exitCode: 0,
          reason: "Completed",
          startedAt: running.startTime ?? finishedAt,
          finishedAt,
          ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
        },
      },
    })),
  };
}

/** Not yet on a node, because none fits. */
export function unschedulableStatus(pod: Pod, message: string, nowMs: number): PodStatus {
  const now = timeText(nowMs);
  const condition = {
    type: "PodScheduled",
    status: "False",
    lastProbeTime: null,
    lastTransitionTime: now,
    reason: "Unschedulable",
    message,
  };
  return { ...pod.status, phase: "Pending", conditions: [condition] };
}

/** Containers whose image was changed while they run: the one thing of a running Pod that may be. */
export function imageChanges(pod: Pod): readonly string[] {
  const running = new Map((pod.status?.containerStatuses ?? []).map((status) => [status.name, status.image]));
  return pod.spec.containers
    .filter(({ name, image }) => running.has(name) && image !== undefined && running.get(name) !== image)
    .map(({ name }) => name);
}

/** True where the readiness that the annotation asks for is not the one that is shown. */
export function readinessDiffers(pod: Pod): boolean {
  return isReady(pod) !== (pod.metadata.annotations?.[readyAnnotation] !== "false");
}

function addresses(pod: Pod, context: KubeletContext): Pick<PodStatus, string> {
  const podIP = pod.status?.podIP ?? (pod.spec.hostNetwork === true ? context.hostIP : context.podIP());
  return {
    startTime: pod.status?.startTime ?? timeText(context.nowMs),
    hostIP: context.hostIP,
    hostIPs: [{ ip: context.hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
  };
}

function startedContainer(
  container: Container,
  { ready, restartCount }: { readonly ready: boolean; readonly restartCount: number },
  context: KubeletContext,
): ContainerStatus {
  const image = container.image ?? "";
  return {
    name: container.name,
    state: { running: { startedAt: timeText(context.nowMs) } },
    lastState: {},
    ready,
    restartCount,
    image,
    imageID: `${image}@sha256:${"0".repeat(64)}`,
    containerID: `containerd://${randomHex(context.random, 64)}`,
    started: true,
  };
}

function initStatuses(pod: Pod, context: KubeletContext): Pick<PodStatus, string> {
  const containers = pod.spec.initContainers ?? [];
  if (containers.length === 0 || pod.status?.initContainerStatuses !== undefined) return {};
  const at = timeText(context.nowMs);
  const initContainerStatuses = containers.map((container) => {
    const { containerID, ...status } = startedContainer(container, { ready: true, restartCount: 0 }, context);
    const terminated = { exitCode: 0, reason: "Completed", startedAt: at, finishedAt: at, containerID };
    return { ...status, containerID, started: false, state: { terminated } };
  });
  return { initContainerStatuses };
}

function podConditions(
  pod: Pod,
  { ready, finished }: { readonly ready: boolean; readonly finished: boolean },
  nowMs: number,
): readonly WorkloadCondition[] {
  const make = (type: string, status: boolean, reason?: string) => {
    const text = status ? "True" : "False";
    const old = conditionOf(pod.status?.conditions, type);
    const lastTransitionTime = old?.status === text ? old.lastTransitionTime : timeText(nowMs);
    return { type, status: text, lastProbeTime: null, lastTransitionTime, ...(reason === undefined ? {} : { reason }) };
  };
  const why = finished ? "PodCompleted" : ready ? undefined : "ContainersNotReady";
  return [
    make("PodReadyToStartContainers", !finished),
    make("Initialized", true, finished ? "PodCompleted" : undefined),
    make("Ready", ready, why),
    make("ContainersReady", ready, why),
    make("PodScheduled", true),
  ];
}
