import type { ApiEnablement } from "#api/cluster";
import type { ApiCatalogue, ApiResource } from "#client";
import { parseGroupVersion } from "#machinery";

/**
 * What a member serves, without asking it: its reported API enablements, with short names, scope and categories
 * borrowed from the hub's own kinds. A kind that the hub does not know is left out; the caller then asks the member.
 * The first version of a group and resource is the best one: stable before beta before alpha, higher before lower.
 */
export function memberCatalogueFrom(enablements: readonly ApiEnablement[], hub: ApiCatalogue): ApiCatalogue {
  const known = new Map(hub.resources.map((resource) => [`${resource.resource}.${resource.group}`, resource]));
  const order = new Map([...known.keys()].map((key, index) => [key, index]));
  const resources = enablements.flatMap((enablement) => {
    const of = parseGroupVersion(enablement.groupVersion);
    return (enablement.resources ?? []).flatMap((served): readonly ApiResource[] => {
      const hubs = known.get(`${served.name}.${of.group}`);
      return hubs === undefined ? [] : [{ ...hubs, ...of, kind: served.kind, resource: served.name }];
    });
  });
  const rank = (resource: ApiResource): number => order.get(`${resource.resource}.${resource.group}`) ?? 0;
  resources.sort((a, b) => rank(a) - rank(b) || compareVersions(a.version, b.version));
  return { resources, partial: [] };
}

/** Kubernetes' order of versions, best first: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name. */
export function compareVersions(a: string, b: string): number {
  const left = versionRank(a);
  const right = versionRank(b);
  for (let at = 0; at < 3; at += 1) {
    const order = (right[at] ?? 0) - (left[at] ?? 0);
    if (order !== 0) return order;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function versionRank(version: string): readonly number[] {
  const parts = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (parts === null) return [0, 0, 0];
  const stage = parts[2] === undefined ? 3 : parts[2] === "beta" ? 2 : 1;
  return [stage, Number(parts[1]), Number(parts[3] ?? 0)];
}
