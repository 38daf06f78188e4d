import { resource as kinds } from "#api";
import { type ApiCatalogue, type ApiResource, createClient, type KubeClient } from "#client";
import { isNotFound } from "#machinery";
import { CliError } from "../failure.ts";
import { findResource } from "../get/resources.ts";
import { type Hub, memberTransport } from "../hub.ts";
import type { CliIo } from "../io.ts";

export interface MemberFlags {
  readonly cluster: string;
  readonly clusterKubeconfig?: string;
  readonly clusterContext?: string;
}

/**
 * The member that a resource is read from: through the hub, or directly with a kubeconfig of its own.
 *
 * @throws CliError when the hub has no such cluster.
 */
export async function connectMember(hub: Hub, flags: MemberFlags, io: CliIo): Promise<KubeClient> {
  if (flags.clusterKubeconfig !== undefined) return directMember(flags.clusterKubeconfig, flags, io);
  try {
    await hub.client.get(kinds.clusters, { name: flags.cluster }, io.signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new CliError(`the hub has no cluster ${flags.cluster}`, {
      hint: `join it with: drover join ${flags.cluster} --cluster-kubeconfig FILE`,
      cause: error,
    });
  }
  return createClient({ name: flags.cluster, transport: memberTransport(hub.transport, flags.cluster) });
}

async function directMember(path: string, flags: MemberFlags, io: CliIo): Promise<KubeClient> {
  const [{ loadKubeconfig }, { httpTransport }] = await Promise.all([
    import("#client/kubeconfig"),
    import("#client/http"),
  ]);
  const context = flags.clusterContext ?? flags.cluster;
  const connection = await loadKubeconfig({ path, context, env: io.env });
  return createClient({ name: flags.cluster, transport: httpTransport(connection.http) });
}

/**
 * The kind a word names in the member, in a version that the hub serves too: the template must read the same in both.
 *
 * @throws CliError when the member or the hub does not have the kind.
 */
export function sharedResource(member: ApiCatalogue, hub: ApiCatalogue, word: string): ApiResource {
  const named = findResource(member, word);
  if (named === undefined) throw new CliError(`the member doesn't have a resource type ${JSON.stringify(word)}`);
  const versions = [named, ...member.resources.filter((served) => served !== named && sameKind(served, named))];
  const shared = versions.find((served) =>
    hub.resources.some((own) => sameKind(own, served) && own.version === served.version),
  );
  if (shared !== undefined) return shared;
  throw new CliError(`the hub does not serve ${named.resource}.${named.group || "core"} in a version of the member`, {
    hint: "for a custom resource, apply its CustomResourceDefinition to the hub first",
  });
}

const sameKind = (a: ApiResource, b: ApiResource): boolean => a.group === b.group && a.resource === b.resource;
