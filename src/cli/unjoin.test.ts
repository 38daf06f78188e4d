import { expect, test } from "vitest";
import { parseWait, planText } from "./unjoin.ts";

test("the plan counts first and names every object that would go", () => {
  const text = planText(
    "member1",
    {
      cluster: { apiVersion: "", kind: "Cluster", metadata: {}, spec: { syncMode: "Push" } },
      namespace: "karmada-cluster",
      objects: [
        { object: "Deployment shop/cart", fate: "deleted" },
        { object: "Service shop/cart", fate: "kept" },
      ],
      cleanup: [],
    },
    false,
  );
  expect(text).toBe(`cluster member1: 1 objects deleted from it, 1 kept there and given back
  delete Deployment shop/cart
  the hub's own account stays in the member: give --cluster-kubeconfig to have it removed
`);
});

test("a wait is a duration greater than zero", () => {
  expect(["60s", "2m", "1m30s", "45", undefined].map(parseWait)).toEqual([60_000, 120_000, 90_000, 45_000, 60_000]);
  for (const bad of ["0s", "", "soon", "-1s"]) expect(() => parseWait(bad)).toThrow(/must be a duration/);
});
