import type { KubeObject } from "#machinery";
import {
  controllerReference,
  isReady,
  type PersistentVolumeClaim,
  type Pod,
  type StatefulSet,
  type StatefulSetStatus,
} from "../kinds.ts";
import { contentHash } from "../names.ts";
import { podFrom } from "./pods.ts";

export const revisionHashLabel = "controller-revision-hash";
const podNameLabel = "statefulset.kubernetes.io/pod-name";
const podIndexLabel = "apps.kubernetes.io/pod-index";

/** A template that Pods were made from, kept so that an older one can be told apart. */
export interface ControllerRevision extends KubeObject {
  readonly revision: number;
  readonly data?: { readonly [field: string]: unknown };
}

export interface StatefulPlan {
  readonly create: readonly { readonly pod: Pod; readonly claims: readonly PersistentVolumeClaim[] }[];
  readonly remove: readonly Pod[];
}

/** The revision of a template: its name follows from its content, so it exists once however often it is asked for. */
export function revisionFor(
  owner: KubeObject & { readonly spec: { readonly template: unknown } },
  known: readonly ControllerRevision[],
): { readonly revision: ControllerRevision; readonly isNew: boolean } {
  const { template } = owner.spec;
  const hash = contentHash(template);
  const name = `${owner.metadata.name}-${hash}`;
  const found = known.find((revision) => revision.metadata.name === name);
  if (found !== undefined) return { revision: found, isNew: false };
  const templateLabels = (template as { metadata?: { labels?: Record<string, string> } }).metadata?.labels;
  return {
    isNew: true,
    revision: {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name,
        namespace: owner.metadata.namespace,
        labels: { ...templateLabels, [revisionHashLabel]: hash },
        ownerReferences: [controllerReference(owner)],
      },
      data: { spec: { template: { ...(template as object), $patch: "replace" } } },
      revision: Math.max(0, ...known.map((each) => each.revision)) + 1,
    },
  };
}

/** What brings a stateful set one step nearer: in order unless its policy is Parallel, the highest ordinals first to go. */
export function planStateful(set: StatefulSet, pods: readonly Pod[], update: ControllerRevision): StatefulPlan {
  if (set.metadata.deletionTimestamp !== undefined) return { create: [], remove: [] };
  const replicas = set.spec.replicas ?? 1;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const isParallel = set.spec.podManagementPolicy === "Parallel";
  const steps: StatefulPlan = {
    create: missing(set, byOrdinal, isParallel).map((ordinal) => ({
      pod: statefulPod(set, ordinal, revisionName(set, ordinal, update)),
      claims: claimsFor(set, ordinal),
    })),
    remove: [],
  };
  const finished = pods.filter((pod) => pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded");
  if (finished.length > 0) return { create: [], remove: finished.filter((pod) => !pod.metadata.deletionTimestamp) };
  if (steps.create.length > 0) return steps;
  const surplus = pods.filter((pod) => ordinalOf(set, pod) >= replicas).sort(byOrdinalDown(set));
  if (surplus.length > 0) return { create: [], remove: nextToGo(surplus, isParallel) };
  return { create: [], remove: planRollout(set, byOrdinal, update) };
}

/** Ordinals without a Pod, as far as their predecessors let them start. */
function missing(set: StatefulSet, byOrdinal: ReadonlyMap<number, Pod>, isParallel: boolean): readonly number[] {
  const found: number[] = [];
  for (let ordinal = 0; ordinal < (set.spec.replicas ?? 1); ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) found.push(ordinal);
    const blocks = pod === undefined || !isReady(pod) || pod.metadata.deletionTimestamp !== undefined;
    if (blocks && !isParallel) break;
  }
  return found;
}

function nextToGo(surplus: readonly Pod[], isParallel: boolean): readonly Pod[] {
  const staying = surplus.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  if (isParallel) return staying;
  return surplus.length === staying.length ? staying.slice(0, 1) : [];
}

/** One Pod of an older revision, the highest ordinal first, and only while all others are ready. */
function planRollout(
  set: StatefulSet,
  byOrdinal: ReadonlyMap<number, Pod>,
  update: ControllerRevision,
): readonly Pod[] {
  if (set.spec.updateStrategy?.type === "OnDelete") return [];
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let ordinal = (set.spec.replicas ?? 1) - 1; ordinal >= partition; ordinal--) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return [];
    if (pod.metadata.labels?.[revisionHashLabel] !== update.metadata.name) return [pod];
    if (!isReady(pod)) return [];
  }
  return [];
}

/** Below the partition a Pod that has to be made again comes from the revision the set had before. */
function revisionName(set: StatefulSet, ordinal: number, update: ControllerRevision): string {
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const current = set.status?.currentRevision;
  return ordinal < partition && current !== undefined ? current : (update.metadata.name ?? "");
}

function statefulPod(set: StatefulSet, ordinal: number, revision: string): Pod {
  const name = `${set.metadata.name}-${ordinal}`;
  const pod = podFrom(set, set.spec.template, { name });
  const own = (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata.name ?? "",
    persistentVolumeClaim: { claimName: claimName(claim, name) },
  }));
  const others = (pod.spec.volumes ?? []).filter((volume) => !own.some((each) => each.name === volume.name));
  const { serviceName } = set.spec;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...pod.metadata.labels,
        [revisionHashLabel]: revision,
        [podNameLabel]: name,
        [podIndexLabel]: `${ordinal}`,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === "" ? {} : { subdomain: serviceName }),
      ...(own.length === 0 ? {} : { volumes: [...own, ...others] }),
    },
  };
}

const claimName = (claim: PersistentVolumeClaim, pod: string): string => `${claim.metadata.name}-${pod}`;

function claimsFor(set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] {
  const pod = `${set.metadata.name}-${ordinal}`;
  return (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: claimName(claim, pod),
      namespace: set.metadata.namespace,
      labels: { ...claim.metadata.labels, ...set.spec.selector.matchLabels },
      ...(claim.metadata.annotations === undefined ? {} : { annotations: claim.metadata.annotations }),
    },
    spec: claim.spec,
  }));
}

function ordinalOf(set: StatefulSet, pod: Pod): number {
  const prefix = `${set.metadata.name}-`;
  const text = pod.metadata.name?.slice(prefix.length) ?? "";
  return pod.metadata.name?.startsWith(prefix) === true && /^\d+$/.test(text) ? Number(text) : -1;
}

const byOrdinalDown =
  (set: StatefulSet) =>
  (left: Pod, right: Pod): number =>
    ordinalOf(set, right) - ordinalOf(set, left);

/** The current revision becomes the update revision once every Pod has it and is ready. */
export function statefulStatus(set: StatefulSet, pods: readonly Pod[], update: ControllerRevision): StatefulSetStatus {
  const alive = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && ordinalOf(set, pod) >= 0);
  const updateName = update.metadata.name ?? "";
  const updated = alive.filter((pod) => pod.metadata.labels?.[revisionHashLabel] === updateName);
  const replicas = set.spec.replicas ?? 1;
  const isComplete = updated.filter(isReady).length === replicas && alive.length === replicas;
  const currentName = isComplete ? updateName : (set.status?.currentRevision ?? updateName);
  const current = alive.filter((pod) => pod.metadata.labels?.[revisionHashLabel] === currentName);
  const ready = alive.filter(isReady).length;
  return {
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    replicas: alive.length,
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    availableReplicas: ready,
    ...(current.length === 0 ? {} : { currentReplicas: current.length }),
    ...(updated.length === 0 ? {} : { updatedReplicas: updated.length }),
    currentRevision: currentName,
    updateRevision: updateName,
    collisionCount: 0,
  };
}
