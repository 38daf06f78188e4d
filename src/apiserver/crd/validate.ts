import { isJsonObject } from "#base";
import {
  dns1035LabelProblems,
  dns1123SubdomainProblems,
  forbiddenField,
  invalidValue,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import { isEstablished } from "./names.ts";
import type { CrdVersion, CustomResourceDefinition } from "./types.ts";
import { columnProblems } from "./validate-columns.ts";
import { schemaProblems } from "./validate-schema.ts";

/** Violations of a CustomResourceDefinition, in the words of Kubernetes. `old` is there on an update. */
export function crdProblems(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly StatusCause[] {
  if (!isJsonObject(crd.spec)) return [requiredValue("spec")];
  return [
    ...identityProblems(crd, old === undefined),
    ...nameProblems(crd),
    ...versionsProblems(crd),
    ...conversionProblems(crd),
    ...storedProblems(crd),
    ...changeProblems(crd, old),
  ];
}

function identityProblems({ metadata, spec }: CustomResourceDefinition, creating: boolean): readonly StatusCause[] {
  const { group = "", names, scope } = spec;
  const causes: StatusCause[] = [];
  if (creating && metadata.name !== `${names?.plural ?? ""}.${group}`)
    causes.push(invalidValue("metadata.name", metadata.name, 'must be spec.names.plural+"."+spec.group'));
  if (group === "") causes.push(requiredValue("spec.group"));
  else {
    causes.push(...dns1123SubdomainProblems(group).map((why) => invalidValue("spec.group", group, why)));
    if (!group.includes(".") && dns1123SubdomainProblems(group).length === 0)
      causes.push(invalidValue("spec.group", group, "should be a domain with at least one dot"));
  }
  if (scope === undefined || scope === "") causes.push(requiredValue("spec.scope"));
  else if (scope !== "Cluster" && scope !== "Namespaced")
    causes.push(unsupportedValue("spec.scope", scope, ["Cluster", "Namespaced"]));
  if (spec.preserveUnknownFields === true)
    causes.push(
      invalidValue(
        "spec.preserveUnknownFields",
        true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      ),
    );
  return [...causes, ...approvalProblems(metadata.annotations ?? {}, group)];
}

const approval = "api-approved.kubernetes.io";

function approvalProblems(annotations: Readonly<Record<string, string>>, group: string): readonly StatusCause[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return [];
  const value = annotations[approval] ?? "";
  const field = `metadata.annotations[${approval}]`;
  const text = `protected groups must have approval annotation "${approval}"`;
  const link = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (value === "") return [requiredValue(field, `${text}, ${link}`)];
  if (value.startsWith("unapproved") || URL.canParse(value)) return [];
  return [invalidValue(field, value, `${text} with either a URL or a reason starting with "unapproved", ${link}`)];
}

function nameProblems({ spec }: CustomResourceDefinition): readonly StatusCause[] {
  const { plural = "", singular = "", kind = "", listKind = "", shortNames = [], categories = [] } = spec.names ?? {};
  const path = "spec.names";
  const cased = (name: string): readonly string[] =>
    dns1035LabelProblems(name.toLowerCase()).map((why) => `may have mixed case, but should otherwise match: ${why}`);
  const check = (
    field: string,
    value: string,
    problems: (name: string) => readonly string[],
  ): readonly StatusCause[] =>
    value === "" ? [requiredValue(field)] : problems(value).map((why) => invalidValue(field, value, why));
  const causes = [
    ...check(`${path}.plural`, plural, dns1035LabelProblems),
    ...check(`${path}.singular`, singular, dns1035LabelProblems),
    ...check(`${path}.kind`, kind, cased),
    ...check(`${path}.listKind`, listKind, cased),
    ...shortNames.flatMap((name, index) => check(`${path}.shortNames[${index}]`, name, dns1035LabelProblems)),
    ...categories.flatMap((name, index) => check(`${path}.categories[${index}]`, name, dns1035LabelProblems)),
  ];
  if (kind === "" || kind !== listKind) return causes;
  return [...causes, invalidValue(`${path}.listKind`, listKind, "kind and listKind may not be the same")];
}

function versionsProblems({ spec }: CustomResourceDefinition): readonly StatusCause[] {
  const versions = spec.versions ?? [];
  const causes: StatusCause[] = [];
  const complain = (why: string): number =>
    causes.push({
      reason: "FieldValueInvalid",
      message: `Invalid value: ${spec.versions === undefined ? "null" : JSON.stringify(versions.map(quotedVersion))}: ${why}`,
      field: "spec.versions",
    });
  if (versions.filter((version) => version.storage).length !== 1)
    complain("must have exactly one version marked as storage version");
  if (new Set(versions.map((version) => version.name)).size < versions.length)
    complain("must contain unique version names");
  return [
    ...causes,
    ...versions.flatMap((version, index) => versionProblems(version, `spec.versions[${index}]`, versions.length === 1)),
  ];
}

function versionProblems(version: CrdVersion, path: string, only: boolean): readonly StatusCause[] {
  const causes = dns1035LabelProblems(version.name).map((why) => invalidValue(`${path}.name`, version.name, why));
  if (version.deprecationWarning !== undefined && version.deprecated !== true)
    causes.push(
      invalidValue(`${path}.deprecationWarning`, version.deprecationWarning, "can only be set for deprecated versions"),
    );
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) return [...causes, requiredValue(`${path}.schema.openAPIV3Schema`)];
  // A single version's schema is told of as it was in the first version of this API, where the schema belonged to the kind.
  const told = only ? "spec.validation.openAPIV3Schema" : `${path}.schema.openAPIV3Schema`;
  return [
    ...causes,
    ...scaleProblems(version, only ? "spec" : path),
    ...columnProblems(version, only ? "spec" : path),
    ...schemaProblems(schema, told),
  ];
}

function scaleProblems(version: CrdVersion, path: string): readonly StatusCause[] {
  const scale = version.subresources?.scale;
  if (scale === undefined) return [];
  return [
    ...pathProblems(scale.specReplicasPath, "spec", `${path}.subresources.scale.specReplicasPath`),
    ...pathProblems(scale.statusReplicasPath, "status", `${path}.subresources.scale.statusReplicasPath`),
  ];
}

function pathProblems(path: string | undefined, under: string, field: string): readonly StatusCause[] {
  if (path === undefined || path === "") return [requiredValue(field)];
  if (!path.startsWith(".") || path.includes("["))
    return [invalidValue(field, path, "must be a simple json path starting with .")];
  return path.startsWith(`.${under}.`) ? [] : [invalidValue(field, path, `should be a json path under .${under}`)];
}

/** The internal form in which Kubernetes quotes a version. */
const quotedVersion = (version: CrdVersion): unknown => ({
  Name: version.name,
  Served: version.served,
  Storage: version.storage,
  Deprecated: version.deprecated ?? false,
  DeprecationWarning: version.deprecationWarning ?? null,
  Schema: null,
  Subresources: null,
  AdditionalPrinterColumns: null,
  SelectableFields: null,
});

function conversionProblems({ spec }: CustomResourceDefinition): readonly StatusCause[] {
  const { strategy, webhook } = spec.conversion ?? { strategy: "None" };
  const path = "spec.conversion";
  const hooks = [`${path}.conversionReviewVersions`, `${path}.webhookClientConfig`] as const;
  if (strategy === "None")
    return webhook === undefined
      ? []
      : hooks.map((field) => forbiddenField(field, "should not be set when strategy is not set to Webhook"));
  if (strategy !== "Webhook") return [unsupportedValue(`${path}.strategy`, strategy, ["None", "Webhook"])];
  return webhook === undefined
    ? [requiredValue(hooks[0]), requiredValue(hooks[1], "required when strategy is set to Webhook")]
    : [invalidValue(`${path}.strategy`, strategy, "webhook conversion is not supported by this server")];
}

function storedProblems({ spec, status }: CustomResourceDefinition): readonly StatusCause[] {
  const stored = status?.storedVersions ?? [];
  const versions = (spec.versions ?? []).map((version) => version.name);
  if (stored.length === 0)
    return [invalidValue("status.storedVersions", null, "must have at least one stored version")];
  return stored.flatMap((version, index) =>
    versions.includes(version)
      ? []
      : [
          invalidValue(
            `status.storedVersions[${index}]`,
            version,
            `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`,
          ),
        ],
  );
}

function changeProblems(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly StatusCause[] {
  if (old === undefined) return [];
  const fixed: readonly (readonly [string, string, string])[] = [
    ["spec.group", crd.spec.group, old.spec.group],
    ["spec.names.plural", crd.spec.names.plural, old.spec.names.plural],
    ...(isEstablished(old)
      ? ([
          ["spec.scope", crd.spec.scope, old.spec.scope],
          ["spec.names.kind", crd.spec.names.kind, old.spec.names.kind],
        ] as const)
      : []),
  ];
  return fixed.flatMap(([field, now, before]) =>
    now === before ? [] : [invalidValue(field, now, "field is immutable")],
  );
}
