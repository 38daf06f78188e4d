import type { Deployment, PodTemplate, ReplicaSet } from "../kinds.ts";
import { contentHash, stableText } from "../names.ts";

export const revisionAnnotation = "deployment.kubernetes.io/revision";
const historyAnnotation = "deployment.kubernetes.io/revision-history";
const desiredAnnotation = "deployment.kubernetes.io/desired-replicas";
const maxAnnotation = "deployment.kubernetes.io/max-replicas";
const templateHashLabel = "pod-template-hash";

/** Annotations of a Deployment that its ReplicaSets do not inherit. */
const notInherited = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
]);

/** What a Deployment's controller would do now, in the order in which it does it. */
export interface ReplicaSetPlan {
  readonly create?: ReplicaSet;
  /** Replica sets with another size, other annotations or both. */
  readonly update: readonly ReplicaSet[];
  readonly remove: readonly ReplicaSet[];
  /** The Deployment's own revision annotation, where it has to move. */
  readonly revision?: string;
}

export interface Surge {
  readonly surge: number;
  readonly unavailable: number;
}

const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;
export const totalSize = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + sizeOf(set), 0);
const revisionOf = (set: ReplicaSet): number => Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
const createdAt = (set: ReplicaSet): string => `${set.metadata.creationTimestamp ?? ""}/${set.metadata.name ?? ""}`;
const oldestFirst = (left: ReplicaSet, right: ReplicaSet): number => (createdAt(left) < createdAt(right) ? -1 : 1);

/** A percentage rounds up for surge and down for unavailability; both zero would never move, so one may be unavailable. */
export function surgeOf(deployment: Deployment): Surge {
  const replicas = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === "Recreate") return { surge: 0, unavailable: 0 };
  const rolling = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaled(rolling.maxSurge ?? "25%", replicas, Math.ceil);
  const unavailable = Math.min(scaled(rolling.maxUnavailable ?? "25%", replicas, Math.floor), replicas);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

export function scaled(value: number | string, of: number, round: (share: number) => number): number {
  if (typeof value === "number") return value;
  return value.endsWith("%") ? round((Number(value.slice(0, -1)) * of) / 100) : Number(value);
}

/** The replica set whose Pods are what the template asks for: the oldest one where several are. */
export function currentReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = templateText(deployment.spec.template);
  return [...sets].sort(oldestFirst).find((set) => templateText(set.spec.template) === wanted);
}

function templateText(template: PodTemplate): string {
  const { [templateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  const { creationTimestamp: _created, ...metadata } = template.metadata ?? {};
  const { annotations } = metadata;
  return stableText({
    spec: template.spec,
    metadata: { ...metadata, labels, annotations: Object.keys(annotations ?? {}).length === 0 ? null : annotations },
  });
}

/** What to do with a Deployment's replica sets. `podsOf` counts the Pods of a set that still exist, finished ones left out. */
export function planReplicaSets(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  podsOf: (set: ReplicaSet) => number,
): ReplicaSetPlan {
  const current = currentReplicaSet(deployment, sets);
  const old = sets.filter((set) => set !== current);
  if (deployment.spec.paused === true) return planScaling(deployment, current, old);
  const revision = String(nextRevision(current, old));
  if (current === undefined) return planFirst(deployment, old, { revision, podsOf });
  const marked = withAnnotations(current, inheritedAnnotations(deployment, current, revision));
  const move = deployment.metadata.annotations?.[revisionAnnotation] === revision ? {} : { revision };
  if (isScaling(deployment, sets)) return { ...planScaling(deployment, marked, old), ...move };
  const sizes = planSizes(deployment, marked, { old, podsOf });
  return { ...sizes, ...move, update: changedOnly(sizes.update, sets), remove: planHistory(deployment, marked, old) };
}

/** No replica set has the template yet: one is created, as big as the strategy lets it be. */
function planFirst(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  { revision, podsOf }: { readonly revision: string; readonly podsOf: (set: ReplicaSet) => number },
): ReplicaSetPlan {
  const recreate = deployment.spec.strategy?.type === "Recreate";
  if (recreate && old.some((set) => sizeOf(set) > 0 || podsOf(set) > 0)) {
    return { update: old.filter((set) => sizeOf(set) > 0).map((set) => resized(deployment, set, 0)), remove: [] };
  }
  const replicas = deployment.spec.replicas ?? 1;
  const room = recreate ? replicas : Math.max(0, replicas + surgeOf(deployment).surge - totalSize(old));
  return { create: newReplicaSet(deployment, Math.min(replicas, room), revision), update: [], remove: [], revision };
}

function newReplicaSet(deployment: Deployment, replicas: number, revision: string): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = contentHash(templateText(template));
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...inherited(deployment), ...sizeAnnotations(deployment), [revisionAnnotation]: revision },
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined || minReadySeconds === 0 ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

function nextRevision(current: ReplicaSet | undefined, old: readonly ReplicaSet[]): number {
  const highestOld = Math.max(0, ...old.map(revisionOf));
  return current === undefined ? highestOld + 1 : Math.max(revisionOf(current), highestOld + 1);
}

const inherited = (deployment: Deployment): Record<string, string> =>
  Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !notInherited.has(key)));

const sizeAnnotations = (deployment: Deployment): Record<string, string> => {
  const replicas = deployment.spec.replicas ?? 1;
  return { [desiredAnnotation]: `${replicas}`, [maxAnnotation]: `${replicas + surgeOf(deployment).surge}` };
};

/** Inherited annotations are added and renewed, never taken away; an older revision number moves to the history. */
function inheritedAnnotations(deployment: Deployment, set: ReplicaSet, revision: string): Record<string, string> {
  const present = set.metadata.annotations ?? {};
  const renewed: Record<string, string> = { ...present, ...inherited(deployment), [revisionAnnotation]: revision };
  const before = present[revisionAnnotation];
  if (before === undefined || before === revision) return renewed;
  const history = [...(present[historyAnnotation]?.split(",") ?? []), before];
  return { ...renewed, [historyAnnotation]: history.join(",") };
}

function withAnnotations(set: ReplicaSet, annotations: Record<string, string>): ReplicaSet {
  return stableText(set.metadata.annotations) === stableText(annotations)
    ? set
    : { ...set, metadata: { ...set.metadata, annotations } };
}

function resized(deployment: Deployment, set: ReplicaSet, replicas: number): ReplicaSet {
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
  const marked = withAnnotations(set, annotations);
  return sizeOf(set) === replicas ? marked : { ...marked, spec: { ...marked.spec, replicas } };
}

const changedOnly = (wanted: readonly ReplicaSet[], present: readonly ReplicaSet[]): readonly ReplicaSet[] =>
  wanted.filter((set) => !present.includes(set));

/** True where the Deployment's size changed since a replica set with Pods was last sized. */
function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  const replicas = deployment.spec.replicas ?? 1;
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[desiredAnnotation];
    return sizeOf(set) > 0 && desired !== undefined && Number(desired) !== replicas;
  });
}

/** A change of size in the middle of a rollout is shared out among the replica sets; else it goes to the one there is. */
function planScaling(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ReplicaSetPlan {
  const replicas = deployment.spec.replicas ?? 1;
  const all = current === undefined ? old : [...old, current];
  const active = all.filter((set) => sizeOf(set) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? [...old].sort(oldestFirst).at(-1);
    return { update: only === undefined ? [] : changedOnly([resized(deployment, only, replicas)], all), remove: [] };
  }
  const isSaturated = current !== undefined && sizeOf(current) === replicas && availableOf(current) === replicas;
  if (isSaturated) {
    return { update: old.filter((set) => sizeOf(set) > 0).map((set) => resized(deployment, set, 0)), remove: [] };
  }
  return { update: changedOnly(shareOut(deployment, active), all), remove: [] };
}

/** Each set grows or shrinks in proportion; the rounding goes to the biggest. */
function shareOut(deployment: Deployment, active: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const replicas = deployment.spec.replicas ?? 1;
  const target = replicas === 0 ? 0 : replicas + surgeOf(deployment).surge;
  const total = totalSize(active);
  const bySize = [...active].sort((left, right) => sizeOf(right) - sizeOf(left));
  const shares = bySize.map((set) => Math.floor((sizeOf(set) * target) / total));
  const rest = target - shares.reduce((sum, share) => sum + share, 0);
  return bySize.map((set, index) => resized(deployment, set, (shares[index] ?? 0) + (index === 0 ? rest : 0)));
}

function planSizes(
  deployment: Deployment,
  current: ReplicaSet,
  { old, podsOf }: { readonly old: readonly ReplicaSet[]; readonly podsOf: (set: ReplicaSet) => number },
): ReplicaSetPlan {
  const replicas = deployment.spec.replicas ?? 1;
  const shrunk = shrinkOld(deployment, current, old);
  const growsNow = deployment.spec.strategy?.type !== "Recreate" || old.every((set) => podsOf(set) === 0);
  const room = replicas + surgeOf(deployment).surge - totalSize(old) - sizeOf(current);
  const grown = growsNow ? Math.min(replicas, sizeOf(current) + Math.max(0, room)) : sizeOf(current);
  return { update: [resized(deployment, current, grown), ...shrunk], remove: [] };
}

/** Old sets give up first what does not run, then what the minimum of available Pods can spare. */
function shrinkOld(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const active = old.filter((set) => sizeOf(set) > 0).sort(oldestFirst);
  if (deployment.spec.strategy?.type === "Recreate") return active.map((set) => resized(deployment, set, 0));
  const minimum = (deployment.spec.replicas ?? 1) - surgeOf(deployment).unavailable;
  const notYetUp = sizeOf(current) - availableOf(current);
  let spare = totalSize([...active, current]) - minimum - notYetUp;
  if (spare <= 0) return [];
  const afterBroken = active.map((set) => {
    const drop = Math.min(Math.max(0, spare), Math.max(0, sizeOf(set) - availableOf(set)));
    spare -= drop;
    return sizeOf(set) - drop;
  });
  const available = [...active, current].reduce((sum, set) => sum + availableOf(set), 0);
  let surplus = available - minimum;
  return active.flatMap((set, index) => {
    const left = afterBroken[index] ?? 0;
    const drop = Math.min(Math.max(0, surplus), left);
    surplus -= drop;
    return left - drop === sizeOf(set) ? [] : [resized(deployment, set, left - drop)];
  });
}

/** Empty old sets beyond the history limit, the lowest revisions first; only once the rollout is over. */
function planHistory(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const replicas = deployment.spec.replicas ?? 1;
  if (availableOf(current) < replicas || (current.status?.replicas ?? 0) !== replicas) return [];
  const empty = old
    .filter((set) => sizeOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && !set.metadata.deletionTimestamp)
    .sort((left, right) => revisionOf(left) - revisionOf(right));
  return empty.slice(0, Math.max(0, empty.length - (deployment.spec.revisionHistoryLimit ?? 10)));
}
