import {
  forbiddenField,
  invalidValue,
  labelValueProblems,
  qualifiedNameProblems,
  requiredValue,
  type StatusCause,
} from "#machinery";
import type {
  FieldOverrider,
  FieldPatchOperation,
  LabelAnnotationOverrider,
  OverridePolicy,
  Overriders,
} from "./types.ts";
import { selectorProblems } from "./validate.ts";
import { affinityProblems } from "./validate-affinity.ts";

/** Violations of an override policy of either scope beyond its schema, in Karmada's words. */
export function overridePolicyProblems(policy: OverridePolicy): readonly StatusCause[] {
  const { spec } = policy;
  const rules = spec.overrideRules ?? [];
  const causes = [...selectorProblems(policy, spec.resourceSelectors, "spec.resourceSelectors")];
  if (rules.length > 0 && spec.targetCluster !== undefined)
    causes.push(
      invalidValue("spec.targetCluster", spec.targetCluster, "overrideRules and targetCluster can't co-exist"),
    );
  if (rules.length > 0 && hasOverriders(spec.overriders))
    causes.push(invalidValue("spec.overriders", spec.overriders, "overrideRules and overriders can't co-exist"));
  return [
    ...causes,
    ...affinityProblems(spec.targetCluster, "spec.targetCluster"),
    ...overriderProblems(spec.overriders, "spec.overriders"),
    ...rules.flatMap((rule, index) => [
      ...affinityProblems(rule.targetCluster, `spec.overrideRules[${index}].targetCluster`),
      ...overriderProblems(rule.overriders, `spec.overrideRules[${index}].overriders`),
    ]),
  ];
}

/** As Karmada counts: a fieldOverrider alone does not make the deprecated overriders non-empty. */
const hasOverriders = (overriders: Overriders | undefined): boolean =>
  Object.entries(overriders ?? {}).some(([name, list]) => name !== "fieldOverrider" && list.length > 0);

function overriderProblems(overriders: Overriders | undefined, path: string): readonly StatusCause[] {
  if (overriders === undefined) return [];
  const { imageOverrider = [], labelsOverrider = [], annotationsOverrider = [], fieldOverrider = [] } = overriders;
  return [
    ...imageOverrider.flatMap((image, index) =>
      image.predicate === undefined
        ? []
        : pointerProblems(image.predicate.path, `${path}.imageOverrider[${index}].predicate.path`),
    ),
    ...labelsOverrider.flatMap((labels, index) => mapProblems(labels, `${path}.labelsOverrider[${index}].value`, true)),
    ...annotationsOverrider.flatMap((map, index) =>
      mapProblems(map, `${path}.annotationsOverrider[${index}].value`, false),
    ),
    ...fieldOverrider.flatMap((field, index) => fieldOverriderProblems(field, `${path}.fieldOverrider[${index}]`)),
    ...(overriders.plaintext ?? []).flatMap((patch, index) =>
      pointerProblems(patch.path, `${path}.plaintext[${index}].path`),
    ),
  ];
}

function mapProblems(overrider: LabelAnnotationOverrider, path: string, labels: boolean): readonly StatusCause[] {
  return Object.entries(overrider.value).flatMap(([key, value]) => [
    ...qualifiedNameProblems(labels ? key : key.toLowerCase()).map((why) => invalidValue(path, key, why)),
    ...(labels ? labelValueProblems(value).map((why) => invalidValue(path, value, why)) : []),
  ]);
}

function pointerProblems(pointer: string, path: string): readonly StatusCause[] {
  const valid = pointer === "" || (pointer.startsWith("/") && !/~([^01]|$)/.test(pointer));
  return valid
    ? []
    : [invalidValue(path, pointer, 'must be a JSON pointer: begin with "/", with ~ and / written as ~0 and ~1')];
}

function fieldOverriderProblems(field: FieldOverrider, path: string): readonly StatusCause[] {
  const { json = [], yaml = [] } = field;
  const causes = [...pointerProblems(field.fieldPath, `${path}.fieldPath`)];
  if (json.length > 0 && yaml.length > 0)
    causes.push(invalidValue(path, field.fieldPath, "FieldOverrider has both YAML and JSON set. Only one is allowed"));
  if (json.length === 0 && yaml.length === 0)
    causes.push(invalidValue(path, field.fieldPath, "FieldOverrider must have either JSON or YAML set"));
  return [
    ...causes,
    ...json.flatMap((patch, index) => patchProblems(patch, `${path}.json[${index}]`)),
    ...yaml.flatMap((patch, index) => patchProblems(patch, `${path}.yaml[${index}]`)),
  ];
}

function patchProblems(patch: FieldPatchOperation, path: string): readonly StatusCause[] {
  const causes = [...pointerProblems(patch.subPath, `${path}.subPath`)];
  if (patch.operator === "remove" && patch.value !== undefined)
    causes.push(forbiddenField(`${path}.value`, "value is not allowed for remove operation"));
  if (patch.operator !== "remove" && patch.value === undefined)
    causes.push(requiredValue(`${path}.value`, "value is required for add or replace operation"));
  return causes;
}
