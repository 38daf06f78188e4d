import { expect, test } from "vitest";
import type { Adoption } from "#api/migration";
import type { Work } from "#api/work";
import type { KubeObject } from "#machinery";
import { applied, dispatching, statusPatch } from "./conditions.ts";
import { isCurrent, newRow, settledChange } from "./row.ts";

const now = "2026-01-01T00:00:00Z";

const work: Work = {
  apiVersion: "work.karmada.io/v1alpha1",
  kind: "Work",
  metadata: { name: "conf-1", namespace: "karmada-es-east" },
  spec: {},
};

const manifest: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "conf", namespace: "shop" },
  data: { a: "1" },
};
const live: KubeObject = {
  ...manifest,
  metadata: { ...manifest.metadata, uid: "u1", resourceVersion: "7", managedFields: [{ manager: "kubectl" }] },
};
const rowFor = (of: KubeObject | undefined): Adoption =>
  newRow({ work, ordinal: 0, cluster: "east", hub: "h", manifest, live: of, nowIso: now });

test("conditions say what Karmada says", () => {
  expect([
    dispatching(true).reason,
    applied([], 1).reason,
    applied(["no"], 1).message,
    applied(["a", "b"], 3).message,
  ]).toEqual([
    "SuspendDispatching",
    "AppliedSuccessful",
    "Failed to apply all manifests (0/1): no",
    "Failed to apply all manifests (1/3): [a, b]",
  ]);
});

test("a status that says so already is not written again", () => {
  const patch = statusPatch(work, { conditions: [dispatching(false), applied([], 1)], manifestStatuses: [] }, now);
  const written = { ...work, status: patch?.status } as Work;
  expect(written.status?.conditions).toHaveLength(2);
  const later = "2026-01-02T00:00:00Z";
  expect(
    statusPatch(written, { conditions: [dispatching(false), applied([], 1)], manifestStatuses: [] }, later),
  ).toBeUndefined();
});

test("a row holds the live object whole, without the record of its writers", () => {
  const row = rowFor(live);
  expect([row.spec.origin, row.spec.target.uid, row.spec.original]).toEqual([
    "Adopted",
    "u1",
    { ...manifest, metadata: { name: "conf", namespace: "shop", uid: "u1", resourceVersion: "7" } },
  ]);
  expect(rowFor(undefined).spec.origin).toBe("Created");
});

test("a row speaks only of the object it was written for, and only while that is managed", () => {
  const row = rowFor(live);
  const other = { ...live, metadata: { ...live.metadata, uid: "u2" } };
  expect([
    isCurrent(row, live),
    isCurrent(row, other),
    isCurrent({ ...row, status: { state: "Released" } }, live),
    isCurrent(row, undefined),
    isCurrent(undefined, live),
  ]).toEqual([true, false, false, true, false]);
});

test("a row opened to create an object does not speak of one that somebody else has made meanwhile", () => {
  const row = rowFor(undefined);
  const ours = { ...live, metadata: { ...live.metadata, annotations: { "migration.drover.io/hub": "h" } } };
  expect([isCurrent(row, live), isCurrent(row, ours)]).toEqual([false, true]);
});

test("a settled object changes its row once", () => {
  const row = rowFor(live);
  const settled = { desired: manifest, live, unmanaged: [], wrote: true, nowIso: now };
  const change = settledChange(row, settled);
  expect([change?.state, change?.writes, change?.after?.uid, change?.lastApplied]).toEqual([
    "Adopted",
    1,
    "u1",
    manifest,
  ]);
  const { reason: _reason, message: _message, ...status } = change ?? {};
  expect(settledChange({ ...row, status: status as Adoption["status"] }, { ...settled, wrote: false })).toBeUndefined();
});
