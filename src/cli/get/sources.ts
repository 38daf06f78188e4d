import { resource as kinds } from "#api";
import type { Cluster } from "#api/cluster";
import { type ApiCatalogue, type ApiResource, type ApiTransport, createClient } from "#client";
import { CliError } from "../failure.ts";
import { type Hub, memberTransport } from "../hub.ts";
import { memberCatalogueFrom } from "./member-catalogue.ts";
import type { Scope } from "./options.ts";
import { requireResources } from "./resources.ts";

/** One API server that is asked: the hub or a member. */
export interface Source {
  readonly name: string;
  readonly member: boolean;
  readonly transport: ApiTransport;
  /** The kinds a word names there. */
  resources(word: string): Promise<readonly ApiResource[]>;
}

const hubSourceName = "Karmada";

/**
 * The servers a scope stands for: the hub first, then members by name.
 *
 * @throws CliError naming the clusters that do not exist.
 */
export async function sourcesFor(
  hub: Hub,
  scope: Scope,
  clusters: readonly string[],
  signal: AbortSignal,
): Promise<readonly Source[]> {
  const catalogue = once(() => hub.client.discover(signal));
  const own: readonly Source[] = scope === "members" ? [] : [hubSource(hub, catalogue)];
  if (scope === "karmada") return own;
  const all = (await hub.client.list<Cluster>(kinds.clusters, {}, signal)).items;
  const missing = clusters.filter((name) => !all.some((cluster) => cluster.metadata.name === name));
  if (missing.length > 0)
    throw new CliError(`clusters don't exist: ${missing.join(",")}`, { hint: "list them with: drover get clusters" });
  const members = all
    .filter((cluster) => clusters.length === 0 || clusters.includes(cluster.metadata.name ?? ""))
    .map((cluster) => memberSource(hub, cluster, catalogue, signal))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...own, ...members];
}

function hubSource(hub: Hub, catalogue: () => Promise<ApiCatalogue>): Source {
  return {
    name: hubSourceName,
    member: false,
    transport: hub.transport,
    resources: async (word) => requireResources(await catalogue(), word),
  };
}

/** Resolves kinds from what the cluster reported; only a kind unknown there costs a discovery of the member. */
function memberSource(
  hub: Hub,
  cluster: Cluster,
  hubCatalogue: () => Promise<ApiCatalogue>,
  signal: AbortSignal,
): Source {
  const name = cluster.metadata.name ?? "";
  const transport = memberTransport(hub.transport, name);
  const reported = once(async () => memberCatalogueFrom(cluster.status?.apiEnablements ?? [], await hubCatalogue()));
  const own = once(() => createClient({ name, transport }).discover(signal));
  return {
    name,
    member: true,
    transport,
    resources: async (word) => {
      try {
        return requireResources(await reported(), word);
      } catch {
        return requireResources(await own(), word);
      }
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
