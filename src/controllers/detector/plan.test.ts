import { expect, test } from "vitest";
import { annotation, label } from "#api";
import type { PropagationPolicy, PropagationSpec } from "#api/policy";
import type { KubeObject } from "#machinery";
import { bindingFor, planBinding } from "./binding.ts";
import { changeOf } from "./change.ts";
import { type PolicyView, planTemplate } from "./plan.ts";

const template = (metadata: object = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "web",
    namespace: "shop",
    uid: "t1",
    resourceVersion: "5",
    creationTimestamp: "2026-01-01T00:00:02Z",
    ...metadata,
  },
});

const policy = (name: string, spec: Partial<PropagationSpec> = {}, metadata: object = {}): PropagationPolicy => ({
  apiVersion: "policy.karmada.io/v1alpha1",
  kind: "PropagationPolicy",
  metadata: {
    name,
    namespace: "shop",
    labels: { [label.policyId]: `id-${name}` },
    creationTimestamp: "2026-01-01T00:00:01Z",
    ...metadata,
  },
  spec: { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }], ...spec },
});

const view = (...policies: readonly PropagationPolicy[]): PolicyView => ({
  namespaced: (namespace) => policies.filter(({ metadata }) => metadata.namespace === namespace),
  clusterScoped: () => policies.filter(({ metadata }) => metadata.namespace === undefined),
  hasOverrides: (names) => names.length === 0,
});

const claimedBy = (name: string): object => ({
  labels: { [label.policyId]: `id-${name}` },
  annotations: { [annotation.policyNamespace]: "shop", [annotation.policyName]: name },
});

const fresh = { touched: false, bound: false };

test("a claim is sticky: a better policy that comes later changes nothing", () => {
  const mine = policy("mine");
  const better = policy("better", { priority: 9 });
  const plan = planTemplate({ template: template(claimedBy("mine")), ...fresh }, view(mine, better));
  expect(plan).toEqual({ kind: "apply", policy: mine });
});

test("a claim whose policy is gone ends, even where another of that name exists", () => {
  const recreated = policy("mine", {}, { labels: { [label.policyId]: "another" } });
  expect(planTemplate({ template: template(claimedBy("mine")), ...fresh }, view(recreated))).toEqual({
    kind: "unclaim",
  });
});

test("a claimed template that is no longer selected is left as it is", () => {
  const narrowed = policy("mine", {
    resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "other" }],
  });
  expect(planTemplate({ template: template(claimedBy("mine")), ...fresh }, view(narrowed))).toEqual({
    kind: "ignore",
    why: "its policy no longer selects it",
  });
});

test("nothing is propagated before the overrides that a policy depends on exist", () => {
  const dependent = policy("mine", { dependentOverrides: ["images"] });
  expect(planTemplate({ template: template(), ...fresh }, view(dependent))).toEqual({
    kind: "wait",
    why: "waiting for dependent overrides",
  });
});

test("a Lazy policy applies to younger and touched templates, and only claims the others", () => {
  const lazy = policy("lazy", { activationPreference: "Lazy" });
  const older = template({ creationTimestamp: "2026-01-01T00:00:00Z" });
  const kinds = [
    planTemplate({ template: template(), ...fresh }, view(lazy)).kind,
    planTemplate({ template: older, ...fresh }, view(lazy)).kind,
    planTemplate({ template: older, touched: true, bound: false }, view(lazy)).kind,
    planTemplate({ template: template(), touched: false, bound: true }, view(lazy)).kind,
  ];
  expect(kinds).toEqual(["apply", "claim", "apply", "claim"]);
});

test("a status write is no change, the control plane's keys are its own, the rest is a person's", () => {
  const before = template();
  expect([
    changeOf(before, { ...before, metadata: { ...before.metadata, resourceVersion: "6" }, status: { replicas: 1 } }),
    changeOf(before, template({ labels: { [label.policyId]: "x" } })),
    changeOf(before, template({ annotations: { [annotation.conflictResolution]: "abort" } })),
    changeOf(before, template({ labels: { team: "a" } })),
    changeOf(before, { ...before, spec: { replicas: 2 } }),
  ]).toEqual(["none", "bookkeeping", "bookkeeping", "user", "user"]);
});

test("a second look at an unchanged template writes nothing, nor does a restart after status writes", () => {
  const wanted = bindingFor(template(), policy("mine"), { replicas: 2 });
  const later = bindingFor(template({ resourceVersion: "9" }), policy("mine"), { replicas: 2 });
  expect(planBinding(wanted, wanted, true)).toEqual({ kind: "none" });
  expect(planBinding(later, wanted, false)).toEqual({ kind: "none" });
  expect(planBinding(later, wanted, true)).toEqual({
    kind: "patch",
    patch: { spec: { resource: later.spec.resource } },
  });
});

test("fields that a policy no longer states go, and what others wrote stays", () => {
  const before = bindingFor(template(), policy("mine", { suspension: { dispatching: true }, propagateDeps: true }), {});
  const existing = {
    ...before,
    spec: { ...before.spec, clusters: [{ name: "m1" }], suspension: { dispatching: true, scheduling: true } },
  };
  const plan = planBinding(bindingFor(template(), policy("mine"), {}), existing, false);
  expect(plan).toEqual({
    kind: "patch",
    patch: {
      spec: { propagateDeps: null, suspension: { dispatching: null }, resource: before.spec.resource },
    },
  });
});

test("the binding of an older template of that name is in the way until it is collected", () => {
  const old = bindingFor(template({ uid: "t0" }), policy("mine"), {});
  expect(planBinding(bindingFor(template(), policy("mine"), {}), old, true).kind).toBe("blocked");
});
