import {
  addQuantities,
  compareQuantities,
  dns1123LabelProblems,
  duplicateValue,
  forbiddenField,
  invalidValue,
  type KubeObject,
  parseQuantity,
  qualifiedNameProblems,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import type { ClusterAffinity } from "./types.ts";
import { affinityProblems } from "./validate-affinity.ts";

type Resources = Readonly<Record<string, string | number>>;

/** policy.karmada.io/v1alpha1 FederatedResourceQuota */
export interface FederatedResourceQuota extends KubeObject {
  readonly spec: {
    readonly overall: Resources;
    readonly staticAssignments?: readonly { readonly clusterName: string; readonly hard: Resources }[];
  };
}

/** Violations of a quota beyond its schema, in Karmada's words. */
export function quotaProblems(quota: FederatedResourceQuota): readonly StatusCause[] {
  const { overall, staticAssignments = [] } = quota.spec;
  const name = quota.metadata.name ?? "";
  const causes = [...resourceProblems(overall, "spec.overall")];
  if (name.length > 63) causes.push(invalidValue("metadata.name", name, "must be no more than 63 characters"));
  staticAssignments.forEach(({ clusterName, hard }, index) => {
    const path = `spec.staticAssignments[${index}]`;
    for (const why of dns1123LabelProblems(clusterName))
      causes.push(invalidValue(`${path}.clusterName`, clusterName, why));
    causes.push(...resourceProblems(hard, `${path}.hard`));
    for (const resource of Object.keys(hard).filter((key) => !(key in overall)))
      causes.push(invalidValue(`${path}.hard`, resource, "assignment resourceName is not exist in overall"));
  });
  return causes.length > 0 ? causes : assignmentProblems(quota);
}

function resourceProblems(resources: Resources, path: string): readonly StatusCause[] {
  return Object.entries(resources).flatMap(([name, value]) => [
    ...qualifiedNameProblems(name).map((why) => invalidValue(`${path}[${name}]`, name, why)),
    ...(String(value).startsWith("-")
      ? [invalidValue(`${path}[${name}]`, value, "must be greater than or equal to 0")]
      : []),
  ]);
}

function assignmentProblems({ spec }: FederatedResourceQuota): readonly StatusCause[] {
  return Object.entries(spec.overall).flatMap(([name, total]) => {
    const assigned = (spec.staticAssignments ?? [])
      .map(({ hard }) => parseQuantity(hard[name]) ?? none)
      .reduce(addQuantities, none);
    return compareQuantities(parseQuantity(total) ?? none, assigned) < 0
      ? [invalidValue(`spec.overall[${name}]`, total, "overall is less than assignments")]
      : [];
  });
}

const none = { digits: 0n, exponent: 0 };

interface MatchCondition {
  readonly conditionType: string;
  readonly operator: string;
  readonly statusValues: readonly string[];
}

/** policy.karmada.io/v1alpha1 ClusterTaintPolicy */
export interface ClusterTaintPolicy extends KubeObject {
  readonly spec: {
    readonly targetClusters?: ClusterAffinity;
    readonly addOnConditions?: readonly MatchCondition[];
    readonly removeOnConditions?: readonly MatchCondition[];
    readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
}

const effects = ["NoSchedule", "PreferNoSchedule"];

/** Violations of a taint policy beyond its schema. NoExecute would evict by policy, and is not allowed. */
export function taintPolicyProblems(policy: ClusterTaintPolicy): readonly StatusCause[] {
  const { spec } = policy;
  const seen = new Set<string>();
  const taints = spec.taints.flatMap(({ key, effect }, index) => {
    const path = `spec.taints[${index}]`;
    const causes = qualifiedNameProblems(key).map((why) => invalidValue(`${path}.key`, key, why));
    if (effect === "NoExecute")
      causes.push(
        forbiddenField(
          `${path}.effect`,
          "Configuring taint with NoExecute effect is not allowed, it would evict workloads",
        ),
      );
    else if (!effects.includes(effect)) causes.push(unsupportedValue(`${path}.effect`, effect, effects));
    if (seen.has(`${key}:${effect}`))
      causes.push({
        ...duplicateValue(path, key),
        message: `Duplicate value: Duplicate taint with the same key(${key}) and effect(${effect}) is not allowed`,
      });
    seen.add(`${key}:${effect}`);
    return causes;
  });
  return [
    ...affinityProblems(spec.targetClusters, "spec.targetClusters"),
    ...conditionProblems(spec.addOnConditions, "spec.addOnConditions"),
    ...conditionProblems(spec.removeOnConditions, "spec.removeOnConditions"),
    ...taints,
  ];
}

function conditionProblems(conditions: readonly MatchCondition[] | undefined, path: string): readonly StatusCause[] {
  const operators = ["In", "NotIn"];
  const statuses = ["True", "False", "Unknown"];
  return (conditions ?? []).flatMap(({ operator, statusValues }, index) => [
    ...(operators.includes(operator) ? [] : [unsupportedValue(`${path}[${index}].operator`, operator, operators)]),
    ...statusValues
      .filter((status) => !statuses.includes(status))
      .map((status) => unsupportedValue(`${path}[${index}].statusValues`, status, statuses)),
  ]);
}
