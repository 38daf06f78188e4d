import { createHash } from "node:crypto";
import { encodeJson, groupVersionText, StatusError } from "#machinery";
import type { ResourceCatalogue, ResourceDefinition } from "../kinds/definition.ts";
import { type DiscoveryForm, discoveryForm } from "./accept.ts";
import { aggregatedResource, resourceList } from "./resources.ts";

/** Answers of `/api`, `/apis` and below, made from the catalogue and kept until it changes. */
export interface Discovery {
  /**
   * The answer to a GET of a discovery path; undefined for any other path and for groups that are not there.
   *
   * @throws StatusError 406 where only forms are accepted that are not known, 404 for an unknown version of a built-in group.
   */
  answer(path: string, headers: Readonly<Record<string, string | undefined>>): DiscoveryAnswer | undefined;
}

interface DiscoveryAnswer {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent with 304. */
  readonly object?: Readonly<Record<string, unknown>>;
}

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

interface Aggregated {
  readonly object: Readonly<Record<string, unknown>>;
  readonly etag: string;
}

export function createDiscovery(catalogue: ResourceCatalogue): Discovery {
  const made = new Map<string, Aggregated>();
  catalogue.onChange(() => made.clear());
  const aggregated = (scope: "core" | "named"): Aggregated => {
    const known = made.get(scope) ?? aggregate(catalogue, scope);
    made.set(scope, known);
    return known;
  };
  return {
    answer(path, headers) {
      const segments = path.split("/").filter((segment) => segment !== "");
      const documentOf = roots[segments[0] ?? ""];
      if (documentOf === undefined || segments.length > 3) return undefined;
      const form = discoveryForm(headers.accept);
      if (segments.length === 1 && form === "aggregated") {
        return aggregatedAnswer(aggregated(segments[0] === "api" ? "core" : "named"), headers["if-none-match"]);
      }
      return plainAnswer(documentOf(catalogue, segments), segments, form);
    },
  };
}

function plainAnswer(
  object: Document | undefined,
  segments: readonly string[],
  form: DiscoveryForm,
): DiscoveryAnswer | undefined {
  if (object === undefined) return undefined;
  if (form !== "plain") throw notAcceptable();
  return { status: 200, headers: segments.length === 1 ? { vary: "Accept" } : {}, object };
}

type Document = Readonly<Record<string, unknown>>;

const roots: Readonly<
  Record<string, (catalogue: ResourceCatalogue, segments: readonly string[]) => Document | undefined>
> = { api: coreDocument, apis: namedDocument };

function aggregatedAnswer({ object, etag }: Aggregated, known: string | undefined): DiscoveryAnswer {
  if (known === etag) return { status: 304, headers: { vary: "Accept", etag } };
  const headers = { "content-type": aggregatedType, "cache-control": "public", vary: "Accept", etag };
  return { status: 200, headers, object };
}

const notAcceptable = (): StatusError =>
  new StatusError(
    406,
    "NotAcceptable",
    "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
  );

const noSuchResource = (): StatusError =>
  new StatusError(404, "NotFound", "the server could not find the requested resource", {});

function coreDocument(catalogue: ResourceCatalogue, segments: readonly string[]): Document | undefined {
  const [, version] = segments;
  if (segments.length > 2) return undefined;
  if (version === undefined) {
    return { kind: "APIVersions", versions: catalogue.versions(""), serverAddressByClientCIDRs: [] };
  }
  return listOf(catalogue, "", version);
}

function namedDocument(catalogue: ResourceCatalogue, segments: readonly string[]): Document | undefined {
  const [, group, version] = segments;
  if (group === undefined) {
    const groups = groupsOf(catalogue).map((name) => groupFacts(catalogue, name));
    return { kind: "APIGroupList", apiVersion: "v1", groups };
  }
  if (catalogue.versions(group).length === 0) return undefined;
  if (version !== undefined) return listOf(catalogue, group, version);
  return { kind: "APIGroup", apiVersion: "v1", ...groupFacts(catalogue, group) };
}

function listOf(catalogue: ResourceCatalogue, group: string, version: string): Document | undefined {
  const served = definitionsOf(catalogue, group, version);
  if (served.length > 0) return resourceList(group, version, served);
  const builtin = catalogue.all().some((definition) => definition.group === group && definition.origin === "builtin");
  if (builtin) throw noSuchResource();
  return undefined;
}

const definitionsOf = (catalogue: ResourceCatalogue, group: string, version: string): readonly ResourceDefinition[] =>
  catalogue.all().filter((definition) => definition.group === group && definition.version === version);

/** Named groups in the order in which the catalogue has them. */
function groupsOf(catalogue: ResourceCatalogue): readonly string[] {
  return [...new Set(catalogue.all().map(({ group }) => group))].filter((group) => group !== "");
}

function groupFacts(catalogue: ResourceCatalogue, group: string): Readonly<Record<string, unknown>> {
  const versions = catalogue
    .versions(group)
    .map((version) => ({ groupVersion: groupVersionText({ group, version }), version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function aggregate(catalogue: ResourceCatalogue, scope: "core" | "named"): Aggregated {
  const groups = scope === "core" ? [""] : groupsOf(catalogue);
  const items = groups.map((group) => ({
    metadata: group === "" ? {} : { name: group },
    versions: catalogue.versions(group).map((version) => ({
      version,
      resources: definitionsOf(catalogue, group, version).map(aggregatedResource),
      freshness: "Current",
    })),
  }));
  const object = { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
  const digest = createHash("sha256").update(encodeJson(object)).digest("hex").toUpperCase();
  return { object, etag: `"${digest}"` };
}
