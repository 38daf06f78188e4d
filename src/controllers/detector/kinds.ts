import { isReservedNamespace } from "#api";
import type { ApiResource } from "#client";
import type { KubeObject } from "#machinery";

/** Groups whose objects steer the hub and are never templates (`controllers.md` 1). */
const controlGroups: ReadonlySet<string> = new Set([
  "cluster.karmada.io",
  "policy.karmada.io",
  "work.karmada.io",
  "config.karmada.io",
  "networking.karmada.io",
  "autoscaling.karmada.io",
  "remedy.karmada.io",
  "apps.karmada.io",
  "migration.drover.io",
  "events.k8s.io",
  "coordination.k8s.io",
]);

const needed = ["list", "watch", "delete"] as const;

/** Whether objects of this kind can be templates at all. */
export function isTemplateKind(resource: ApiResource): boolean {
  if (controlGroups.has(resource.group)) return false;
  if (resource.group === "" && resource.kind === "Event") return false;
  return needed.every((verb) => resource.verbs.includes(verb));
}

const systemNamespace = /^kube-.*$/;

/** Whether a namespace is left out of propagation, by Karmada's default `--skipped-propagating-namespaces`. */
const isSkippedNamespace = (namespace: string): boolean =>
  isReservedNamespace(namespace) || systemNamespace.test(namespace);

/** Objects whose namespace, or whose name where they are namespaces, is never propagated. */
export function isInSkippedNamespace(object: KubeObject): boolean {
  const namespace = object.metadata.namespace ?? (object.kind === "Namespace" ? object.metadata.name : undefined);
  return namespace !== undefined && isSkippedNamespace(namespace);
}
