import type { ApiEnablement } from "#api/cluster";
import type { ApiCatalogue } from "#client";
import { type Condition, groupVersionText } from "#machinery";

/** What a member serves, as the Cluster object lists it: sorted by group-version and name, without subresources. */
export function enablementsOf(catalogue: ApiCatalogue): readonly ApiEnablement[] {
  const groups = new Map<string, { readonly name: string; readonly kind: string }[]>();
  for (const resource of catalogue.resources) {
    const groupVersion = groupVersionText(resource);
    const known = groups.get(groupVersion) ?? [];
    known.push({ name: resource.resource, kind: resource.kind });
    groups.set(groupVersion, known);
  }
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .map(([groupVersion, resources]) => ({
      groupVersion,
      resources: resources.toSorted((a, b) => compareText(a.name, b.name)),
    }));
}

/** By code units, as Go sorts. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function enablementsCondition(
  catalogue: ApiCatalogue | undefined,
  enablements: readonly ApiEnablement[],
): Omit<Condition, "lastTransitionTime"> {
  const type = "CompleteAPIEnablements";
  if (catalogue === undefined || enablements.length === 0) {
    return { type, status: "False", reason: "Empty", message: "collected empty APIEnablements from the cluster" };
  }
  if (catalogue.partial.length > 0) {
    const message = `might collect partial APIEnablements(${enablements.length}) from the cluster`;
    return { type, status: "False", reason: "Partial", message };
  }
  return { type, status: "True", reason: "Complete", message: "collected complete APIEnablements from the cluster" };
}
