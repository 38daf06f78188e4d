import { expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { pruneManifest } from "./prune.ts";
import { stampManagedKeys } from "./stamp.ts";

const meta = { name: "a", namespace: "shop" };
const object = (apiVersion: string, kind: string, fields: Record<string, unknown>): KubeObject => ({
  apiVersion,
  kind,
  metadata: meta,
  ...fields,
});

test("server metadata and status are dropped from every kind, labels and annotations stay", () => {
  const pruned = pruneManifest(
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        ...meta,
        uid: "1",
        resourceVersion: "2",
        generation: 3,
        creationTimestamp: "2026-01-01T00:00:00Z",
        finalizers: ["a/b"],
        ownerReferences: [],
        managedFields: [],
        labels: { a: "b" },
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
      data: { a: "b" },
      status: {},
    },
    { jobTtl: true },
  );
  expect(pruned).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      ...meta,
      labels: { a: "b" },
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    },
    data: { a: "b" },
  });
});

test("a Service loses its cluster IP unless it is headless, and a custom Service of another group keeps it", () => {
  const spec = { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], ports: [{ port: 80, nodePort: 30080 }] };
  const headless = { clusterIP: "None", clusterIPs: ["None"] };
  expect([
    pruneManifest(object("v1", "Service", { spec }), { jobTtl: true }).spec,
    pruneManifest(object("v1", "Service", { spec: headless }), { jobTtl: true }).spec,
    pruneManifest(object("serving.knative.dev/v1", "Service", { spec }), { jobTtl: true }).spec,
  ]).toEqual([{ ports: [{ port: 80, nodePort: 30080 }] }, headless, spec]);
});

test("a Job loses its generated selector and labels, and its TTL only on request", () => {
  const spec = {
    ttlSecondsAfterFinished: 5,
    selector: { matchLabels: { "controller-uid": "1", "batch.kubernetes.io/controller-uid": "1", keep: "x" } },
    template: { metadata: { labels: { "job-name": "a", "batch.kubernetes.io/job-name": "a", app: "x" } } },
  };
  const pruned = { selector: { matchLabels: { keep: "x" } }, template: { metadata: { labels: { app: "x" } } } };
  expect([
    pruneManifest(object("batch/v1", "Job", { spec }), { jobTtl: true }).spec,
    pruneManifest(object("batch/v1", "Job", { spec }), { jobTtl: false }).spec,
    pruneManifest(object("batch/v1", "Job", { spec: { ...spec, manualSelector: true } }), { jobTtl: false }).spec,
  ]).toEqual([pruned, { ...pruned, ttlSecondsAfterFinished: 5 }, { ...spec, manualSelector: true }]);
});

test("all token Secrets of a ServiceAccount go, also two in a row", () => {
  const secrets = [{ name: "a-token-1" }, { name: "a-token-2" }, { name: "pull" }];
  expect(pruneManifest(object("v1", "ServiceAccount", { secrets }), { jobTtl: true }).secrets).toEqual([
    { name: "pull" },
  ]);
});

test("a token Secret loses its data, any other keeps it", () => {
  const token = { type: "kubernetes.io/service-account-token", data: { token: "eA==" } };
  expect([
    pruneManifest(object("v1", "Secret", token), { jobTtl: true }).data,
    pruneManifest(object("v1", "Secret", { ...token, type: "Opaque" }), { jobTtl: true }).data,
  ]).toEqual([null, { token: "eA==" }]);
});

test("pruning changes no input, and pruning twice changes nothing more", () => {
  const service = object("v1", "Service", { spec: { clusterIP: "10.0.0.1" } });
  const once = pruneManifest(service, { jobTtl: true });
  expect([service.spec, pruneManifest(once, { jobTtl: true })]).toEqual([{ clusterIP: "10.0.0.1" }, once]);
});

test("the managed lists name every key, themselves included, and stamping again changes nothing", () => {
  const stamped = stampManagedKeys({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { ...meta, labels: { b: "1", a: "2" }, annotations: { z: "1" } },
  });
  expect(stamped.metadata.annotations).toEqual({
    z: "1",
    "resourcetemplate.karmada.io/managed-annotations":
      "resourcetemplate.karmada.io/managed-annotations,resourcetemplate.karmada.io/managed-labels,z",
    "resourcetemplate.karmada.io/managed-labels": "a,b",
  });
  expect(stampManagedKeys(stamped)).toEqual(stamped);
});
