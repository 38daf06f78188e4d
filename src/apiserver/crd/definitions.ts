import type { StructuralSchema } from "#api/schema";
import type { KubeObject } from "#machinery";
import { compareVersions } from "../catalogue/index.ts";
import type { ResourceDefinition, ScalePaths } from "../kinds/definition.ts";
import { kindSchemaFor } from "../schema/index.ts";
import { jsonPath } from "../table/index.ts";
import { tableFor } from "./cells.ts";
import type { CrdVersion, CustomResourceDefinition } from "./types.ts";

/** In the order in which discovery lists them for custom resources. */
const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"] as const;

const keepEverything: StructuralSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/**
 * What a CustomResourceDefinition makes the server serve: one definition for each served version, all over one storage.
 * Conversion is by apiVersion alone; fields that the stored version does not know are lost on the way into storage.
 */
export function crdDefinitions(crd: CustomResourceDefinition): readonly ResourceDefinition[] {
  const { versions } = crd.spec;
  const stored = versions.find((version) => version.storage) ?? versions[0];
  if (stored === undefined) return [];
  const conversion = versions.length > 1 ? converterInto(crd, stored) : {};
  return versions
    .filter((version) => version.served)
    .map((version) => ({
      ...namesOf(crd),
      ...versionOf(version),
      ...deprecationOf(crd, version),
      ...behaviour,
      storage: { group: crd.spec.group, resource: crd.spec.names.plural, version: stored.name },
      ...conversion,
    }));
}

const behaviour = {
  verbs,
  origin: "custom",
  createOnUpdate: false,
  unconditionalUpdate: false,
  generation: "spec",
  deleteReturnsObject: false,
} as const;

function namesOf({ spec }: CustomResourceDefinition) {
  const { names } = spec;
  return {
    group: spec.group,
    resource: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: spec.scope === "Namespaced",
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
  };
}

function versionOf(version: CrdVersion) {
  const { subresources } = version;
  const source = version.schema?.openAPIV3Schema ?? keepEverything;
  return {
    version: version.name,
    schema: kindSchemaFor(source),
    openApiSchema: source as Readonly<Record<string, unknown>>,
    subresources: { status: subresources?.status !== undefined, ...scaleOf(subresources?.scale) },
    selectableFields: selectableFieldsOf(version),
    ...tableFor(version.additionalPrinterColumns),
  };
}

function deprecationOf(crd: CustomResourceDefinition, version: CrdVersion): Pick<ResourceDefinition, "deprecation"> {
  if (version.deprecated !== true) return {};
  const { group, names, versions } = crd.spec;
  const better = versions
    .filter(({ name, served, deprecated }) => served && deprecated !== true && compareVersions(name, version.name) < 0)
    .map(({ name }) => name)
    .sort(compareVersions)[0];
  const advice = better === undefined ? "" : `; use ${group}/${better} ${names.kind}`;
  return { deprecation: version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated${advice}` };
}

const scaleOf = (scale: ScalePaths | undefined): { readonly scale?: ScalePaths } =>
  scale === undefined ? {} : { scale };

function selectableFieldsOf(version: CrdVersion): ResourceDefinition["selectableFields"] {
  const entries = (version.selectableFields ?? []).map(({ jsonPath: path }) => {
    const find = jsonPath(path);
    return [path.replace(/^\./, ""), (object: KubeObject) => String(find(object)[0] ?? "")] as const;
  });
  return Object.fromEntries(entries);
}

function converterInto(
  crd: CustomResourceDefinition,
  stored: CrdVersion,
): Pick<ResourceDefinition, "convert" | "storedSchema"> {
  const storedSchema = kindSchemaFor(stored.schema?.openAPIV3Schema ?? keepEverything);
  const storedApiVersion = `${crd.spec.group}/${stored.name}`;
  const convert = (object: KubeObject, toApiVersion: string): KubeObject => {
    if (object.apiVersion === toApiVersion) return object;
    const converted = { ...object, apiVersion: toApiVersion };
    return toApiVersion === storedApiVersion ? storedSchema.applyDefaults(storedSchema.prune(converted)) : converted;
  };
  return { convert, storedSchema };
}
