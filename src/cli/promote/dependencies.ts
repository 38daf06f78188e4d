import type { ApiCatalogue, ApiResource, KubeClient } from "#client";
import { type DependencyReference, interpreterFor } from "#interpreter";
import { gvkOf, isNotFound, type KubeObject, parseGroupVersion } from "#machinery";

export interface Dependencies {
  /** Live objects of the member, each once, in the order they are referred to. */
  readonly found: readonly { readonly resource: ApiResource; readonly live: KubeObject }[];
  /** What is referred to but not there: `Secret shop/token`. */
  readonly missing: readonly string[];
}

/** What a member object needs beside itself, read from its own cluster and in the dependency's own namespace. */
export async function readDependencies(
  live: KubeObject,
  member: { readonly client: KubeClient; readonly catalogue: ApiCatalogue },
  signal: AbortSignal,
): Promise<Dependencies> {
  const references = interpreterFor(gvkOf(live)).dependenciesOf(live);
  const read = await Promise.all(references.map((reference) => readOne(reference, member, signal)));
  return {
    found: read.flatMap(({ resource, objects }) =>
      resource === undefined ? [] : objects.map((object) => ({ resource, live: object })),
    ),
    missing: references
      .filter((_reference, index) => read[index]?.objects.length === 0)
      .map((reference) => `${reference.kind} ${reference.namespace ?? ""}/${reference.name ?? "(selected by label)"}`),
  };
}

async function readOne(
  reference: DependencyReference,
  member: { readonly client: KubeClient; readonly catalogue: ApiCatalogue },
  signal: AbortSignal,
): Promise<{ readonly resource: ApiResource | undefined; readonly objects: readonly KubeObject[] }> {
  const { group, version } = parseGroupVersion(reference.apiVersion);
  const resource = member.catalogue.resources.find(
    (served) => served.group === group && served.version === version && served.kind === reference.kind,
  );
  if (resource === undefined) return { resource, objects: [] };
  const { namespace, name } = reference;
  if (name === undefined) {
    const labelSelector = Object.entries(reference.labelSelector?.matchLabels ?? {}).map((pair) => pair.join("="));
    const list = await member.client.list(resource, { namespace, labelSelector: labelSelector.join(",") }, signal);
    return { resource, objects: list.items };
  }
  try {
    return { resource, objects: [await member.client.get(resource, { namespace, name }, signal)] };
  } catch (error) {
    if (isNotFound(error)) return { resource, objects: [] };
    throw error;
  }
}
