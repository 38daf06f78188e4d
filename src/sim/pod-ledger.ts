import { keyFor } from "#machinery";
import { controllerOf, isReady, type Pod, type ReplicaSet, timeText } from "./kinds.ts";
import { restartsOf } from "./plan/pods.ts";

/** One Pod that exists or existed. A Pod whose name comes back is another one: UIDs tell them apart. */
export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** `Deployment shop/cart`: what it belongs to in the end. Undefined for a Pod on its own. */
  readonly workload: string | undefined;
  readonly node: string | undefined;
  readonly ready: boolean;
  readonly restarts: number;
  readonly containerIds: readonly string[];
  readonly createdAt: string;
  readonly deletedAt: string | undefined;
}

/** Remembers every Pod there ever was. */
export class PodLedger {
  readonly #records = new Map<string, PodRecord>();
  readonly #replicaSet: (key: string) => ReplicaSet | undefined;
  readonly #nowMs: () => number;

  constructor(replicaSet: (key: string) => ReplicaSet | undefined, nowMs: () => number) {
    this.#replicaSet = replicaSet;
    this.#nowMs = nowMs;
  }

  observe(pod: Pod, isGone: boolean): void {
    const uid = pod.metadata.uid ?? "";
    const before = this.#records.get(uid);
    const statuses = pod.status?.containerStatuses ?? [];
    this.#records.set(uid, {
      uid,
      namespace: pod.metadata.namespace ?? "",
      name: pod.metadata.name ?? "",
      workload: this.#workloadOf(pod) ?? before?.workload,
      node: pod.spec.nodeName,
      ready: isReady(pod) && !isGone,
      restarts: restartsOf(pod),
      containerIds: statuses.flatMap(({ containerID }) => (containerID === undefined ? [] : [containerID])),
      createdAt: pod.metadata.creationTimestamp ?? timeText(this.#nowMs()),
      deletedAt: isGone ? timeText(this.#nowMs()) : undefined,
    });
  }

  /** In the order in which they came. */
  all(): readonly PodRecord[] {
    return [...this.#records.values()];
  }

  /** Those that exist and belong to a workload of this key, whatever its kind. */
  livePodsOf(workload: string): readonly PodRecord[] {
    return this.all().filter((pod) => pod.deletedAt === undefined && pod.workload?.split(" ")[1] === workload);
  }

  #workloadOf(pod: Pod): string | undefined {
    const owner = controllerOf(pod);
    const { namespace } = pod.metadata;
    if (owner === undefined) return undefined;
    const set = owner.kind === "ReplicaSet" ? this.#replicaSet(keyFor({ namespace, name: owner.name })) : undefined;
    const top = (set === undefined ? undefined : controllerOf(set)) ?? owner;
    return `${top.kind} ${keyFor({ namespace, name: top.name })}`;
  }
}
