import { apiResources } from "#api/resources";
import { type ApiResource, crdFor } from "#api/schema";
import type { ResourceDefinition } from "../kinds/definition.ts";
import { crdDefinitions } from "./definitions.ts";
import type { CustomResourceDefinition } from "./types.ts";

/** Karmada's and Drover's own kinds, served whether or not anybody creates a CustomResourceDefinition for them. */
export function ownDefinitions(): readonly ResourceDefinition[] {
  return apiResources.flatMap(definitionsOf);
}

function definitionsOf(resource: ApiResource): readonly ResourceDefinition[] {
  const definitions = crdDefinitions(crdFor(resource) as CustomResourceDefinition);
  return resource.kind === "Cluster" ? definitions.map(asAggregated) : definitions;
}

/** Clusters behave as Karmada's aggregated server has them: own words for missing values, PUT without a resourceVersion. */
function asAggregated(definition: ResourceDefinition): ResourceDefinition {
  const { columns } = definition;
  return {
    ...definition,
    unconditionalUpdate: true,
    cells: (object, nowMs) =>
      definition.cells(object, nowMs).map((cell, index) => clusterCell(columns[index]?.name ?? "", cell, object)),
  };
}

function clusterCell(column: string, cell: unknown, object: Readonly<Record<string, unknown>>): unknown {
  if (column === "ZONES") return zonesOf(object).join(",") || "<none>";
  if (cell !== null && cell !== "") return cell;
  return column === "READY" ? "Unknown" : columnsWithNone.has(column) ? "<none>" : "";
}

const columnsWithNone = new Set(["REGION", "PROVIDER", "API-ENDPOINT", "PROXY-URL"]);

function zonesOf(object: Readonly<Record<string, unknown>>): readonly string[] {
  const spec = object.spec as { readonly zones?: readonly string[] } | undefined;
  return spec?.zones ?? [];
}
