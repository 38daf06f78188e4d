import { groupVersionText, parseGroupVersion } from "#machinery";
import type { ApiCatalogue, ApiRequest, ApiResource, ApiResponse } from "./contract.ts";
import { errorOfAnswer } from "./retry-after.ts";

type Raw = (request: ApiRequest, signal?: AbortSignal) => Promise<ApiResponse>;

const aggregated = ["v2", "v2beta1"].map(
  (version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
);
const acceptAggregated = [...aggregated, "application/json"].join(",");

interface AggregatedList {
  readonly kind: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly AggregatedResource[];
    }[];
  }[];
}

interface AggregatedResource {
  readonly resource: string;
  readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind?: string };
  readonly scope?: string;
  readonly singularResource?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}

interface LegacyRoot {
  readonly versions?: readonly string[];
  readonly groups?: readonly { readonly versions?: readonly { readonly groupVersion: string }[] }[];
}

interface LegacyResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly singularName?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs?: readonly string[];
}

/**
 * Reads what a server serves: two aggregated documents where it has them, one per group-version otherwise. Resources come
 * in the server's order of preference, so the first of a kind is the preferred version.
 *
 * @throws StatusError, TransportError when `/api` or `/apis` cannot be read at all.
 */
export async function readCatalogue(raw: Raw, signal?: AbortSignal): Promise<ApiCatalogue> {
  const parts = await Promise.all(["/api", "/apis"].map((root) => readRoot(raw, root, signal)));
  return {
    resources: parts.flatMap((part) => part.resources),
    partial: parts.flatMap((part) => part.partial),
  };
}

async function readRoot(raw: Raw, root: string, signal?: AbortSignal): Promise<ApiCatalogue> {
  const answer = await raw({ method: "GET", path: root, accept: acceptAggregated }, signal);
  if (answer.status !== 200) throw errorOfAnswer(answer.status, answer.headers, answer.body);
  const body = answer.body as AggregatedList | LegacyRoot;
  if ("kind" in body && body.kind === "APIGroupDiscoveryList") return catalogueOfAggregated(body);
  return readLegacy(raw, groupVersionsOf(body as LegacyRoot), signal);
}

function catalogueOfAggregated(list: AggregatedList): ApiCatalogue {
  const resources: ApiResource[] = [];
  const partial: string[] = [];
  for (const item of list.items ?? []) {
    const group = item.metadata?.name ?? "";
    for (const { version, freshness, resources: found = [] } of item.versions ?? []) {
      if (freshness === "Stale") partial.push(groupVersionText({ group, version }));
      for (const resource of found) resources.push(fromAggregated({ group, version }, resource));
    }
  }
  return { resources, partial };
}

function fromAggregated(
  { group, version }: { readonly group: string; readonly version: string },
  found: AggregatedResource,
): ApiResource {
  return {
    group,
    version,
    resource: found.resource,
    kind: found.responseKind?.kind ?? "",
    namespaced: found.scope === "Namespaced",
    singular: found.singularResource ?? "",
    shortNames: found.shortNames ?? [],
    categories: found.categories ?? [],
    verbs: found.verbs ?? [],
    subresources: (found.subresources ?? []).map((sub) => sub.subresource),
  };
}

function groupVersionsOf(root: LegacyRoot): readonly string[] {
  const core = root.versions ?? [];
  return [...core, ...(root.groups ?? []).flatMap((group) => (group.versions ?? []).map((at) => at.groupVersion))];
}

/** A document that cannot be read names its group-version in `partial`; the rest still counts. */
async function readLegacy(raw: Raw, groupVersions: readonly string[], signal?: AbortSignal): Promise<ApiCatalogue> {
  const read = await Promise.all(
    groupVersions.map(async (groupVersion) => {
      try {
        return { groupVersion, resources: await readLegacyResources(raw, groupVersion, signal) };
      } catch (error) {
        if (signal?.aborted === true) throw error;
        return { groupVersion, resources: undefined };
      }
    }),
  );
  return {
    resources: read.flatMap(({ groupVersion, resources }) => fromLegacy(groupVersion, resources ?? [])),
    partial: read.filter(({ resources }) => resources === undefined).map(({ groupVersion }) => groupVersion),
  };
}

async function readLegacyResources(
  raw: Raw,
  groupVersion: string,
  signal: AbortSignal | undefined,
): Promise<readonly LegacyResource[]> {
  const path = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  const answer = await raw({ method: "GET", path }, signal);
  if (answer.status !== 200) throw errorOfAnswer(answer.status, answer.headers, answer.body);
  return (answer.body as { readonly resources?: readonly LegacyResource[] }).resources ?? [];
}

function fromLegacy(groupVersion: string, found: readonly LegacyResource[]): readonly ApiResource[] {
  const whole = found.filter((resource) => !resource.name.includes("/"));
  return whole.map((resource) => ({
    ...parseGroupVersion(groupVersion),
    resource: resource.name,
    kind: resource.kind,
    namespaced: resource.namespaced,
    singular: resource.singularName ?? "",
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    verbs: resource.verbs ?? [],
    subresources: found
      .filter((other) => other.name.startsWith(`${resource.name}/`))
      .map((other) => other.name.slice(resource.name.length + 1)),
  }));
}
