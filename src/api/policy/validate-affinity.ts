import {
  invalidValue,
  labelValueProblems,
  qualifiedNameProblems,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import type { ClusterAffinity, FieldSelector, LabelSelector } from "./types.ts";

/** Violations of the selectors of a cluster affinity. */
export function affinityProblems(affinity: ClusterAffinity | undefined, path: string): readonly StatusCause[] {
  if (affinity === undefined) return [];
  return [
    ...labelSelectorProblems(affinity.labelSelector, `${path}.labelSelector`),
    ...fieldSelectorProblems(affinity.fieldSelector, `${path}.fieldSelector`),
  ];
}

function fieldSelectorProblems(selector: FieldSelector | undefined, path: string): readonly StatusCause[] {
  return (selector?.matchExpressions ?? []).flatMap(({ key, operator, values }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const causes: StatusCause[] = [];
    if (!["provider", "region", "zone"].includes(key))
      causes.push(
        invalidValue(`${at}.key`, key, `unsupported key ${JSON.stringify(key)}, must be provider, region, or zone`),
      );
    if (!["In", "NotIn"].includes(operator))
      causes.push(
        invalidValue(
          `${at}.operator`,
          operator,
          `unsupported operator ${JSON.stringify(operator)}, must be In or NotIn`,
        ),
      );
    if ((values ?? []).length === 0)
      causes.push(requiredValue(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    return causes;
  });
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist"];

/** Violations of a metav1.LabelSelector. */
export function labelSelectorProblems(selector: LabelSelector | undefined, path: string): readonly StatusCause[] {
  const labels = Object.entries(selector?.matchLabels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((why) => invalidValue(`${path}.matchLabels`, key, why)),
    ...labelValueProblems(value).map((why) => invalidValue(`${path}.matchLabels[${key}]`, value, why)),
  ]);
  const expressions = (selector?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const causes = qualifiedNameProblems(key).map((why) => invalidValue(`${at}.key`, key, why));
    if (!operators.includes(operator)) causes.push(unsupportedValue(`${at}.operator`, operator, operators));
    if (["In", "NotIn"].includes(operator) && values.length === 0)
      causes.push(requiredValue(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    if (["Exists", "DoesNotExist"].includes(operator) && values.length > 0)
      causes.push({
        reason: "FieldValueForbidden",
        message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        field: `${at}.values`,
      });
    return causes;
  });
  return [...labels, ...expressions];
}
