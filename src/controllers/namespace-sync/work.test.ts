import { expect, test } from "vitest";
import type { Cluster } from "#api/cluster";
import type { KubeObject } from "#machinery";
import { isSynced, namespaceWorkFor } from "./work.ts";

const namespace = (name: string, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, uid: "u1", resourceVersion: "7", ...more },
  spec: { finalizers: ["kubernetes"] },
  status: { phase: "Active" },
});
const cluster: Cluster = {
  apiVersion: "cluster.karmada.io/v1alpha1",
  kind: "Cluster",
  metadata: { name: "east" },
  spec: { syncMode: "Push" },
};

test("reserved, terminating and excluded namespaces stay where they are", () => {
  const names = [
    "shop",
    "default",
    "kube-system",
    "kubernetes",
    "karmada-system",
    "karmada-cluster",
    "karmada-es-east",
  ];
  const excluded = namespace("a", { labels: { "namespace.karmada.io/skip-auto-propagation": "true" } });
  const terminating = namespace("a", { deletionTimestamp: "2026-01-01T00:00:00Z" });
  expect([names.filter((name) => isSynced(namespace(name))), isSynced(excluded), isSynced(terminating)]).toEqual([
    ["shop", "kubernetes"],
    false,
    false,
  ]);
});

test("a member receives a namespace's metadata with our marks, and nothing of its spec", () => {
  const template = namespace("shop", { labels: { team: "a" }, annotations: { note: "x" } });
  const work = namespaceWorkFor({ template, cluster, clusterPolicies: [], hub: "h", workId: "w", preserve: true });
  const [manifest] = work.spec.workload?.manifests ?? [];
  const { annotations, ...metadata } = manifest?.metadata ?? {};
  expect([
    Object.keys(manifest ?? {}).sort(),
    metadata,
    annotations?.note,
    work.spec.preserveResourcesOnDeletion,
  ]).toEqual([
    ["apiVersion", "kind", "metadata"],
    {
      name: "shop",
      labels: { team: "a", "karmada.io/managed": "true", "work.karmada.io/permanent-id": "w" },
    },
    "x",
    true,
  ]);
  expect([work.metadata.name, work.metadata.namespace, work.metadata.ownerReferences?.[0]?.uid]).toEqual([
    annotations?.["work.karmada.io/name"],
    "karmada-es-east",
    "u1",
  ]);
});
