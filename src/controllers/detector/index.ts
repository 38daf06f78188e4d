/**
 * Finds templates, matches them with policies, claims them and writes their bindings. Reads templates of every kind of the
 * hub, policies and bindings; writes claim keys on templates and bindings, bindings, policies' finalizers, and events.
 */
import { claimOf, policyIdOf } from "#api/policy";
import type { ApiResource } from "#client";
import type { KubeObject } from "#machinery";
import { keyOf } from "#machinery";
import type { Runner } from "#reconcile";
import { changeOf } from "./change.ts";
import { claimIndex, type DetectorDeps } from "./deps.ts";
import { type PendingChanges, reconcileTemplate } from "./detector.ts";
import { reconcilePolicy } from "./policies.ts";
import { templateKey, templateKeyIn } from "./templates.ts";

export { claimIndex, type DetectorDeps } from "./deps.ts";
export { isTemplateKind } from "./kinds.ts";

/** What `claimIndex` holds for an object. */
export function claimIndexValues(object: KubeObject): readonly string[] {
  const claim = claimOf(object);
  return claim === undefined ? [] : [claim.id];
}

/** Starts after the hub's informers have synced. */
export function startDetector(deps: DetectorDeps): readonly Runner[] {
  const pending: PendingChanges = new Map();
  const templates = deps.runner({
    name: "detector",
    concurrency: 64,
    reconcile: (key) => reconcileTemplate(key, deps, pending),
  });
  const policies = deps.runner({
    name: "detector-policy",
    concurrency: 2,
    reconcile: (key) => reconcilePolicy(key, deps, (template) => templates.enqueue(template)),
  });
  watchTemplates(deps, templates, pending);
  watchPolicies(deps, templates, policies);
  watchOverrides(deps, policies);
  return [templates, policies];
}

function watchTemplates(deps: DetectorDeps, queue: Runner, pending: PendingChanges): void {
  const enqueue = (resource: ApiResource, object: KubeObject): void => queue.enqueue(templateKeyIn(resource, object));
  deps.templates.subscribe({
    onAdd: (resource, object, initial) => {
      if (!initial) pending.set(templateKeyIn(resource, object), "user");
      enqueue(resource, object);
    },
    onUpdate: (resource, old, object) => {
      const change = changeOf(old, object);
      if (change === "none") return;
      const key = templateKeyIn(resource, object);
      if (pending.get(key) !== "user") pending.set(key, change);
      enqueue(resource, object);
    },
    onDelete: (resource, last) => pending.delete(templateKeyIn(resource, last)),
  });
  deps.bindings.subscribe({ onDelete: (last) => queue.enqueue(ownerKeyOf(last.spec.resource)) });
}

const ownerKeyOf = (of: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}) => templateKey({ apiVersion: of.apiVersion, kind: of.kind, metadata: { name: of.name, namespace: of.namespace } });

function watchPolicies(deps: DetectorDeps, templates: Runner, queue: Runner): void {
  deps.policies.subscribe({
    onAdd: (policy) => queue.enqueue(keyOf(policy)),
    onUpdate: (_old, policy) => queue.enqueue(keyOf(policy)),
    onDelete: (last) => {
      for (const template of deps.templates.byIndex(claimIndex, policyIdOf(last) ?? "")) {
        templates.enqueue(templateKey(template));
      }
    },
  });
}

/** A policy that waits for its overrides is looked at again when one arrives. */
function watchOverrides(deps: DetectorDeps, queue: Runner): void {
  deps.overrides.subscribe({
    onAdd: (override, initial) => {
      if (initial) return;
      for (const policy of deps.policies.list()) {
        if (policy.spec.dependentOverrides?.includes(override.metadata.name ?? "")) queue.enqueue(keyOf(policy));
      }
    },
  });
}
