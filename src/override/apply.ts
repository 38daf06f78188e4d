import type { Cluster } from "#api/cluster";
import {
  matchesClusterAffinity,
  type OverridePolicy,
  type OverrideRule,
  type Overriders,
  selectorPriority,
} from "#api/policy";
import { errorText, TerminalError } from "#base";
import { type KubeObject, keyOf } from "#machinery";
import { applyOverriders } from "./overriders.ts";

/** One policy that took part: an entry of the `applied-overrides` annotations. */
export interface AppliedOverride {
  readonly policyName: string;
  readonly overriders: Overriders;
}

export interface OverrideInput {
  readonly template: KubeObject;
  readonly cluster: Cluster;
  /** Every ClusterOverridePolicy of the hub. */
  readonly clusterPolicies: readonly OverridePolicy[];
  /** Every OverridePolicy; those of other namespaces are passed over. */
  readonly policies: readonly OverridePolicy[];
}

export interface OverrideResult {
  readonly object: KubeObject;
  readonly appliedClusterOverrides: readonly AppliedOverride[];
  readonly appliedOverrides: readonly AppliedOverride[];
}

/** 0 where the policy does not concern the object; no selectors at all means every object. */
function priorityOf(policy: OverridePolicy, object: KubeObject): number {
  const selectors = policy.spec.resourceSelectors ?? [];
  return selectors.length === 0 ? 1 : selectorPriority(selectors, object);
}

export function overrideConcerns(policy: OverridePolicy, object: KubeObject): boolean {
  const namespace = policy.metadata.namespace;
  return (namespace === undefined || namespace === object.metadata.namespace) && priorityOf(policy, object) > 0;
}

/** The rules in force: the deprecated single rule counts only where there are no others. */
function rulesOf({ spec }: OverridePolicy): readonly OverrideRule[] {
  if (spec.overrideRules !== undefined && spec.overrideRules.length > 0) return spec.overrideRules;
  return spec.overriders === undefined ? [] : [{ targetCluster: spec.targetCluster, overriders: spec.overriders }];
}

function inOrder(policies: readonly OverridePolicy[], object: KubeObject): readonly OverridePolicy[] {
  return policies
    .filter((policy) => overrideConcerns(policy, object))
    .sort(
      (a, b) =>
        priorityOf(a, object) - priorityOf(b, object) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1),
    );
}

interface Step {
  readonly object: KubeObject;
  readonly applied: readonly AppliedOverride[];
}

function applyAll(template: KubeObject, policies: readonly OverridePolicy[], cluster: Cluster): Step {
  let object = template;
  const applied: AppliedOverride[] = [];
  for (const policy of inOrder(policies, template)) {
    for (const { overriders, targetCluster } of rulesOf(policy)) {
      if (!matchesClusterAffinity(targetCluster, cluster)) continue;
      try {
        object = applyOverriders(object, overriders);
      } catch (cause) {
        const of = `override policy ${keyOf(policy)} for cluster ${cluster.metadata.name}`;
        throw new TerminalError("ApplyOverridePolicyFailed", `${of}: ${errorText(cause)}`, {
          hint: `correct the overriders of ${keyOf(policy)}, or its selectors`,
          cause,
        });
      }
      applied.push({ policyName: policy.metadata.name ?? "", overriders });
    }
  }
  return { object, applied };
}

/**
 * The template as one cluster is to get it. Cluster-wide policies come first, then those of the namespace; within each,
 * from the least to the most precise selector, then by name: later ones win.
 *
 * @throws TerminalError ApplyOverridePolicyFailed, naming policy and cluster.
 */
export function applyOverrides({ template, cluster, clusterPolicies, policies }: OverrideInput): OverrideResult {
  const first = applyAll(template, clusterPolicies, cluster);
  const namespaced = template.metadata.namespace === undefined ? [] : policies;
  const second = applyAll(first.object, namespaced, cluster);
  return { object: second.object, appliedClusterOverrides: first.applied, appliedOverrides: second.applied };
}
