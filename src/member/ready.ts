import { type Condition, findCondition } from "#machinery";
import type { Probe } from "./probe.ts";

export interface ReadyThresholds {
  /** How long a member must answer well before it counts as ready again. Default 30 s. */
  readonly successMs: number;
  /** How long it must fail before it counts as not ready. Default 30 s. */
  readonly failureMs: number;
}

export const defaultThresholds: ReadyThresholds = { successMs: 30_000, failureMs: 30_000 };

/** What was observed last and since when it has been so without a break. */
export interface Observation {
  readonly status: Condition["status"];
  readonly sinceMs: number;
}

type WantedCondition = Omit<Condition, "lastTransitionTime">;

/** The Ready condition that one probe alone would give. */
export function readyConditionFor(probe: Probe): WantedCondition {
  if (probe.online && probe.healthy) {
    return ready("True", "ClusterReady", "cluster is healthy and ready to accept workloads");
  }
  const detail = probe.message === "" ? "" : `: ${probe.message}`;
  if (probe.online) {
    const text = "cluster is reachable but health endpoint responded without ok";
    return ready("False", "ClusterNotReady", `${text}${detail}`);
  }
  return ready("False", "ClusterNotReachable", `cluster is not reachable${detail}`);
}

/** No client could be made for the cluster: its Secret or endpoint is missing or unusable. */
export function collectionFailedCondition(error: Error): WantedCondition {
  return ready("False", "StatusCollectionFailed", `failed to create a ClusterClient: ${error.message}`);
}

const ready = (status: Condition["status"], reason: string, message: string): WantedCondition => ({
  type: "Ready",
  status,
  reason,
  message,
});

/**
 * What the Ready condition is to be after an observation. The first one counts at once; later a change of status counts
 * only when it has been observed without a break for its threshold. Undefined: leave the condition as it is.
 */
export function settleReady(input: {
  readonly current: readonly Condition[] | undefined;
  readonly observed: WantedCondition;
  readonly earlier: Observation | undefined;
  readonly nowMs: number;
  readonly thresholds: ReadyThresholds;
}): { readonly observation: Observation; readonly condition: WantedCondition | undefined } {
  const { current, observed, earlier, nowMs, thresholds } = input;
  const changed = earlier !== undefined && earlier.status !== observed.status;
  const observation: Observation =
    earlier === undefined || changed ? { status: observed.status, sinceMs: nowMs } : earlier;
  const present = findCondition(current, "Ready");
  if (earlier === undefined || present === undefined || present.status === observed.status) {
    return { observation, condition: observed };
  }
  const thresholdMs = observed.status === "True" ? thresholds.successMs : thresholds.failureMs;
  const steady = nowMs - observation.sinceMs >= thresholdMs;
  return { observation, condition: steady ? observed : undefined };
}
