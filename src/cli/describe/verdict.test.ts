import { expect, test } from "vitest";
import type { Condition, KubeObject } from "#machinery";
import type { Chain, MemberLink } from "./chain.ts";
import { renderChain } from "./render.ts";
import { verdictOn } from "./verdict.ts";

const template: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "nginx", namespace: "default" },
};
const condition = (type: string, status: "True" | "False", reason: string, message: string): Condition => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: "2026-01-01T00:00:00Z",
});
const policy: NonNullable<Chain["policy"]> = {
  apiVersion: "policy.karmada.io/v1alpha1",
  kind: "PropagationPolicy",
  metadata: { name: "nginx-pp", namespace: "default" },
  spec: { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", name: "nginx" }], priority: 5 },
};
const claim = { kind: "PropagationPolicy", namespace: "default", name: "nginx-pp" };
const scheduled = condition("Scheduled", "True", "Success", "Binding has been scheduled successfully.");

const bindingWith = (conditions: readonly Condition[]): NonNullable<Chain["binding"]> => ({
  apiVersion: "work.karmada.io/v1alpha2",
  kind: "ResourceBinding",
  metadata: { name: "nginx-deployment", namespace: "default" },
  spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", name: "nginx" }, clusters: [{ name: "member1" }] },
  status: { conditions },
});

function memberWith(applied: Condition | undefined, more: Partial<MemberLink> = {}): MemberLink {
  return {
    cluster: "member1",
    clusterObject: {
      apiVersion: "cluster.karmada.io/v1alpha1",
      kind: "Cluster",
      metadata: { name: "member1" },
      spec: { syncMode: "Push" },
      status: { conditions: [condition("Ready", "True", "ClusterReady", "cluster is healthy")] },
    },
    work: {
      apiVersion: "work.karmada.io/v1alpha1",
      kind: "Work",
      metadata: { name: "nginx-687f7fb96f", namespace: "karmada-es-member1" },
      spec: { workload: { manifests: [template] } },
      status: { conditions: applied === undefined ? [] : [applied] },
    },
    adoption: undefined,
    aggregated: undefined,
    live: {
      kind: "present",
      object: { ...template, metadata: { ...template.metadata, labels: { "karmada.io/managed": "true" } } },
    },
    ...more,
  };
}

const appliedTrue = condition("Applied", "True", "AppliedSuccessful", "Manifest has been successfully applied");
const refused = condition(
  "Applied",
  "False",
  "AppliedFailed",
  "Failed to apply all manifests (0/1): resource(kind=Deployment, default/nginx) already exists in the cluster member1 and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource",
);
const base: Chain = { template, claim: undefined, policy: undefined, binding: undefined, members: [], events: [] };
const bound: Chain = { ...base, claim, policy, binding: bindingWith([scheduled]) };

test("the first broken link decides", () => {
  const texts = [
    base,
    { ...base, claim },
    { ...base, claim, policy },
    { ...bound, binding: bindingWith([condition("Scheduled", "False", "NoClusterFit", "0/1 clusters are available")]) },
    bound,
    { ...bound, members: [memberWith(undefined)] },
    { ...bound, members: [memberWith(appliedTrue, { clusterObject: undefined })] },
    { ...bound, members: [memberWith(appliedTrue, { work: undefined })] },
    { ...bound, members: [memberWith(appliedTrue, { live: { kind: "absent" } })] },
    { ...bound, members: [memberWith(appliedTrue)] },
    { ...bound, policy: undefined, members: [memberWith(appliedTrue)] },
  ].map((chain) => verdictOn(chain).text);
  expect(texts).toEqual([
    "Not propagated: no policy selects it.",
    "Not propagated: its PropagationPolicy default/nginx-pp does not exist.",
    "Not propagated yet: PropagationPolicy default/nginx-pp selects it, but no binding has been made.",
    "Not scheduled (NoClusterFit): 0/1 clusters are available",
    "Scheduled to no cluster.",
    "Not applied in member1 yet.",
    "Cluster member1 is not registered.",
    "No Work has been written for member1 yet.",
    "Deployment default/nginx is not in member1 although it was applied.",
    "Applied in member1.",
    "Applied in member1; its policy is gone, so it stays as it is.",
  ]);
});

test("a refusal names both ways to take the object over", () => {
  const verdict = verdictOn({ ...bound, members: [memberWith(refused)] });
  expect(verdict.ok).toBe(false);
  expect(verdict.text).toMatch(/^Not applied in member1: Failed to apply .* already exists in the cluster member1/);
  expect(verdict.next).toBe(
    "to take the running object over: kubectl annotate deployment nginx -n default work.karmada.io/conflict-resolution=overwrite or set spec.conflictResolution: Overwrite in PropagationPolicy default/nginx-pp",
  );
});

test("a suspended work is told apart from one that failed", () => {
  const member = memberWith(refused);
  const work = member.work === undefined ? undefined : { ...member.work, spec: { suspendDispatching: true } };
  expect(verdictOn({ ...bound, members: [{ ...member, work }] }).text).toBe(
    "Suspended for member1: nothing is sent there.",
  );
});

test("the whole chain is shown", () => {
  expect(renderChain({ ...bound, members: [memberWith(appliedTrue)] })).toBe(`Name:       nginx
Namespace:  default
Kind:       apps/v1 Deployment
Verdict:    Applied in member1.
Policy:     PropagationPolicy default/nginx-pp (matched by name, priority 5)
Binding:    ResourceBinding default/nginx-deployment (deleted from members on deletion)
Conditions:
  TYPE           STATUS   REASON    MESSAGE
  Scheduled      True     Success   Binding has been scheduled successfully.
  FullyApplied   -
Clusters:
  CLUSTER   READY   APPLIED   DISPATCH   HEALTH   ADOPTION   MEMBER OBJECT
  member1   True    True      on         -        -          present, managed
Events:     none
`);
});
