import {
  invalidValue,
  qualifiedNameProblems,
  requiredValue,
  type StatusCause,
  textAt,
  unsupportedValue,
} from "#machinery";
import type { ClusterAffinityTerm, NamedClusterAffinity, Placement, SpreadConstraint, Toleration } from "./types.ts";
import { affinityProblems } from "./validate-affinity.ts";

/** Violations of a policy's placement. */
export function placementProblems(placement: Placement | undefined, path: string): readonly StatusCause[] {
  if (placement === undefined) return [];
  return [
    ...affinitiesProblems(placement, path),
    ...spreadProblems(placement.spreadConstraints ?? [], `${path}.spreadConstraints`),
    ...tolerationProblems(placement.clusterTolerations ?? [], `${path}.clusterTolerations`),
    ...weightProblems(placement, `${path}.replicaScheduling.weightPreference.staticWeightList`),
    ...workloadAffinityProblems(placement.workloadAffinity, `${path}.workloadAffinity`),
  ];
}

function affinitiesProblems(placement: Placement, path: string): readonly StatusCause[] {
  const { clusterAffinity, clusterAffinities = [] } = placement;
  const causes: StatusCause[] = [];
  if (clusterAffinity !== undefined && clusterAffinities.length > 0)
    causes.push(
      invalidValue(
        `${path}.clusterAffinities`,
        clusterAffinities,
        "clusterAffinities cannot co-exist with clusterAffinity",
      ),
    );
  causes.push(...affinityProblems(clusterAffinity, `${path}.clusterAffinity`));
  const named = clusterAffinities.flatMap((term) => [term, ...(term.overflowAffinities ?? [])]);
  if (new Set(named.map((term) => term.affinityName)).size < named.length)
    causes.push(
      invalidValue(
        `${path}.clusterAffinities`,
        clusterAffinities,
        "each affinity term in a policy must have a unique name",
      ),
    );
  clusterAffinities.forEach((term, index) => {
    causes.push(...termProblems(term, placement, `${path}.clusterAffinities[${index}]`));
  });
  return causes;
}

function termProblems(term: ClusterAffinityTerm, placement: Placement, path: string): readonly StatusCause[] {
  const { overflowAffinities = [] } = term;
  const causes = [...namedProblems(term, path)];
  if (overflowAffinities.length === 0) return causes;
  const at = `${path}.overflowAffinities`;
  if (!dividesDynamically(placement))
    causes.push(
      invalidValue(
        at,
        overflowAffinities,
        "overflowAffinities can only be used together with dynamic weight or aggregated scheduling",
      ),
    );
  if (isEmptyAffinity(term))
    causes.push(
      invalidValue(
        at,
        overflowAffinities,
        "overflowAffinities can only be used together with the inline ClusterAffinity",
      ),
    );
  return [...causes, ...overflowAffinities.flatMap((overflow, index) => namedProblems(overflow, `${at}[${index}]`))];
}

const namedProblems = (term: NamedClusterAffinity, path: string): readonly StatusCause[] => [
  ...qualifiedNameProblems(term.affinityName).map((why) =>
    invalidValue(`${path}.affinityName`, term.affinityName, why),
  ),
  ...affinityProblems(term, path),
];

function dividesDynamically({ replicaScheduling }: Placement): boolean {
  if (replicaScheduling === undefined || replicaScheduling.replicaSchedulingType === "Duplicated") return false;
  if (replicaScheduling.replicaDivisionPreference === "Aggregated") return true;
  return replicaScheduling.weightPreference?.dynamicWeight !== undefined;
}

const isEmptyAffinity = (term: ClusterAffinityTerm): boolean =>
  term.labelSelector === undefined &&
  term.fieldSelector === undefined &&
  (term.clusterNames ?? []).length === 0 &&
  (term.exclude ?? []).length === 0;

function spreadProblems(constraints: readonly SpreadConstraint[], path: string): readonly StatusCause[] {
  const causes = constraints.flatMap((constraint, index) => oneSpreadProblems(constraint, `${path}[${index}]`));
  const fields = constraints.map((constraint) => constraint.spreadByField).filter((field) => field !== undefined);
  for (const field of new Set(fields.filter((name, index) => fields.indexOf(name) !== index)))
    causes.push(invalidValue(path, field, `multiple ${field} spread constraints are not allowed`));
  if (fields.length > 0 && !fields.includes("cluster"))
    causes.push(
      invalidValue(
        path,
        constraints,
        "the cluster spread constraint must be enabled in one of the constraints in case of SpreadByField is enabled",
      ),
    );
  return causes;
}

function oneSpreadProblems(constraint: SpreadConstraint, path: string): readonly StatusCause[] {
  const { spreadByField, spreadByLabel, minGroups = 0, maxGroups = 0 } = constraint;
  const causes: StatusCause[] = [];
  if (spreadByField !== undefined && spreadByLabel !== undefined && spreadByLabel !== "")
    causes.push(
      invalidValue(`${path}.spreadByLabel`, spreadByLabel, "spreadByLabel should not co-exist with spreadByField"),
    );
  if (minGroups < 0) causes.push(invalidValue(`${path}.minGroups`, minGroups, "minGroups lower than 0 is not allowed"));
  if (maxGroups < 0) causes.push(invalidValue(`${path}.maxGroups`, maxGroups, "maxGroups lower than 0 is not allowed"));
  if (maxGroups > 0 && maxGroups < minGroups)
    causes.push(invalidValue(`${path}.maxGroups`, maxGroups, "maxGroups lower than minGroups is not allowed"));
  return causes;
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function tolerationProblems(tolerations: readonly Toleration[], path: string): readonly StatusCause[] {
  return tolerations.flatMap((toleration, index) => oneTolerationProblems(toleration, `${path}[${index}]`));
}

function oneTolerationProblems(toleration: Toleration, path: string): readonly StatusCause[] {
  const { key = "", operator = "", value = "", effect = "", tolerationSeconds } = toleration;
  const causes = key === "" ? [] : qualifiedNameProblems(key).map((why) => invalidValue(`${path}.key`, key, why));
  if (key === "" && operator !== "Exists")
    causes.push(
      invalidValue(
        `${path}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  if (!["", "Equal", "Exists"].includes(operator))
    causes.push(unsupportedValue(`${path}.operator`, operator, ["Equal", "Exists"]));
  if (operator === "Exists" && value !== "")
    causes.push(invalidValue(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
  if (effect !== "" && !effects.includes(effect)) causes.push(unsupportedValue(`${path}.effect`, effect, effects));
  if (tolerationSeconds !== undefined && effect !== "NoExecute")
    causes.push(invalidValue(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  return causes;
}

function weightProblems(placement: Placement, path: string): readonly StatusCause[] {
  const weights = placement.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  return weights.flatMap((weight, index) => affinityProblems(weight.targetCluster, `${path}[${index}].targetCluster`));
}

function workloadAffinityProblems(affinity: Placement["workloadAffinity"], path: string): readonly StatusCause[] {
  if (affinity === undefined) return [];
  const together = textAt(affinity, ["affinity", "groupByLabelKey"]);
  const apart = textAt(affinity, ["antiAffinity", "groupByLabelKey"]);
  const keys = [
    ...("affinity" in affinity ? keyProblems(together, `${path}.affinity.groupByLabelKey`) : []),
    ...("antiAffinity" in affinity ? keyProblems(apart, `${path}.antiAffinity.groupByLabelKey`) : []),
  ];
  if (together === undefined || together !== apart) return keys;
  return [...keys, invalidValue(path, together, "affinity and antiAffinity must not use the same groupByLabelKey")];
}

const keyProblems = (key: string | undefined, path: string): readonly StatusCause[] =>
  key === undefined ? [requiredValue(path)] : qualifiedNameProblems(key).map((why) => invalidValue(path, key, why));
