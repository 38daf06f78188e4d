import {
  dns1123SubdomainProblems,
  invalidValue,
  type KubeObject,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import { deepEqual } from "#machinery/patch";
import { at, listAt, objectAt, textAt } from "../table/reading.ts";

export function validateRole(object: KubeObject): readonly StatusCause[] {
  return listAt(object, "rules").flatMap((rule, index) => ruleCauses(rule, `rules[${index}]`, object.kind === "Role"));
}

function ruleCauses(rule: unknown, field: string, namespaced: boolean): readonly StatusCause[] {
  const has = (name: string): boolean => listAt(rule, name).length > 0;
  const verbs = has("verbs") ? [] : [requiredValue(`${field}.verbs`, "verbs must contain at least one value")];
  if (has("nonResourceURLs")) {
    const why = [
      ...(namespaced ? ["namespaced rules cannot apply to non-resource URLs"] : []),
      ...(has("apiGroups") || has("resources") || has("resourceNames")
        ? ["rules cannot apply to both regular resources and non-resource URLs"]
        : []),
    ];
    return [
      ...verbs,
      ...why.map((text) => invalidValue(`${field}.nonResourceURLs`, at(rule, "nonResourceURLs"), text)),
    ];
  }
  return [
    ...verbs,
    ...(has("apiGroups")
      ? []
      : [requiredValue(`${field}.apiGroups`, "resource rules must supply at least one api group")]),
    ...(has("resources")
      ? []
      : [requiredValue(`${field}.resources`, "resource rules must supply at least one resource")]),
  ];
}

const rbacGroup = "rbac.authorization.k8s.io";

export function validateBinding(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const role = objectAt(object, "roleRef");
  const kinds = object.kind === "RoleBinding" ? ["Role", "ClusterRole"] : ["ClusterRole"];
  const group = textAt(role, "apiGroup");
  const moved = old !== undefined && !deepEqual(role, objectAt(old, "roleRef"));
  const shown = { APIGroup: group, Kind: textAt(role, "kind"), Name: textAt(role, "name") };
  return [
    ...(group === rbacGroup ? [] : [unsupportedValue("roleRef.apiGroup", group, [rbacGroup])]),
    ...(kinds.includes(shown.Kind) ? [] : [unsupportedValue("roleRef.kind", shown.Kind, kinds)]),
    ...(shown.Name === "" ? [requiredValue("roleRef.name")] : []),
    ...listAt(object, "subjects").flatMap((subject, index) =>
      subjectCauses(subject, `subjects[${index}]`, object.kind === "RoleBinding"),
    ),
    ...(moved ? [invalidValue("roleRef", shown, "cannot change roleRef")] : []),
  ];
}

function subjectCauses(subject: unknown, field: string, namespaced: boolean): readonly StatusCause[] {
  const name = textAt(subject, "name");
  const missing = name === "" ? [requiredValue(`${field}.name`)] : [];
  const kind = textAt(subject, "kind");
  if (kind === "ServiceAccount") return [...missing, ...accountCauses(subject, field, namespaced)];
  if (kind !== "User" && kind !== "Group") {
    return [...missing, unsupportedValue(`${field}.kind`, kind, ["ServiceAccount", "User", "Group"])];
  }
  return [...missing, ...groupCauses(subject, field, rbacGroup)];
}

function accountCauses(subject: unknown, field: string, namespaced: boolean): readonly StatusCause[] {
  const name = textAt(subject, "name");
  const problems = name === "" ? [] : dns1123SubdomainProblems(name);
  return [
    ...problems.map((problem) => invalidValue(`${field}.name`, name, problem)),
    ...groupCauses(subject, field, ""),
    ...(namespaced || textAt(subject, "namespace") !== "" ? [] : [requiredValue(`${field}.namespace`)]),
  ];
}

function groupCauses(subject: unknown, field: string, group: string): readonly StatusCause[] {
  const given = textAt(subject, "apiGroup");
  return given === group ? [] : [unsupportedValue(`${field}.apiGroup`, given, [group])];
}
