import { describe, expect, test } from "vitest";
import type { Condition } from "#machinery";
import { defaultThresholds, type Observation, type Probe, readyConditionFor, settleReady } from "#member";

const healthy: Probe = { online: true, healthy: true, message: "" };
const sick: Probe = { online: true, healthy: false, message: "the health endpoint answered 500" };
const away: Probe = { online: false, healthy: false, message: "connection refused" };

const conditionOf = (status: Condition["status"]): readonly Condition[] => [
  { type: "Ready", status, reason: "", message: "", lastTransitionTime: "" },
];

function settle(
  probe: Probe,
  current: readonly Condition[] | undefined,
  earlier: Observation | undefined,
  nowMs: number,
) {
  const observed = readyConditionFor(probe);
  const { condition, observation } = settleReady({ current, observed, earlier, nowMs, thresholds: defaultThresholds });
  return { becomes: condition?.status, observation };
}

test("each probe has its reason and says in words what is wrong", () => {
  const shown = [healthy, sick, away]
    .map(readyConditionFor)
    .map(({ status, reason, message }) => [status, reason, message]);
  expect(shown).toEqual([
    ["True", "ClusterReady", "cluster is healthy and ready to accept workloads"],
    [
      "False",
      "ClusterNotReady",
      "cluster is reachable but health endpoint responded without ok: the health endpoint answered 500",
    ],
    ["False", "ClusterNotReachable", "cluster is not reachable: connection refused"],
  ]);
});

describe("the Ready condition", () => {
  test("follows the first observation at once, also after a restart", () => {
    expect([
      settle(away, undefined, undefined, 0).becomes,
      settle(away, conditionOf("True"), undefined, 0).becomes,
    ]).toEqual(["False", "False"]);
  });

  test("turns only after half a minute without a break", () => {
    const first = settle(away, conditionOf("True"), { status: "True", sinceMs: 0 }, 100_000);
    const before = settle(away, conditionOf("True"), first.observation, 129_999);
    const after = settle(away, conditionOf("True"), before.observation, 130_000);
    expect([first.becomes, before.becomes, after.becomes]).toEqual([undefined, undefined, "False"]);
  });

  test("starts counting again when the member answers in between", () => {
    const lost = settle(away, conditionOf("True"), { status: "True", sinceMs: 0 }, 100_000);
    const back = settle(healthy, conditionOf("True"), lost.observation, 110_000);
    const lostAgain = settle(away, conditionOf("True"), back.observation, 135_000);
    expect([lostAgain.becomes, lostAgain.observation.sinceMs]).toEqual([undefined, 135_000]);
  });
});
