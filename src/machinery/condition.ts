/** A standard condition (metav1.Condition). */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * The conditions with one set. `lastTransitionTime` moves only when the status changes; where nothing changes the same
 * list comes back, so that callers can compare by identity before they write.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  wanted: Omit<Condition, "lastTransitionTime">,
  nowIso: string,
): readonly Condition[] {
  const present = conditions ?? [];
  const old = findCondition(present, wanted.type);
  const lastTransitionTime = old?.status === wanted.status ? old.lastTransitionTime : nowIso;
  const next: Condition = { ...wanted, lastTransitionTime };
  if (old === undefined) return [...present, next];
  const same =
    old.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message &&
    old.observedGeneration === next.observedGeneration;
  return same ? present : present.map((condition) => (condition === old ? next : condition));
}
