import { annotation, label } from "#api";
import type { Binding } from "#api/work";
import { findCondition, type KubeObject, keyOf, refText } from "#machinery";
import type { Chain, MemberLink } from "./chain.ts";

/** One sentence on where a template stands, and what to do about it where something is to be done. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
  readonly next: string | undefined;
}

const bad = (text: string, next?: string): Verdict => ({ ok: false, text, next });
const good = (text: string, next?: string): Verdict => ({ ok: true, text, next });

/** The first link of the chain that does not hold, from the template on. */
export function verdictOn(chain: Chain): Verdict {
  return beforeBinding(chain) ?? ofBinding(chain) ?? ofMembers(chain);
}

function beforeBinding(chain: Chain): Verdict | undefined {
  const { template, claim, policy, binding } = chain;
  if (template.metadata.deletionTimestamp !== undefined)
    return bad(`Being deleted since ${template.metadata.deletionTimestamp}.`, finalizerStep(template));
  if (binding !== undefined) return undefined;
  if (claim === undefined)
    return bad(
      "Not propagated: no policy selects it.",
      "apply a PropagationPolicy whose resourceSelectors name it (drover promote writes one for a running object)",
    );
  if (policy === undefined)
    return bad(
      `Not propagated: its ${claim.kind} ${nameText(claim)} does not exist.`,
      "apply that policy, or another one that selects it",
    );
  return bad(
    `Not propagated yet: ${policy.kind} ${keyOf(policy)} selects it, but no binding has been made.`,
    "look for a Warning among the events below, or in the hub's log",
  );
}

const nameText = (key: { readonly namespace?: string; readonly name: string }): string =>
  key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`;

function finalizerStep(object: KubeObject): string | undefined {
  const finalizers = object.metadata.finalizers ?? [];
  return finalizers.length === 0 ? undefined : `it waits for: ${finalizers.join(", ")}`;
}

function ofBinding({ binding, policy, members }: Chain): Verdict | undefined {
  if (binding === undefined) return undefined;
  if (binding.metadata.deletionTimestamp !== undefined)
    return bad("Its binding is being deleted.", finalizerStep(binding));
  const scheduled = findCondition(binding.status?.conditions, "Scheduled");
  if (scheduled?.status === "False")
    return bad(
      `Not scheduled (${scheduled.reason}): ${scheduled.message}`,
      "check the policy's placement against: drover get clusters",
    );
  if (members.length > 0) return undefined;
  if (scheduled === undefined && !isDependency(binding))
    return bad("Not scheduled yet.", "look for a Warning among the events below, or in the hub's log");
  return bad(
    "Scheduled to no cluster.",
    policy === undefined ? undefined : `check spec.placement of ${policy.kind} ${keyOf(policy)}`,
  );
}

export const isDependency = (binding: Binding): boolean => (binding.spec.requiredBy ?? []).length > 0;

function ofMembers(chain: Chain): Verdict {
  const verdicts = chain.members.map((member) => ofMember(chain, member));
  const broken = verdicts.filter((verdict) => !verdict.ok);
  const [first] = broken;
  if (first === undefined) return allGood(chain);
  const rest = broken.length === 1 ? "" : ` (and ${broken.length - 1} more of ${verdicts.length} clusters, see below)`;
  return { ...first, text: `${first.text}${rest}` };
}

function allGood({ members, policy, binding }: Chain): Verdict {
  const names = members.map((member) => member.cluster).join(", ");
  const adopted = members.filter((member) => member.adoption?.spec.origin === "Adopted").length;
  const how = adopted === 0 ? "" : `, ${adopted} adopted in place`;
  if (policy === undefined && binding !== undefined && !isDependency(binding))
    return good(`Applied in ${names}${how}; its policy is gone, so it stays as it is.`);
  return good(`Applied in ${names}${how}.`);
}

function ofMember(chain: Chain, member: MemberLink): Verdict {
  return notReady(member) ?? ofWork(chain, member) ?? ofLive(member) ?? good("");
}

function notReady({ cluster, clusterObject }: MemberLink): Verdict | undefined {
  if (clusterObject === undefined)
    return bad(`Cluster ${cluster} is not registered.`, `join it with: drover join ${cluster}`);
  const ready = findCondition(clusterObject.status?.conditions, "Ready");
  if (ready === undefined || ready.status === "True") return undefined;
  return bad(
    `Cluster ${cluster} is not ready (${ready.reason}): ${ready.message}`,
    `see: drover describe cluster ${cluster}`,
  );
}

function ofWork(chain: Chain, { cluster, work, adoption }: MemberLink): Verdict | undefined {
  if (work === undefined) {
    const next = "look for a Warning among the events below, or in the hub's log";
    return bad(`No Work has been written for ${cluster} yet.`, next);
  }
  const dispatching = findCondition(work.status?.conditions, "Dispatching");
  if (work.spec.suspendDispatching === true || dispatching?.status === "False")
    return bad(`Suspended for ${cluster}: nothing is sent there.`, "take spec.suspension off the policy to go on");
  const applied = findCondition(work.status?.conditions, "Applied");
  if (applied?.status === "True") return undefined;
  if (applied === undefined) return bad(`Not applied in ${cluster} yet.`, "wait a moment, or look at the events below");
  const message =
    adoption?.status?.state === "Refused" ? (adoption.status.message ?? applied.message) : applied.message;
  return bad(`Not applied in ${cluster}: ${message}`, nextStepFor(chain, applied.message));
}

/** The way on that the message itself does not say. */
function nextStepFor({ template, policy }: Chain, message: string): string | undefined {
  if (!/already exists? in the cluster/.test(message)) return undefined;
  const { namespace, name } = template.metadata;
  const scope = namespace === undefined ? "" : ` -n ${namespace}`;
  const alone = `kubectl annotate ${template.kind.toLowerCase()} ${name}${scope} ${annotation.conflictResolution}=overwrite`;
  const all =
    policy === undefined ? "" : ` or set spec.conflictResolution: Overwrite in ${policy.kind} ${keyOf(policy)}`;
  return `to take the running object over: ${alone}${all}`;
}

function ofLive({ cluster, live, work, aggregated }: MemberLink): Verdict | undefined {
  const what = work?.spec.workload?.manifests?.[0];
  const name = what === undefined ? "the object" : refText(what);
  if (live.kind === "absent")
    return bad(
      `${name} is not in ${cluster} although it was applied.`,
      "the hub makes it again at once; look at the events below",
    );
  if (live.kind === "present" && live.object.metadata.labels?.[label.managed] !== "true")
    return bad(
      `${name} in ${cluster} does not carry ${label.managed}=true.`,
      "the hub takes it over again at once; see who removes the label",
    );
  if (aggregated?.health === "Unhealthy")
    return bad(
      `${name} is applied in ${cluster} but not healthy.`,
      `see: drover describe -s members -C ${cluster} ...`,
    );
  return undefined;
}
