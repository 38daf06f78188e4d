import { createHash } from "node:crypto";
import { groupVersionText } from "#machinery";
import type { OtherSubresource, ResourceDefinition } from "../kinds/definition.ts";

const subresourceVerbs = ["get", "patch", "update"];
const scaleKind = { group: "autoscaling", version: "v1", kind: "Scale" };

/** A resource's subresources: built-in ones by name, custom ones with status first. */
export function subresourcesOf(definition: ResourceDefinition): readonly OtherSubresource[] {
  const { group, version, kind, subresources } = definition;
  const own = { group, version, kind };
  const all = [
    ...(subresources.status ? [{ name: "status", verbs: subresourceVerbs, kind: own }] : []),
    ...(subresources.scale ? [{ name: "scale", verbs: subresourceVerbs, kind: scaleKind }] : []),
    ...(subresources.others ?? []),
  ];
  return definition.origin === "builtin" ? all.sort((a, b) => (a.name < b.name ? -1 : 1)) : all;
}

/** Stands for the group, version and kind that objects are stored as. */
function storageVersionHash(definition: ResourceDefinition): string {
  const { group, version } = definition.storage;
  const digest = createHash("sha256").update(`${group}/${version}/${definition.kind}`).digest();
  return digest.subarray(0, 8).toString("base64");
}

const some = <T>(name: string, list: readonly T[]): Readonly<Record<string, readonly T[]>> =>
  list.length === 0 ? {} : { [name]: list };

/** `/api/v1`, `/apis/apps/v1`. The core group's document has no apiVersion, in Kubernetes as here. */
export function resourceList(
  group: string,
  version: string,
  definitions: readonly ResourceDefinition[],
): Readonly<Record<string, unknown>> {
  return {
    kind: "APIResourceList",
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion: groupVersionText({ group, version }),
    resources: definitions.flatMap(listedResources),
  };
}

function listedResources(definition: ResourceDefinition): readonly unknown[] {
  const top = {
    name: definition.resource,
    singularName: definition.singular,
    namespaced: definition.namespaced,
    kind: definition.kind,
    verbs: definition.verbs,
    ...some("shortNames", definition.shortNames),
    ...some("categories", definition.categories),
    ...(definition.virtual === true ? {} : { storageVersionHash: storageVersionHash(definition) }),
  };
  const below = subresourcesOf(definition).map(({ name, verbs, kind }) => ({
    name: `${definition.resource}/${name}`,
    singularName: "",
    namespaced: definition.namespaced,
    ...(kind.group === definition.group && kind.version === definition.version
      ? {}
      : { group: kind.group, version: kind.version }),
    kind: kind.kind,
    verbs,
  }));
  return [top, ...below];
}

/** One resource of an aggregated document. Built-in kinds leave group and version of their own kind empty. */
export function aggregatedResource(definition: ResourceDefinition): Readonly<Record<string, unknown>> {
  const { group, version } = definition.origin === "builtin" ? { group: "", version: "" } : definition;
  const subresources = subresourcesOf(definition).map(({ name, verbs, kind }) => ({
    subresource: name,
    responseKind:
      kind.group === definition.group && kind.version === definition.version
        ? { group, version, kind: kind.kind }
        : kind,
    verbs,
  }));
  return {
    resource: definition.resource,
    responseKind: { group, version, kind: definition.kind },
    scope: definition.namespaced ? "Namespaced" : "Cluster",
    singularResource: definition.singular,
    verbs: definition.verbs,
    ...some("shortNames", definition.shortNames),
    ...some("categories", definition.categories),
    ...some("subresources", subresources),
  };
}
