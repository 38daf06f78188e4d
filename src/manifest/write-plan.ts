import { annotation, label } from "#api";
import type { Mutable } from "#base";
import { interpreterFor } from "#interpreter";
import { fieldAt, gvkOf, type KubeObject, listAt, numberAt, textAt, withField } from "#machinery";
import { createMergePatch } from "#machinery/patch";
import type { MergeRules, WriteInput, WritePlan } from "./contract.ts";
import { guardFindings, guardMessage } from "./guard.ts";
import { immutableFindings, immutableMessage } from "./immutable.ts";
import { listKeys } from "./list-keys.ts";
import { childPlace, isBuiltin, rootPlace } from "./meaning.ts";
import { type Merge, mergeValue } from "./merge.ts";
import { mergeMetadata } from "./metadata.ts";
import { foreignMessage, foreignReason, mayTakeFrom, ownershipOf } from "./ownership.ts";
import { withPreconditions } from "./preconditions.ts";
import { withoutStringData } from "./secret.ts";
import { isServerOwned } from "./server-owned.ts";

/** The rules of the native kinds. */
export const nativeRules: MergeRules = {
  retain: (desired, live) => interpreterFor(gvkOf(desired)).retain(desired, live),
  listKeys,
};

type Refusal = Extract<WritePlan, { readonly kind: "refused" }>;

const refused = (reason: Refusal["reason"], message: string, findings: Refusal["findings"] = []): Refusal => ({
  kind: "refused",
  reason,
  message,
  findings,
});

/** Karmada's text, which people and tools look for; it says "empty" for `abort` too. */
function abortMessage({ desired, cluster }: WriteInput): string {
  const { namespace = "", name } = desired.metadata;
  return `resource(kind=${desired.kind}, ${namespace}/${name}) already exists in the cluster ${cluster} and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource`;
}

/** Whether this hub may write to the live object at all. */
function ownershipRefusal(input: WriteInput, live: KubeObject): Refusal | undefined {
  const owner = ownershipOf(live, input);
  if (owner.kind === "ours") return undefined;
  if (owner.kind !== "unmanaged") {
    if (mayTakeFrom(input.desired, owner)) return undefined;
    return refused(foreignReason(owner), foreignMessage(live, input.cluster, owner));
  }
  const allowed = input.desired.metadata.annotations?.[annotation.conflictResolution] === "overwrite";
  return allowed ? undefined : refused("ConflictResolutionAbort", abortMessage(input));
}

/** A node port that the template stated before and states differently now is the user's explicit wish. */
function withRestatedNodePorts(retained: KubeObject, { desired, last }: WriteInput): KubeObject {
  if (last === undefined || desired.kind !== "Service" || desired.apiVersion !== "v1") return retained;
  const stated = listAt(desired, ["spec", "ports"]);
  const before = listAt(last, ["spec", "ports"]);
  const ports = listAt(retained, ["spec", "ports"]).map((port, at) => {
    const wanted = numberAt(stated[at], ["nodePort"]);
    const old = before.find((one) => numberAt(one, ["port"]) === numberAt(port, ["port"]));
    const restated = wanted > 0 && numberAt(old, ["nodePort"]) > 0 && numberAt(old, ["nodePort"]) !== wanted;
    return restated ? withField(port, ["nodePort"], wanted) : port;
  });
  return ports.length === 0 ? retained : withField(retained, ["spec", "ports"], ports);
}

/** What is wanted of the live object once the member has kept what is its own. */
function retained(input: WriteInput, live: KubeObject, rules: MergeRules): KubeObject {
  const { [annotation.lastApplied]: _own, ...annotations } = input.desired.metadata.annotations ?? {};
  const metadata = { ...input.desired.metadata, annotations };
  const desired = withoutStringData({ ...input.desired, metadata } as KubeObject);
  const kept = withRestatedNodePorts(rules.retain(desired, live), input);
  const replicas = fieldAt(live, ["spec", "replicas"]);
  const autoscaled = input.autoscaled === true || desired.metadata.labels?.[label.retainReplicas] === "true";
  return autoscaled && replicas !== undefined ? withField(kept, ["spec", "replicas"], replicas) : kept;
}

const notMerged = new Set(["apiVersion", "kind", "metadata", "status"]);

/** The live object as it is to become; parts that do not change are the live object's own. */
function mergeObject(merge: Merge, input: WriteInput, live: KubeObject, desired: KubeObject): KubeObject {
  const last = withoutStringData(input.last);
  const ours = ownershipOf(live, input).kind === "ours";
  const target: Mutable<Record<string, unknown>> = { ...live };
  target.metadata = mergeMetadata(merge, { desired, live, last, ours });
  for (const field of new Set([...Object.keys(live), ...Object.keys(desired)])) {
    if (notMerged.has(field)) continue;
    const sides = { desired: desired[field], live: live[field], last: last?.[field] };
    const value = mergeValue(merge, childPlace(rootPlace, field), sides);
    if (value === undefined) delete target[field];
    else target[field] = value;
  }
  return target as unknown as KubeObject;
}

function planUpdate(input: WriteInput, live: KubeObject, rules: MergeRules): WritePlan {
  const gvk = gvkOf(input.desired);
  const merge: Merge = {
    gvk,
    builtin: isBuiltin(gvk),
    mode: input.applyMode,
    listKeys: (path) => rules.listKeys(gvk, path),
    changes: [],
    unmanaged: [],
  };
  const target = mergeObject(merge, input, live, retained(input, live, rules));
  const patch = createMergePatch(live, target);
  if (Object.keys(patch).length === 0) return { kind: "none", unmanaged: merge.unmanaged };
  const fixed = immutableFindings(live, merge.changes);
  if (fixed.length > 0) return refused("ImmutableField", immutableMessage(live, input.cluster, fixed), fixed);
  const takeover = !input.createdByUs && ownershipOf(live, input).kind !== "ours";
  const findings = takeover && input.guard !== "off" ? guardFindings(live, merge.changes) : [];
  if (findings.length > 0 && input.guard === "refuse") {
    return refused("TakeoverGuard", guardMessage(live, input.cluster, findings), findings);
  }
  return {
    kind: "patch",
    patch: withPreconditions(patch, live),
    takeover,
    changed: merge.changes.map(({ place }) => place.shown),
    unmanaged: merge.unmanaged,
    warnings: findings,
  };
}

/**
 * What to send to a member for one object: nothing, a create, or one minimal JSON merge patch, or why not.
 *
 * Invariant: applied to the live object, a second plan is `none`; paths that are neither in `desired` nor in `last` keep
 * their value (in Merge mode).
 */
export function planWrite(input: WriteInput, rules: MergeRules = nativeRules): WritePlan {
  const { desired, live, cluster } = input;
  const { namespace, name = "" } = desired.metadata;
  if (isServerOwned(gvkOf(desired), namespace, name)) {
    const ref = `${desired.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    return refused("ServerOwned", `${ref} is made by each cluster for itself and is never propagated`);
  }
  if (live === undefined) return { kind: "create", object: createdFrom(desired) };
  if (textAt(live, ["metadata", "deletionTimestamp"]) !== undefined) {
    const what = `${desired.kind} ${textAt(live, ["metadata", "name"])}`;
    return refused("Terminating", `${what} in cluster ${cluster} is being deleted; it is created anew once it is gone`);
  }
  return ownershipRefusal(input, live) ?? planUpdate(input, live, rules);
}

/** A manifest as it is POSTed. */
function createdFrom(desired: KubeObject): KubeObject {
  const { status: _status, ...rest } = desired;
  const { [annotation.lastApplied]: _own, ...annotations } = desired.metadata.annotations ?? {};
  return { ...rest, metadata: { ...desired.metadata, annotations } } as KubeObject;
}
