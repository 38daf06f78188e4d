import { expect, test } from "vitest";
import { bindingNameFor, dependedBySuffixFor, policyNameFor, workNameFor } from "./names.ts";

test("generated names equal Karmada's", () => {
  expect([
    workNameFor({ kind: "Deployment", namespace: "default", name: "nginx" }),
    workNameFor({ kind: "ClusterRole", name: "system:demo-role" }),
    workNameFor({ kind: "Pod", namespace: "default", name: "pod" }),
    bindingNameFor({ kind: "ClusterRole", name: "system:demo" }),
    policyNameFor({ namespace: "default", name: "nginx" }, "apps/v1, Kind=Deployment"),
    policyNameFor({ namespace: "ns-foo", name: "foo" }, "rand"),
    dependedBySuffixFor("default/nginx-deployment"),
  ]).toEqual([
    "nginx-687f7fb96f",
    "system.demo-role-84657b44c",
    "pod-6f9995dd4b",
    "system.demo-clusterrole",
    "nginx-6d7f8d5f5b",
    "foo-b4978784",
    "5bdc5c4dcf",
  ]);
});
