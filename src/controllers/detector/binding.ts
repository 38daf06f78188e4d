import equal from "fast-deep-equal";
import { annotation, bindingNameFor, finalizer, label } from "#api";
import { claimKeysFor, claimPatch, type PropagationPolicy, type Suspension } from "#api/policy";
import type { Binding, BindingSpec, ReplicaRequirements } from "#api/work";
import { isJsonObject } from "#base";
import type { KubeObject, OwnerReference } from "#machinery";

/** What the interpreter says of a workload; both absent for what is no workload. */
export interface ReplicaFacts {
  readonly replicas?: number;
  readonly requirements?: ReplicaRequirements;
}

/** The binding that a template has under a policy, as it is when new. */
export function bindingFor(template: KubeObject, policy: PropagationPolicy, facts: ReplicaFacts): Binding {
  const { namespace, name = "" } = template.metadata;
  const keys = claimKeysFor(policy);
  return {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: namespace === undefined ? "ClusterResourceBinding" : "ResourceBinding",
    metadata: {
      name: bindingNameFor({ kind: template.kind, name }),
      ...(namespace === undefined ? {} : { namespace }),
      labels: keys.labels,
      annotations: { ...keys.annotations, ...settingsOf(policy) },
      ownerReferences: [ownerOf(template)],
      finalizers: [namespace === undefined ? finalizer.clusterBinding : finalizer.binding],
    },
    spec: specFor(template, policy, facts),
  };
}

/** Our own switches, which a policy may carry for all its objects. */
function settingsOf(policy: PropagationPolicy): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const key of [annotation.takeoverGuard, annotation.applyMode]) {
    const value = policy.metadata.annotations?.[key];
    if (value !== undefined) settings[key] = value;
  }
  return settings;
}

const ownerOf = (template: KubeObject): OwnerReference => ({
  apiVersion: template.apiVersion,
  kind: template.kind,
  name: template.metadata.name ?? "",
  uid: template.metadata.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});

function specFor(template: KubeObject, policy: PropagationPolicy, facts: ReplicaFacts): BindingSpec {
  const { spec } = policy;
  const { namespace, name = "", uid, resourceVersion } = template.metadata;
  return withoutUndefined({
    resource: withoutUndefined({
      apiVersion: template.apiVersion,
      kind: template.kind,
      namespace,
      name,
      uid,
      resourceVersion,
    }),
    replicas: facts.replicas,
    replicaRequirements: facts.requirements,
    propagateDeps: spec.propagateDeps === true ? true : undefined,
    schedulerName: spec.schedulerName,
    placement: spec.placement ?? {},
    failover: spec.failover,
    conflictResolution: spec.conflictResolution ?? "Abort",
    preserveResourcesOnDeletion: spec.preserveResourcesOnDeletion,
    suspension: spec.suspension,
  });
}

export type BindingPlan =
  | { readonly kind: "create"; readonly binding: Binding }
  | { readonly kind: "none" }
  | { readonly kind: "patch"; readonly patch: { readonly [field: string]: unknown } }
  /** Another template's, or one of an older template of that name, still to be collected. */
  | { readonly kind: "blocked"; readonly why: string };

/** Parts of the spec that follow the template and its policy; the rest belongs to the scheduler and others. */
const ownedSpec = [
  "replicas",
  "replicaRequirements",
  "propagateDeps",
  "schedulerName",
  "placement",
  "failover",
  "conflictResolution",
  "preserveResourcesOnDeletion",
] as const;

/**
 * What to do about a template's binding.
 *
 * @param templateChanged false at a restart: then a template version that differs by status writes alone is no change.
 */
export function planBinding(wanted: Binding, existing: Binding | undefined, templateChanged: boolean): BindingPlan {
  if (existing === undefined) return { kind: "create", binding: wanted };
  const owner = existing.metadata.ownerReferences?.find((reference) => reference.controller === true);
  const wantedOwner = wanted.metadata.ownerReferences?.[0];
  if (owner !== undefined && owner.uid !== wantedOwner?.uid) {
    return { kind: "blocked", why: `the binding belongs to ${owner.kind} ${owner.name} with another uid` };
  }
  if (existing.metadata.deletionTimestamp !== undefined)
    return { kind: "blocked", why: "the binding is being deleted" };
  const metadata = metadataPatch(wanted, existing);
  const spec = specPatch(wanted.spec, existing.spec, templateChanged);
  if (metadata === undefined && spec === undefined) return { kind: "none" };
  const patch = { ...(metadata === undefined ? {} : { metadata }), ...(spec === undefined ? {} : { spec }) };
  return { kind: "patch", patch };
}

function specPatch(wanted: BindingSpec, existing: BindingSpec, templateChanged: boolean): object | undefined {
  const patch: Record<string, unknown> = {};
  for (const field of ownedSpec) {
    if (!equal(wanted[field], existing[field])) patch[field] = replacing(wanted[field], existing[field]);
  }
  const suspension = mergedSuspension(wanted.suspension, existing.suspension);
  if (!equal(suspension, existing.suspension)) patch.suspension = replacing(suspension, existing.suspension);
  const reference = changedReference(wanted, existing, templateChanged);
  if (Object.keys(patch).length > 0 || reference) patch.resource = wanted.resource;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function changedReference(wanted: BindingSpec, existing: BindingSpec, templateChanged: boolean): boolean {
  if (equal(wanted.resource, existing.resource)) return false;
  if (templateChanged) return true;
  const { resourceVersion: _now, ...reference } = wanted.resource;
  const { resourceVersion: _then, ...recorded } = existing.resource;
  return !equal(reference, recorded);
}

/** `scheduling` is set by others and stays; the rest is the policy's. */
function mergedSuspension(
  wanted: Suspension | undefined,
  existing: BindingSpec["suspension"],
): BindingSpec["suspension"] {
  if (existing?.scheduling === undefined) return wanted;
  return { ...wanted, scheduling: existing.scheduling };
}

/** A merge patch value that makes the field equal to `wanted`: what only `existing` has is nulled. */
function replacing(wanted: unknown, existing: unknown): unknown {
  if (wanted === undefined) return null;
  if (!isJsonObject(wanted) || !isJsonObject(existing)) return wanted;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(existing)) if (wanted[key] === undefined) patch[key] = null;
  for (const key of Object.keys(wanted)) {
    if (!equal(wanted[key], existing[key])) patch[key] = replacing(wanted[key], existing[key]);
  }
  return patch;
}

function metadataPatch(wanted: Binding, existing: Binding): object | undefined {
  const claim = claimPatch(existing, {
    labels: wanted.metadata.labels ?? {},
    annotations: wanted.metadata.annotations ?? {},
  });
  const settings: Record<string, string | null> = {};
  for (const key of [annotation.takeoverGuard, annotation.applyMode]) {
    const value = wanted.metadata.annotations?.[key];
    if (value !== existing.metadata.annotations?.[key]) settings[key] = value ?? null;
  }
  const annotations = { ...(claim?.metadata.annotations ?? {}), ...settings };
  const owners = missing(wanted.metadata.ownerReferences, existing.metadata.ownerReferences);
  const finalizers = missing(wanted.metadata.finalizers, existing.metadata.finalizers);
  const lists = owners.length + finalizers.length > 0;
  const patch = {
    ...(claim?.metadata.labels === undefined ? {} : { labels: claim.metadata.labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(owners.length === 0 ? {} : { ownerReferences: [...(existing.metadata.ownerReferences ?? []), ...owners] }),
    ...(finalizers.length === 0 ? {} : { finalizers: [...(existing.metadata.finalizers ?? []), ...finalizers] }),
    // A merge patch replaces lists whole, so it must not meet a list that has changed meanwhile.
    ...(lists ? { resourceVersion: existing.metadata.resourceVersion } : {}),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

const missing = <T>(wanted: readonly T[] = [], present: readonly T[] = []): readonly T[] =>
  wanted.filter((item) => !present.some((other) => equal(item, other)));

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

/** The permanent id that links a binding to its Works. */
export const bindingIdLabel = (binding: Pick<Binding, "metadata">): string =>
  binding.metadata.namespace === undefined ? label.clusterBindingId : label.bindingId;
