import { expect, test } from "vitest";
import { policyFor, templateFor } from "./plan.ts";

const live = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "nginx",
    namespace: "default",
    uid: "u",
    resourceVersion: "7",
    generation: 3,
    labels: { app: "nginx", "karmada.io/managed": "true", "work.karmada.io/permanent-id": "x" },
    annotations: { note: "kept", "deployment.kubernetes.io/revision": "1", "migration.drover.io/hub": "other" },
  },
  spec: { replicas: 2 },
  status: { readyReplicas: 2 },
};

test("a template keeps what the user wrote and asks to overwrite", () => {
  expect(templateFor(live)).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "nginx",
      namespace: "default",
      labels: { app: "nginx" },
      annotations: { note: "kept", "work.karmada.io/conflict-resolution": "overwrite" },
    },
    spec: { replicas: 2 },
  });
});

test("an object that says how conflicts end keeps its word", () => {
  const annotations = { "work.karmada.io/conflict-resolution": "abort" };
  const template = templateFor({ ...live, metadata: { ...live.metadata, annotations } });
  expect(template.metadata.annotations).toEqual(annotations);
});

test("the policy selects the one object and preserves it", () => {
  expect(policyFor(templateFor(live), { cluster: "member1", propagateDeps: true })).toEqual({
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "PropagationPolicy",
    metadata: { name: "nginx-6d7f8d5f5b", namespace: "default" },
    spec: {
      resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "nginx" }],
      placement: { clusterAffinity: { clusterNames: ["member1"] } },
      conflictResolution: "Overwrite",
      preserveResourcesOnDeletion: true,
      propagateDeps: true,
    },
  });
});

test("a cluster-scoped object gets a cluster policy", () => {
  const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "system:demo" } };
  const policy = policyFor(templateFor(role), { cluster: "m", name: "mine", propagateDeps: false });
  expect([policy.kind, policy.metadata]).toEqual(["ClusterPropagationPolicy", { name: "mine" }]);
});
