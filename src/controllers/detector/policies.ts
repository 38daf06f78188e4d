import { finalizer, label } from "#api";
import { claimOf, mayPreempt, type PropagationPolicy, policyIdOf, policySelects } from "#api/policy";
import { errorText } from "#base";
import { type Key, type KubeObject, keyOf, objectKeyOf } from "#machinery";
import type { Outcome } from "#reconcile";
import { claimIndex, type DetectorDeps } from "./deps.ts";
import { claimTemplate, policyView, unclaim, unclaimBinding } from "./detector.ts";
import { claimant } from "./plan.ts";
import { templateKey } from "./templates.ts";

/** Which templates a policy's change concerns, as a value that can be printed. */
interface PolicyPlan {
  /** Carry its claim but are no longer selected. */
  readonly unclaim: readonly KubeObject[];
  /** To be looked at: claimed by it, or selected and free. */
  readonly look: readonly KubeObject[];
}

function planPolicy(
  policy: PropagationPolicy,
  claimed: readonly KubeObject[],
  candidates: readonly KubeObject[],
): PolicyPlan {
  const selected = candidates.filter((template) => policySelects(policy, template));
  const kept = claimed.filter((template) => policySelects(policy, template));
  return {
    unclaim: claimed.filter((template) => !kept.includes(template)),
    look: [...new Set([...kept, ...selected])],
  };
}

/** Follows a policy: its claims, its templates, and, when it is deleted, the end of its claims. */
export async function reconcilePolicy(key: Key, deps: DetectorDeps, look: (template: Key) => void): Promise<Outcome> {
  const policy = deps.policies.get(key);
  if (policy === undefined) return { kind: "done" };
  if (policy.metadata.deletionTimestamp !== undefined) return finish(policy, deps, look);
  if (lacksIdentity(policy)) return identify(policy, deps);
  const candidates = candidatesFor(policy, deps);
  if (deps.preemption) await preempt(policy, candidates, deps);
  const plan = planPolicy(policy, claimedBy(policy, deps), candidates);
  for (const template of plan.unclaim) await unclaim(template, deps);
  for (const template of [...plan.unclaim, ...plan.look]) look(templateKey(template));
  return { kind: "done" };
}

/** Takes over the claims of weaker policies; what the new policy says arrives with the template's next reconcile. */
async function preempt(
  policy: PropagationPolicy,
  candidates: readonly KubeObject[],
  deps: DetectorDeps,
): Promise<void> {
  for (const template of candidates) {
    const claim = claimOf(template);
    const holder = claim === undefined ? undefined : claimant(claim, policyView(deps));
    if (holder === undefined || !policySelects(policy, template) || !mayPreempt(policy, holder)) continue;
    const text = `Policy(${keyOf(policy)}) preempted ${holder.kind}(${keyOf(holder)})`;
    try {
      await claimTemplate(template, policy, deps);
      deps.events.normal(template, "PreemptPolicySucceed", `${text} successfully`);
    } catch (error) {
      deps.events.warning(template, "PreemptPolicyFailed", `${text} failed: ${errorText(error)}`);
      throw error;
    }
  }
}

/** Only claims end; bindings keep their spec, Works and members' objects their state (`migration.md` 6.4). */
async function finish(policy: PropagationPolicy, deps: DetectorDeps, look: (template: Key) => void): Promise<Outcome> {
  const own = finalizerOf(policy);
  if (policy.metadata.finalizers?.includes(own) !== true) return { kind: "done" };
  const id = policyIdOf(policy) ?? "";
  const templates = deps.templates.byIndex(claimIndex, id);
  for (const binding of deps.bindings.byIndex(claimIndex, id)) {
    await unclaimBinding(binding, policy.spec.preserveResourcesOnDeletion, deps);
  }
  for (const template of templates) await unclaim(template, deps);
  const finalizers = policy.metadata.finalizers.filter((name) => name !== own);
  const { resourceVersion } = policy.metadata;
  const target = { type: deps.policies.typeOf(policy.metadata.namespace), key: objectKeyOf(policy) };
  await deps.hub.patch(target, { type: "merge", body: { metadata: { finalizers, resourceVersion } } });
  for (const template of templates) look(templateKey(template));
  return { kind: "done" };
}

const finalizerOf = (policy: PropagationPolicy): string =>
  policy.metadata.namespace === undefined ? finalizer.clusterPolicy : finalizer.policy;

const lacksIdentity = (policy: PropagationPolicy): boolean =>
  policyIdOf(policy) === undefined || policy.metadata.finalizers?.includes(finalizerOf(policy)) !== true;

/** What admission does on the embedded hub; a hosted hub may have no admission of ours. */
async function identify(policy: PropagationPolicy, deps: DetectorDeps): Promise<Outcome> {
  const key = policy.metadata.namespace === undefined ? label.clusterPolicyId : label.policyId;
  const { resourceVersion, finalizers = [] } = policy.metadata;
  const body = {
    metadata: {
      resourceVersion,
      labels: { [key]: policyIdOf(policy) ?? deps.newId() },
      finalizers: [...finalizers.filter((name) => name !== finalizerOf(policy)), finalizerOf(policy)],
    },
  };
  const target = { type: deps.policies.typeOf(policy.metadata.namespace), key: objectKeyOf(policy) };
  deps.policies.wrote(await deps.hub.patch(target, { type: "merge", body }));
  return { kind: "done" };
}

const claimedBy = (policy: PropagationPolicy, deps: DetectorDeps): readonly KubeObject[] =>
  deps.templates.byIndex(claimIndex, policyIdOf(policy) ?? "");

/** Objects of the selectors' kinds, in the policy's namespace where it has one. */
function candidatesFor(policy: PropagationPolicy, deps: DetectorDeps): readonly KubeObject[] {
  return policy.spec.resourceSelectors.flatMap((selector) => {
    const namespace = policy.metadata.namespace ?? selector.namespace;
    return deps.templates.informerOf(selector)?.list(namespace === "" ? undefined : namespace) ?? [];
  });
}
