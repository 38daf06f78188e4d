import equal from "fast-deep-equal";
import type { ManifestStatus, Work } from "#api/work";
import { type Condition, setCondition } from "#machinery";

type Wanted = Omit<Condition, "lastTransitionTime">;

export const dispatching = (suspended: boolean): Wanted =>
  suspended
    ? {
        type: "Dispatching",
        status: "False",
        reason: "SuspendDispatching",
        message: "Work dispatching is in a suspended state.",
      }
    : {
        type: "Dispatching",
        status: "True",
        reason: "Dispatching",
        message: "Work is being dispatched to member clusters.",
      };

/** @param errors one text per manifest that was not applied. */
export function applied(errors: readonly string[], total: number): Wanted {
  if (errors.length === 0) {
    return {
      type: "Applied",
      status: "True",
      reason: "AppliedSuccessful",
      message: "Manifest has been successfully applied",
    };
  }
  const text = errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`;
  const message = `Failed to apply all manifests (${total - errors.length}/${total}): ${text}`;
  return { type: "Applied", status: "False", reason: "AppliedFailed", message };
}

/** The part of a Work's status that changes, as a merge patch; undefined where nothing does. */
export function statusPatch(
  work: Work,
  wanted: { readonly conditions: readonly Wanted[]; readonly manifestStatuses?: readonly ManifestStatus[] },
  nowIso: string,
): { readonly status: object } | undefined {
  const before = work.status?.conditions;
  const conditions = wanted.conditions.reduce<readonly Condition[] | undefined>(
    (list, condition) => setCondition(list, condition, nowIso),
    before,
  );
  const { manifestStatuses } = wanted;
  const status = {
    ...(conditions === before ? {} : { conditions }),
    ...(manifestStatuses === undefined || equal(manifestStatuses, work.status?.manifestStatuses)
      ? {}
      : { manifestStatuses }),
  };
  return Object.keys(status).length === 0 ? undefined : { status };
}
