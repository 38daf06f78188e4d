import type { Cluster } from "#api/cluster";
import { type KubeObject, matchesLabelSelector, matchesRequirements, type Requirement } from "#machinery";
import type { ClusterAffinity, FieldSelector, PropagationPolicy, ResourceSelector } from "./types.ts";

/** How precisely a selector names an object: name 3, label selector 2, kind alone 1, no match 0. */
export type ImplicitPriority = 0 | 1 | 2 | 3;

function priorityOfOne(selector: ResourceSelector, object: KubeObject): ImplicitPriority {
  if (selector.apiVersion !== object.apiVersion || selector.kind !== object.kind) return 0;
  if ((selector.namespace ?? "") !== "" && selector.namespace !== object.metadata.namespace) return 0;
  if ((selector.name ?? "") !== "") return selector.name === object.metadata.name ? 3 : 0;
  if (selector.labelSelector === undefined || selector.labelSelector === null) return 1;
  return matchesLabelSelector(selector.labelSelector, object.metadata.labels) ? 2 : 0;
}

export function matchesSelector(selector: ResourceSelector, object: KubeObject): boolean {
  return priorityOfOne(selector, object) > 0;
}

/** The best match among the selectors of one policy. */
export function selectorPriority(selectors: readonly ResourceSelector[], object: KubeObject): ImplicitPriority {
  let best: ImplicitPriority = 0;
  for (const selector of selectors) {
    const priority = priorityOfOne(selector, object);
    if (priority > best) best = priority;
  }
  return best;
}

/** True where the policy's scope covers the object and a selector of it matches. Terminating policies match nothing. */
export function policySelects(policy: PropagationPolicy, object: KubeObject): boolean {
  const namespace = policy.metadata.namespace;
  if (namespace !== undefined && namespace !== object.metadata.namespace) return false;
  return selectorPriority(policy.spec.resourceSelectors, object) > 0;
}

function beats(a: PropagationPolicy, b: PropagationPolicy, template: KubeObject): boolean {
  const explicit = (a.spec.priority ?? 0) - (b.spec.priority ?? 0);
  if (explicit !== 0) return explicit > 0;
  const implicit =
    selectorPriority(a.spec.resourceSelectors, template) - selectorPriority(b.spec.resourceSelectors, template);
  if (implicit !== 0) return implicit > 0;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "");
}

/**
 * The policy that a template without a claim goes to: the best of its namespace, else the best cluster-wide one
 * (`migration.md` 6.2). Policies being deleted are no candidates.
 */
export function bestPolicyFor<P extends PropagationPolicy>(
  template: KubeObject,
  policies: readonly P[],
): P | undefined {
  const fitting = policies.filter(
    (policy) => policy.metadata.deletionTimestamp === undefined && policySelects(policy, template),
  );
  const own = fitting.filter((policy) => policy.metadata.namespace !== undefined);
  const candidates = own.length > 0 ? own : fitting;
  return candidates.reduce<P | undefined>(
    (best, policy) => (best === undefined || beats(policy, best, template) ? policy : best),
    undefined,
  );
}

/** True where `challenger` says `preemption: Always` and may take a template from `holder` (`migration.md` 6.3). */
export function mayPreempt(challenger: PropagationPolicy, holder: PropagationPolicy): boolean {
  if (challenger.spec.preemption !== "Always") return false;
  const challengerOwn = challenger.metadata.namespace !== undefined;
  const holderOwn = holder.metadata.namespace !== undefined;
  if (challengerOwn !== holderOwn) return challengerOwn;
  return (challenger.spec.priority ?? 0) > (holder.spec.priority ?? 0);
}

function matchesZones(operator: string, values: readonly string[], { spec }: Cluster): boolean {
  const zones = spec.zones ?? (spec.zone === undefined ? [] : [spec.zone]);
  return zones.some((zone) => values.includes(zone)) === (operator === "In");
}

function matchesFields(selector: FieldSelector, cluster: Cluster): boolean {
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    if (key === "zone") return matchesZones(operator, values, cluster);
    const value = key === "provider" ? cluster.spec.provider : key === "region" ? cluster.spec.region : "";
    const labels = (value ?? "") === "" ? undefined : { [key]: value ?? "" };
    return matchesRequirements([{ key, operator: operator as Requirement["operator"], values }], labels);
  });
}

/** Undefined and empty affinities match every cluster; `exclude` wins over everything. */
export function matchesClusterAffinity(affinity: ClusterAffinity | undefined, cluster: Cluster): boolean {
  if (affinity === undefined || affinity === null) return true;
  const name = cluster.metadata.name ?? "";
  if (affinity.exclude?.includes(name)) return false;
  if (affinity.labelSelector && !matchesLabelSelector(affinity.labelSelector, cluster.metadata.labels)) return false;
  if (affinity.fieldSelector && !matchesFields(affinity.fieldSelector, cluster)) return false;
  const names = affinity.clusterNames ?? [];
  return names.length === 0 || names.includes(name);
}
