import { isJsonObject } from "#base";
import type { KubeObject } from "#machinery";
import { ageOf, humanDuration } from "./duration.ts";
import { type KindColumns, table } from "./kind-columns.ts";
import { at, conditionOf, listAt, numberAt, objectAt, orNone, textAt } from "./reading.ts";

export const podColumns: KindColumns = table(
  "Ready|Status|Restarts|Age|[IP]|[Node]|[Nominated Node]|[Readiness Gates]",
  (pod, nowMs) => {
    const { ready, total } = readyCount(pod);
    return [
      `${ready}/${total}`,
      podStatus(pod),
      restarts(pod, nowMs),
      ageOf(pod.metadata.creationTimestamp, nowMs),
      orNone(podAddress(pod)),
      orNone(textAt(pod, "spec", "nodeName")),
      orNone(textAt(pod, "status", "nominatedNodeName")),
      readinessGates(pod),
    ];
  },
);

const podAddress = (pod: KubeObject): string =>
  textAt(listAt(pod, "status", "podIPs")[0], "ip") || textAt(pod, "status", "podIP");

/** Sidecars are init containers that restart always. */
function sidecarNames(pod: KubeObject): ReadonlySet<string> {
  const sidecars = listAt(pod, "spec", "initContainers").filter((one) => textAt(one, "restartPolicy") === "Always");
  return new Set(sidecars.map((one) => textAt(one, "name")));
}

function readyCount(pod: KubeObject): { readonly ready: number; readonly total: number } {
  const sidecars = sidecarNames(pod);
  const isReady = (status: unknown): boolean =>
    at(status, "ready") === true && at(status, "state", "running") !== undefined;
  const inits = listAt(pod, "status", "initContainerStatuses").filter((one) => sidecars.has(textAt(one, "name")));
  const counted = [...inits, ...listAt(pod, "status", "containerStatuses")];
  return { ready: counted.filter(isReady).length, total: listAt(pod, "spec", "containers").length + sidecars.size };
}

function podStatus(pod: KubeObject): string {
  const phase = textAt(pod, "status", "phase");
  const scheduled = conditionOf(pod, "PodScheduled");
  const gated = scheduled?.reason === "SchedulingGated" ? "SchedulingGated" : undefined;
  const base = gated ?? (textAt(pod, "status", "reason") || phase);
  const reason = initReason(pod) ?? containersReason(pod, base);
  if (pod.metadata.deletionTimestamp === undefined || phase === "Succeeded" || phase === "Failed") return reason;
  return textAt(pod, "status", "reason") === "NodeLost" ? "Unknown" : "Terminating";
}

/** Why the first init container that is not done is not; undefined when all are. */
function initReason(pod: KubeObject): string | undefined {
  const sidecars = sidecarNames(pod);
  const statuses = listAt(pod, "status", "initContainerStatuses");
  const isDone = (status: unknown): boolean =>
    at(status, "state", "terminated", "exitCode") === 0 ||
    (sidecars.has(textAt(status, "name")) && at(status, "started") === true);
  const index = statuses.findIndex((status) => !isDone(status));
  if (index < 0) return undefined;
  const terminated = objectAt(statuses[index], "state", "terminated");
  if (Object.keys(terminated).length > 0) return `Init:${terminationText(terminated)}`;
  const waiting = textAt(statuses[index], "state", "waiting", "reason");
  if (waiting !== "" && waiting !== "PodInitializing") return `Init:${waiting}`;
  return `Init:${index}/${listAt(pod, "spec", "initContainers").length}`;
}

function terminationText(terminated: unknown): string {
  const reason = textAt(terminated, "reason");
  if (reason !== "") return reason;
  const signal = numberAt(terminated, "signal");
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${numberAt(terminated, "exitCode")}`;
}

/** The first container's trouble counts; a Pod with completed and running containers is running. */
function containersReason(pod: KubeObject, base: string): string {
  const statuses = listAt(pod, "status", "containerStatuses");
  const troubles = statuses.flatMap((status) => {
    const waiting = textAt(status, "state", "waiting", "reason");
    const terminated = at(status, "state", "terminated");
    if (waiting !== "") return [waiting];
    return isJsonObject(terminated) ? [terminationText(terminated)] : [];
  });
  const reason = troubles[0] ?? base;
  const running = statuses.some(
    (status) => at(status, "ready") === true && at(status, "state", "running") !== undefined,
  );
  if (reason !== "Completed" || !running) return reason;
  return conditionOf(pod, "Ready")?.status === "True" ? "Running" : "NotReady";
}

function restarts(pod: KubeObject, nowMs: number): string {
  const sidecars = sidecarNames(pod);
  const inits = listAt(pod, "status", "initContainerStatuses");
  const counted =
    initReason(pod) === undefined
      ? [...inits.filter((one) => sidecars.has(textAt(one, "name"))), ...listAt(pod, "status", "containerStatuses")]
      : inits;
  const count = counted.reduce<number>((sum, status) => sum + numberAt(status, "restartCount"), 0);
  const times = counted.map((status) => Date.parse(textAt(status, "lastState", "terminated", "finishedAt")));
  const last = Math.max(...times.filter((time) => !Number.isNaN(time)));
  return count > 0 && Number.isFinite(last) ? `${count} (${humanDuration(nowMs - last)} ago)` : String(count);
}

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, "spec", "readinessGates");
  if (gates.length === 0) return "<none>";
  const met = gates.filter((gate) => conditionOf(pod, textAt(gate, "conditionType"))?.status === "True");
  return `${met.length}/${gates.length}`;
}
