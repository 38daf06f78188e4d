import {
  forbiddenField,
  invalidValue,
  labelValueProblems,
  qualifiedNameProblems,
  requiredValue,
  type StatusCause,
} from "#machinery";
import { listAt, objectAt, textAt } from "../table/reading.ts";

/** A map of labels: keys and values. */
export function labelCauses(labels: object, field: string): readonly StatusCause[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalidValue(field, key, problem)),
    ...labelValueProblems(String(value)).map((problem) => invalidValue(field, value, problem)),
  ]);
}

export function selectorCauses(selector: unknown, field: string): readonly StatusCause[] {
  return [
    ...labelCauses(objectAt(selector, "matchLabels"), `${field}.matchLabels`),
    ...listAt(selector, "matchExpressions").flatMap((expression, index) =>
      expressionCauses(expression, `${field}.matchExpressions[${index}]`),
    ),
  ];
}

function expressionCauses(expression: unknown, field: string): readonly StatusCause[] {
  const values = listAt(expression, "values");
  const key = textAt(expression, "key");
  const keys = qualifiedNameProblems(key).map((problem) => invalidValue(`${field}.key`, key, problem));
  switch (textAt(expression, "operator")) {
    case "In":
    case "NotIn":
      if (values.length > 0) return keys;
      return [requiredValue(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"), ...keys];
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return keys;
      return [
        forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        ...keys,
      ];
    default:
      return [
        invalidValue(`${field}.operator`, textAt(expression, "operator"), "not a valid selector operator"),
        ...keys,
      ];
  }
}

export const isEmptySelector = (selector: unknown): boolean =>
  Object.keys(objectAt(selector, "matchLabels")).length === 0 && listAt(selector, "matchExpressions").length === 0;
