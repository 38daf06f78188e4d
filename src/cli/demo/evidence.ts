import type { KubeClient } from "#client";
import type { KubeObject } from "#machinery";
import { namespaces } from "./shop.ts";

interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly restartCount?: number;
      readonly ready?: boolean;
    }[];
  };
}

/** What identifies a running Pod: a restart or a replacement changes one of these. */
interface PodRecord {
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly string[];
  readonly restarts: number;
}

export type PodRecords = ReadonlyMap<string, PodRecord>;

export interface Comparison {
  readonly pods: number;
  readonly replaced: readonly string[];
  readonly restarted: readonly string[];
}

const pods = { group: "", version: "v1", resource: "pods" };

/** Every Pod of the shop in one cluster, by `namespace/name`. */
export async function podRecords(member: KubeClient): Promise<PodRecords> {
  const lists = await Promise.all(namespaces.map((namespace) => member.list<Pod>(pods, { namespace })));
  return new Map(
    lists.flatMap((list) => list.items).map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, recordOf(pod)]),
  );
}

function recordOf(pod: Pod): PodRecord {
  const statuses = pod.status?.containerStatuses ?? [];
  return {
    name: pod.metadata.name ?? "",
    uid: pod.metadata.uid ?? "",
    containers: statuses.map((one) => one.containerID ?? ""),
    restarts: statuses.reduce((sum, one) => sum + (one.restartCount ?? 0), 0),
  };
}

/** A Pod that is gone or has another UID was replaced; one with another container or a higher count was restarted. */
export function compare(before: PodRecords, after: PodRecords): Comparison {
  const replaced: string[] = [];
  const restarted: string[] = [];
  for (const [key, old] of before) {
    const now = after.get(key);
    if (now === undefined || now.uid !== old.uid) replaced.push(key);
    else if (now.restarts > old.restarts || now.containers.join() !== old.containers.join()) restarted.push(key);
  }
  return { pods: before.size, replaced, restarted };
}

/** True when no Pod of the shop is still starting or going. */
export async function isSettled(member: KubeClient): Promise<boolean> {
  const lists = await Promise.all(namespaces.map((namespace) => member.list<Pod>(pods, { namespace })));
  return lists
    .flatMap((list) => list.items)
    .every(
      (pod) => pod.metadata.deletionTimestamp === undefined && (pod.status?.phase === "Succeeded" || isRunning(pod)),
    );
}

const isRunning = (pod: Pod): boolean =>
  pod.status?.phase === "Running" &&
  (pod.status.containerStatuses ?? []).length > 0 &&
  (pod.status.containerStatuses ?? []).every((one) => one.ready === true);
