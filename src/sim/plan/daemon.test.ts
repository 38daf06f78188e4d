import { expect, test } from "vitest";
import type { DaemonSet, Node, Pod } from "../kinds.ts";
import { planDaemons, targetNode } from "./daemon.ts";
import { revisionFor } from "./stateful.ts";

const set = (image: string): DaemonSet => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace: "shop", uid: "d" },
  spec: {
    selector: { matchLabels: { app: "agent" } },
    template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "agent", image }] } },
  },
});
const node = (name: string, labels: Record<string, string> = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels },
});
const nodes = [node("a"), node("b", { disk: "ssd" })];
const ready = (pod: Pod): Pod => ({
  ...pod,
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
});
const update = (of: DaemonSet) => revisionFor(of, []).revision;

test("every node that fits gets one Pod", () => {
  const first = set("agent:1");
  const plan = planDaemons(first, [], { nodes, update: update(first) });
  expect(plan.create.map(targetNode)).toEqual(["a", "b"]);
  const picky = {
    ...first,
    spec: {
      ...first.spec,
      template: { ...first.spec.template, spec: { ...first.spec.template.spec, nodeSelector: { disk: "ssd" } } },
    },
  };
  expect(planDaemons(picky, [], { nodes, update: update(picky) }).create.map(targetNode)).toEqual(["b"]);
});

test("a new template replaces as many Pods at a time as may be unavailable", () => {
  const first = set("agent:1");
  const pods = planDaemons(first, [], { nodes, update: update(first) }).create.map(ready);
  expect(planDaemons(first, pods, { nodes, update: update(first) })).toEqual({ create: [], remove: [] });
  const next = set("agent:2");
  expect(planDaemons(next, pods, { nodes, update: update(next) }).remove).toHaveLength(1);
  const [, other] = pods;
  expect(planDaemons(next, other === undefined ? [] : [other], { nodes, update: update(next) }).remove).toEqual([]);
});
