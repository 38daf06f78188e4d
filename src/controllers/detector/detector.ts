import { bindingNameFor } from "#api";
import { claimKeysFor, claimPatch, type PropagationPolicy } from "#api/policy";
import type { Binding } from "#api/work";
import { errorText } from "#base";
import { isAlreadyExists, isNotFound, type Key, type KubeObject, keyFor, objectKeyOf } from "#machinery";
import type { Outcome } from "#reconcile";
import { type BindingPlan, bindingFor, bindingIdLabel, planBinding } from "./binding.ts";
import type { Change } from "./change.ts";
import type { DetectorDeps } from "./deps.ts";
import { isInSkippedNamespace } from "./kinds.ts";
import { type PolicyView, planTemplate, type TemplatePlan } from "./plan.ts";
import { templateRefOf } from "./templates.ts";

const done: Outcome = { kind: "done" };

/** Changes seen since a template was last worked through; forgotten only when the work succeeded. */
export type PendingChanges = Map<Key, Change>;

/** Brings one template under its policy: claim, then binding. */
export async function reconcileTemplate(key: Key, deps: DetectorDeps, pending: PendingChanges): Promise<Outcome> {
  const template = deps.templates.get(templateRefOf(key));
  const change = pending.get(key) ?? "none";
  pending.delete(key);
  if (template === undefined || isUntouchable(template, deps)) return done;
  const plan = planTemplate(
    { template, touched: change === "user", bound: bindingOf(template, deps) !== undefined },
    policyView(deps),
  );
  try {
    return await act(plan, template, { deps, change });
  } catch (error) {
    if (!pending.has(key)) pending.set(key, change);
    throw error;
  }
}

const isUntouchable = (template: KubeObject, deps: DetectorDeps): boolean =>
  template.metadata.deletionTimestamp !== undefined || isInSkippedNamespace(template) || deps.isServerOwned(template);

interface Acting {
  readonly deps: DetectorDeps;
  readonly change: Change;
}

async function act(plan: TemplatePlan, template: KubeObject, acting: Acting): Promise<Outcome> {
  if (plan.kind === "unclaim") await unclaim(template, acting.deps);
  if (plan.kind === "claim") await claimTemplate(template, plan.policy, acting.deps);
  if (plan.kind === "apply") return apply(template, plan.policy, acting);
  if (plan.kind === "wait" && plan.why === "waiting for dependent overrides") {
    return { kind: "again", afterMs: 30_000, why: plan.why };
  }
  return done;
}

async function apply(template: KubeObject, policy: PropagationPolicy, { deps, change }: Acting): Promise<Outcome> {
  const name = policy.metadata.name ?? "";
  const text =
    policy.metadata.namespace === undefined
      ? `Apply cluster policy(${name})`
      : `Apply policy(${policy.metadata.namespace}/${name})`;
  try {
    const claimed = await claimTemplate(template, policy, deps);
    const wanted = bindingFor(claimed, policy, deps.replicasOf(claimed));
    const plan = planBinding(wanted, bindingOf(claimed, deps), change !== "none" || claimed !== template);
    if (plan.kind === "blocked") return { kind: "again", afterMs: 200, why: plan.why };
    if (await writeBinding(plan, wanted, deps)) deps.events.normal(template, "ApplyPolicySucceed", `${text} succeed`);
    return done;
  } catch (error) {
    if (isNotFound(error)) return done;
    deps.events.warning(template, "ApplyPolicyFailed", `${text} failed: ${errorText(error)}`);
    throw error;
  }
}

export async function claimTemplate(
  template: KubeObject,
  policy: PropagationPolicy,
  deps: DetectorDeps,
): Promise<KubeObject> {
  const patch = claimPatch(template, claimKeysFor(policy));
  return patch === undefined ? template : patchTemplate(template, patch, deps);
}

/** The server judges by uid that the template is still the one that was decided on. */
async function patchTemplate(
  template: KubeObject,
  patch: { readonly metadata: object },
  deps: DetectorDeps,
): Promise<KubeObject> {
  const type = deps.templates.resourceOf(template);
  if (type === undefined) return template;
  const body = { metadata: { ...patch.metadata, uid: template.metadata.uid } };
  return deps.hub.patch({ type, key: objectKeyOf(template) }, { type: "merge", body });
}

async function writeBinding(plan: BindingPlan, wanted: Binding, deps: DetectorDeps): Promise<boolean> {
  if (plan.kind === "none" || plan.kind === "blocked") return false;
  const type = deps.bindings.typeOf(wanted.metadata.namespace);
  if (plan.kind === "create") {
    try {
      deps.bindings.wrote(await deps.hub.create(type, withId(plan.binding, deps)));
    } catch (error) {
      if (isAlreadyExists(error)) throw new Error("the binding has appeared meanwhile", { cause: error });
      throw error;
    }
    return true;
  }
  deps.bindings.wrote(await deps.hub.patch({ type, key: objectKeyOf(wanted) }, { type: "merge", body: plan.patch }));
  return true;
}

function withId(binding: Binding, deps: DetectorDeps): Binding {
  const id = { [bindingIdLabel(binding)]: deps.newId() };
  return { ...binding, metadata: { ...binding.metadata, labels: { ...binding.metadata.labels, ...id } } };
}

/** Takes the claim off the binding, then off the template; the other way round a crash between would lose the binding. */
export async function unclaim(template: KubeObject, deps: DetectorDeps): Promise<void> {
  const binding = bindingOf(template, deps);
  if (binding !== undefined) await unclaimBinding(binding, undefined, deps);
  const patch = claimPatch(template);
  if (patch !== undefined) await ignoringGone(patchTemplate(template, patch, deps));
}

/** @param preserve the policy's flag as it was when it went: a release in progress must not lose it. */
export async function unclaimBinding(
  binding: Binding,
  preserve: boolean | undefined,
  deps: DetectorDeps,
): Promise<void> {
  const claims = claimPatch(binding);
  const keep = preserve === true && binding.spec.preserveResourcesOnDeletion !== true;
  if (claims === undefined && !keep) return;
  const body = { ...claims, ...(keep ? { spec: { preserveResourcesOnDeletion: true } } : {}) };
  const type = deps.bindings.typeOf(binding.metadata.namespace);
  const write = deps.hub.patch<Binding>({ type, key: objectKeyOf(binding) }, { type: "merge", body });
  const written = await ignoringGone(write);
  if (written !== undefined) deps.bindings.wrote(written);
}

function bindingOf(template: KubeObject, deps: DetectorDeps): Binding | undefined {
  const { namespace, name = "" } = template.metadata;
  return deps.bindings.get(keyFor({ namespace, name: bindingNameFor({ kind: template.kind, name }) }));
}

export function policyView(deps: DetectorDeps): PolicyView {
  return {
    namespaced: (namespace) => deps.policies.namespaced(namespace),
    clusterScoped: () => deps.policies.clusterScoped(),
    hasOverrides: (names, namespace) =>
      names.every((name) => deps.overrides.get(keyFor({ namespace, name })) !== undefined),
  };
}

async function ignoringGone<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
