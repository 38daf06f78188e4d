import { label } from "#api";
import {
  fieldAt,
  invalidValue,
  type KubeObject,
  labelValueProblems,
  listAt,
  requiredValue,
  type StatusCause,
  textAt,
} from "#machinery";
import type { PropagationPolicy, ResourceSelector, Suspension } from "./types.ts";
import { labelSelectorProblems } from "./validate-affinity.ts";
import { placementProblems } from "./validate-placement.ts";

/** Violations of a propagation policy of either scope beyond its schema, in Karmada's words. `old` is there on an update. */
export function propagationPolicyProblems(
  policy: PropagationPolicy,
  old: PropagationPolicy | undefined,
): readonly StatusCause[] {
  const { spec } = policy;
  return [
    ...schedulerProblems(policy, old),
    ...permanentIdProblems(policy, old),
    ...selectorProblems(policy, spec.resourceSelectors, "spec.resourceSelectors"),
    ...preemptionProblems(policy),
    ...placementProblems(spec.placement, "spec.placement"),
    ...failoverProblems(policy),
    ...suspensionProblems(spec.suspension),
  ];
}

function schedulerProblems(policy: PropagationPolicy, old: PropagationPolicy | undefined): readonly StatusCause[] {
  const { schedulerName } = policy.spec;
  if (old === undefined || old.spec.schedulerName === schedulerName) return [];
  return [invalidValue("spec.schedulerName", schedulerName, "the schedulerName should not be updated")];
}

function permanentIdProblems(policy: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const key = policy.metadata.namespace === undefined ? label.clusterPolicyId : label.policyId;
  const id = policy.metadata.labels?.[key];
  const field = `metadata.labels[${key}]`;
  if (old !== undefined && id !== old.metadata.labels?.[key])
    return [invalidValue(field, id, `label ${key} is immutable, it can only be set by the system during creation`)];
  if (id !== undefined && id !== "") return [];
  return [
    requiredValue(
      field,
      `label ${key} is required, it should be set by the mutating admission webhook during creation`,
    ),
  ];
}

/** A namespaced policy selects in its own namespace only. */
export function selectorProblems(
  policy: KubeObject,
  selectors: readonly ResourceSelector[] | undefined,
  path: string,
): readonly StatusCause[] {
  const { namespace } = policy.metadata;
  return (selectors ?? []).flatMap((selector, index) => [
    ...(namespace === undefined || selector.namespace === namespace
      ? []
      : [
          invalidValue(
            `${path}[${index}].namespace`,
            selector.namespace,
            "namespace of resource selector must be the same as the namespace of the policy",
          ),
        ]),
    ...labelSelectorProblems(selector.labelSelector, `${path}[${index}].labelSelector`),
  ]);
}

function preemptionProblems({ spec }: PropagationPolicy): readonly StatusCause[] {
  if (spec.preemption !== "Always") return [];
  return spec.resourceSelectors.flatMap((selector, index) =>
    selector.name !== undefined && selector.name !== ""
      ? []
      : [
          invalidValue(
            `spec.resourceSelectors[${index}].name`,
            "",
            "name cannot be empty if preemption is Always, the empty name may cause unexpected resources preemption",
          ),
        ],
  );
}

function failoverProblems({ spec }: PropagationPolicy): readonly StatusCause[] {
  const application = fieldAt(spec, ["failover", "application"]);
  const path = "spec.failover.application";
  const labels = ["application", "cluster"].flatMap((which) =>
    listAt(spec, ["failover", which, "statePreservation", "rules"]).flatMap((rule, index) => {
      const name = textAt(rule, ["aliasLabelName"]) ?? "";
      const field = `spec.failover.${which}.statePreservation.rules[${index}].aliasLabelName`;
      return labelValueProblems(name).map((why) => invalidValue(field, name, why));
    }),
  );
  if (application === undefined) return labels;
  const causes: StatusCause[] = [...labels];
  if (spec.propagateDeps !== true)
    causes.push(
      invalidValue("spec.propagateDeps", spec.propagateDeps, "application failover is set, propagateDeps must be true"),
    );
  const seconds = fieldAt(application, ["decisionConditions", "tolerationSeconds"]);
  if (typeof seconds === "number" && seconds < 0)
    causes.push(
      invalidValue(`${path}.decisionConditions.tolerationSeconds`, seconds, "must be greater than or equal to 0"),
    );
  return [...causes, ...graceProblems(application, `${path}.gracePeriodSeconds`)];
}

function graceProblems(application: unknown, path: string): readonly StatusCause[] {
  const grace = fieldAt(application, ["gracePeriodSeconds"]);
  if (textAt(application, ["purgeMode"]) !== "Gracefully")
    return grace === undefined ? [] : [invalidValue(path, grace, "only takes effect when purgeMode is gracefully")];
  if (grace === undefined) return [invalidValue(path, null, "should not be empty when purgeMode is gracefully")];
  return typeof grace === "number" && grace <= 0 ? [invalidValue(path, grace, "must be greater than 0")] : [];
}

function suspensionProblems(suspension: Suspension | undefined): readonly StatusCause[] {
  const clusters = suspension?.dispatchingOnClusters?.clusterNames ?? [];
  if (suspension?.dispatching !== true || clusters.length === 0) return [];
  const why = "suspension dispatching cannot co-exist with dispatchingOnClusters.clusterNames";
  return [invalidValue("spec.suspension", suspension, why)];
}
