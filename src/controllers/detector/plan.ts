import { label } from "#api";
import { bestPolicyFor, type Claim, claimOf, type PropagationPolicy, policyIdOf, policySelects } from "#api/policy";
import type { KubeObject } from "#machinery";

/** The policies that a decision looks at, by scope. */
export interface PolicyView {
  namespaced(namespace: string): readonly PropagationPolicy[];
  clusterScoped(): readonly PropagationPolicy[];
  /** Whether every override policy of these names is there for objects of the namespace. */
  hasOverrides(names: readonly string[], namespace: string | undefined): boolean;
}

export interface TemplateFacts {
  readonly template: KubeObject;
  /** A person changed it since it was last looked at: that activates a Lazy policy. */
  readonly touched: boolean;
  readonly bound: boolean;
}

/** The printable decision about one template. */
export type TemplatePlan =
  | { readonly kind: "ignore"; readonly why: string }
  | { readonly kind: "wait"; readonly why: string }
  /** Its policy is gone: the claim goes too, from the binding first. */
  | { readonly kind: "unclaim" }
  /** Only claimed: a Lazy policy waits for the next change by a person. */
  | { readonly kind: "claim"; readonly policy: PropagationPolicy }
  | { readonly kind: "apply"; readonly policy: PropagationPolicy };

/** Matching, sticky claims and Lazy activation: `migration.md` 6. */
export function planTemplate(facts: TemplateFacts, policies: PolicyView): TemplatePlan {
  const { template } = facts;
  if (template.metadata.labels?.[label.claimedBy] !== undefined) {
    return { kind: "ignore", why: "claimed by another controller" };
  }
  const claim = claimOf(template);
  if (claim !== undefined) return planClaimed(facts, policies, claim);
  const policy = bestPolicy(template, policies);
  if (policy === undefined) return { kind: "wait", why: "no policy selects it" };
  return planApply(facts, policies, policy);
}

function planClaimed(facts: TemplateFacts, policies: PolicyView, claim: Claim): TemplatePlan {
  const policy = claimant(claim, policies);
  if (policy === undefined) return { kind: "unclaim" };
  if (policy.metadata.deletionTimestamp !== undefined) return { kind: "wait", why: "its policy is being deleted" };
  if (!policySelects(policy, facts.template)) return { kind: "ignore", why: "its policy no longer selects it" };
  return planApply(facts, policies, policy);
}

function planApply(facts: TemplateFacts, policies: PolicyView, policy: PropagationPolicy): TemplatePlan {
  const { template } = facts;
  if (!policies.hasOverrides(policy.spec.dependentOverrides ?? [], template.metadata.namespace)) {
    return { kind: "wait", why: "waiting for dependent overrides" };
  }
  const lazy = policy.spec.activationPreference === "Lazy";
  const active = !lazy || facts.touched || (!facts.bound && isYounger(template, policy));
  return active ? { kind: "apply", policy } : { kind: "claim", policy };
}

const isYounger = (template: KubeObject, policy: KubeObject): boolean =>
  (template.metadata.creationTimestamp ?? "") > (policy.metadata.creationTimestamp ?? "");

/** The policy that a claim names, by its permanent id: another one of that name is not meant. */
export function claimant(claim: Claim, policies: PolicyView): PropagationPolicy | undefined {
  const candidates = claim.namespace === undefined ? policies.clusterScoped() : policies.namespaced(claim.namespace);
  return candidates.find((policy) => policyIdOf(policy) === claim.id);
}

/** A PropagationPolicy always comes before a ClusterPropagationPolicy, whatever their priorities. */
function bestPolicy(template: KubeObject, policies: PolicyView): PropagationPolicy | undefined {
  const usable = (all: readonly PropagationPolicy[]): readonly PropagationPolicy[] =>
    all.filter((policy) => policy.metadata.deletionTimestamp === undefined && policyIdOf(policy) !== undefined);
  const { namespace } = template.metadata;
  const local = namespace === undefined ? undefined : bestPolicyFor(template, usable(policies.namespaced(namespace)));
  return local ?? bestPolicyFor(template, usable(policies.clusterScoped()));
}
