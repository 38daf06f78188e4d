import { finalizer, label } from "#api";
import { fieldAt, type KubeObject, textAt, withField } from "#machinery";
import type { Placement, PropagationPolicy, ResourceSelector, SpreadConstraint } from "./types.ts";

const defaultGraceSeconds = 600;

/** What Karmada fills in beyond the schema's defaults. The same policy comes back where nothing is missing. */
export function withPolicyDefaults(policy: PropagationPolicy): PropagationPolicy {
  const { spec } = policy;
  const selectors = withNamespace(policy, spec.resourceSelectors);
  const placement = withPlacementDefaults(spec.placement);
  let next: PropagationPolicy = policy;
  if (selectors !== spec.resourceSelectors || placement !== spec.placement)
    next = { ...policy, spec: { ...spec, resourceSelectors: selectors, ...(placement && { placement }) } };
  if (selectors.some(isServiceImport) && spec.propagateDeps !== true)
    next = withField(next, ["spec", "propagateDeps"], true);
  const application = fieldAt(spec, ["failover", "application"]);
  if (textAt(application, ["purgeMode"]) !== "Gracefully" || fieldAt(application, ["gracePeriodSeconds"]) !== undefined)
    return next;
  return withField(next, ["spec", "failover", "application", "gracePeriodSeconds"], defaultGraceSeconds);
}

const isServiceImport = (selector: ResourceSelector): boolean =>
  selector.apiVersion === "multicluster.x-k8s.io/v1alpha1" && selector.kind === "ServiceImport";

/** The selectors of a namespaced policy select in its own namespace. */
export function withNamespace<S extends readonly ResourceSelector[] | undefined>(policy: KubeObject, selectors: S): S {
  const { namespace } = policy.metadata;
  if (namespace === undefined || selectors === undefined) return selectors;
  if (selectors.every((selector) => !isEmpty(selector.namespace))) return selectors;
  return selectors.map((selector) =>
    isEmpty(selector.namespace) ? { ...selector, namespace } : selector,
  ) as unknown as S;
}

const isEmpty = (text: string | undefined): boolean => text === undefined || text === "";

function withPlacementDefaults(placement: Placement | undefined): Placement | undefined {
  if (placement === undefined) return undefined;
  const { spreadConstraints, replicaScheduling } = placement;
  let next = placement;
  if (spreadConstraints?.some((constraint) => withSpreadDefaults(constraint) !== constraint))
    next = { ...next, spreadConstraints: spreadConstraints.map(withSpreadDefaults) };
  if (replicaScheduling?.replicaSchedulingType === "Divided" && isEmpty(replicaScheduling.replicaDivisionPreference))
    next = { ...next, replicaScheduling: { ...replicaScheduling, replicaDivisionPreference: "Weighted" } };
  return next;
}

function withSpreadDefaults(constraint: SpreadConstraint): SpreadConstraint {
  const unnamed = isEmpty(constraint.spreadByField) && isEmpty(constraint.spreadByLabel);
  const uncounted = (constraint.minGroups ?? 0) === 0;
  if (!unnamed && !uncounted) return constraint;
  return {
    ...constraint,
    ...(unnamed ? { spreadByField: "cluster" } : {}),
    ...(uncounted ? { minGroups: 1 } : {}),
  };
}

/** Marks a new policy: its permanent id, whatever the user wrote there, and the finalizer that its cleaning up needs. */
export function withPolicyIdentity(policy: KubeObject, uuid: string): KubeObject {
  const { metadata } = policy;
  const namespaced = metadata.namespace !== undefined;
  const held = namespaced ? finalizer.policy : finalizer.clusterPolicy;
  const finalizers = metadata.finalizers ?? [];
  return {
    ...policy,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [namespaced ? label.policyId : label.clusterPolicyId]: uuid },
      finalizers: finalizers.includes(held) ? finalizers : [...finalizers, held],
    },
  };
}
