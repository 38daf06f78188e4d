import { expect, test } from "vitest";
import { label } from "#api";
import type { Binding, BindingSpec } from "#api/work";
import type { KubeObject } from "#machinery";
import { attachedBindingFor, planAttached, resolve } from "./plan.ts";

const referrer = (name: string, spec: Partial<BindingSpec> = {}): Binding => ({
  apiVersion: "work.karmada.io/v1alpha2",
  kind: "ResourceBinding",
  metadata: { name, namespace: "shop", labels: { [label.bindingId]: `id-${name}` } },
  spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", name }, clusters: [{ name: "m1" }], ...spec },
});

const secret: KubeObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "key", namespace: "shop", uid: "s", resourceVersion: "3" },
};

test("the safer word of each wins, and disagreement is named", () => {
  const bold = referrer("a", { conflictResolution: "Overwrite", preserveResourcesOnDeletion: true });
  const careful = referrer("b", { conflictResolution: "Abort", preserveResourcesOnDeletion: false });
  expect(resolve([bold, careful])).toEqual({
    conflictResolution: "Overwrite",
    preserveResourcesOnDeletion: true,
    conflicts: [
      "ConflictResolution conflicted (Overwrite vs Abort)",
      "PreserveResourcesOnDeletion conflicted (true vs false)",
    ],
  });
  expect(resolve([bold]).conflicts).toEqual([]);
});

test("an attached binding that fits its referrers is not written", () => {
  const attached = attachedBindingFor(secret, [referrer("a")]);
  expect(planAttached(attached, { dependency: secret, referrers: [referrer("a")], keep: false })).toBeUndefined();
});

test("the last referrer's leave empties the binding, and leaves the flag behind where its objects are kept", () => {
  const attached = attachedBindingFor(secret, [referrer("a", { preserveResourcesOnDeletion: true })]);
  const left = planAttached(attached, { dependency: undefined, referrers: [], keep: false });
  expect(left?.spec).toEqual({ requiredBy: [], preserveResourcesOnDeletion: null });
  const kept = planAttached(attached, { dependency: undefined, referrers: [], keep: true });
  expect(kept?.spec).toEqual({ requiredBy: [] });
});

test("a dependency with a policy of its own keeps that policy's words", () => {
  const own = attachedBindingFor(secret, [referrer("a")]);
  const claimed = { ...own, spec: { ...own.spec, placement: {}, requiredBy: [] } };
  const plan = planAttached(claimed, {
    dependency: secret,
    referrers: [referrer("a", { conflictResolution: "Overwrite" })],
    keep: false,
  });
  expect(Object.keys(plan?.spec ?? {})).toEqual(["requiredBy"]);
});
