import { annotation, bindingNameFor, executionNamespaceFor, resource as kinds, label, workNameFor } from "#api";
import type { Cluster } from "#api/cluster";
import type { Adoption } from "#api/migration";
import type { PropagationPolicy } from "#api/policy";
import type { Binding, Work } from "#api/work";
import { type ApiResource, createClient } from "#client";
import { type GroupVersionResource, isNotFound, type KubeObject, type ObjectKey } from "#machinery";
import { failureText } from "../failure.ts";
import { type Hub, memberTransport } from "../hub.ts";
import type { Chain, KubeEvent, MemberLink } from "./chain.ts";

/** Reads the whole chain of one template. What is not there is undefined; what cannot be read in a member says why. */
export async function gatherChain(
  hub: Hub,
  template: KubeObject,
  resource: ApiResource,
  signal: AbortSignal,
): Promise<Chain> {
  const claim = claimOf(template);
  const namespaced = template.metadata.namespace !== undefined;
  const name = bindingNameFor({ kind: template.kind, name: template.metadata.name ?? "" });
  const [policy, binding] = await Promise.all([
    claim === undefined ? undefined : readPolicy(hub, claim, signal),
    readOptional<Binding>(
      hub,
      namespaced ? kinds.resourceBindings : kinds.clusterResourceBindings,
      { namespace: template.metadata.namespace, name },
      signal,
    ),
  ]);
  const works = await readWorks(hub, binding, signal);
  const clusters = clustersOf(binding, works);
  const members = await Promise.all(
    clusters.map((cluster) => readMember(hub, { cluster, template, resource, binding, works }, signal)),
  );
  const events = await readEvents(hub, [template, binding, ...members.map((member) => member.work)], signal);
  return { template, claim, policy, binding, members, events };
}

function claimOf(template: KubeObject): Chain["claim"] {
  const annotations = template.metadata.annotations ?? {};
  const name = annotations[annotation.policyName];
  if (name !== undefined)
    return { kind: "PropagationPolicy", namespace: annotations[annotation.policyNamespace] ?? "", name };
  const cluster = annotations[annotation.clusterPolicyName];
  return cluster === undefined ? undefined : { kind: "ClusterPropagationPolicy", name: cluster };
}

const readPolicy = (hub: Hub, claim: NonNullable<Chain["claim"]>, signal: AbortSignal) =>
  readOptional<PropagationPolicy>(
    hub,
    claim.kind === "PropagationPolicy" ? kinds.propagationPolicies : kinds.clusterPropagationPolicies,
    claim,
    signal,
  );

async function readOptional<T extends KubeObject>(
  hub: Hub,
  type: GroupVersionResource,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await hub.client.get<T>(type, key, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function readWorks(hub: Hub, binding: Binding | undefined, signal: AbortSignal): Promise<readonly Work[]> {
  const key = binding?.metadata.namespace === undefined ? label.clusterBindingId : label.bindingId;
  const id = binding?.metadata.labels?.[key];
  if (id === undefined) return [];
  return (await hub.client.list<Work>(kinds.works, { labelSelector: `${key}=${id}` }, signal)).items;
}

function clustersOf(binding: Binding | undefined, works: readonly Work[]): readonly string[] {
  const wanted = [binding?.spec.clusters, ...(binding?.spec.requiredBy ?? []).map((by) => by.clusters)];
  const names = wanted.flatMap((clusters) => (clusters ?? []).map((cluster) => cluster.name));
  const written = works.map((work) => (work.metadata.namespace ?? "").replace(/^karmada-es-/, ""));
  return [...new Set([...names, ...written])].sort();
}

async function readMember(
  hub: Hub,
  of: {
    readonly cluster: string;
    readonly template: KubeObject;
    readonly resource: ApiResource;
    readonly binding: Binding | undefined;
    readonly works: readonly Work[];
  },
  signal: AbortSignal,
): Promise<MemberLink> {
  const { cluster, template, resource, binding } = of;
  const { namespace: templateNamespace, name: templateName = "" } = template.metadata;
  const namespace = executionNamespaceFor(cluster);
  const name = workNameFor({ kind: template.kind, name: templateName, namespace: templateNamespace });
  const [clusterObject, work, adoption, live] = await Promise.all([
    readOptional<Cluster>(hub, kinds.clusters, { name: cluster }, signal),
    of.works.find((one) => one.metadata.namespace === namespace) ??
      readOptional<Work>(hub, kinds.works, { namespace, name }, signal),
    readOptional<Adoption>(hub, kinds.adoptions, { namespace, name }, signal),
    readLive(hub, cluster, { resource, template }, signal),
  ]);
  const aggregated = binding?.status?.aggregatedStatus?.find((item) => item.clusterName === cluster);
  return { cluster, clusterObject, work, adoption, aggregated, live };
}

async function readLive(
  hub: Hub,
  cluster: string,
  of: { readonly resource: ApiResource; readonly template: KubeObject },
  signal: AbortSignal,
): Promise<MemberLink["live"]> {
  const client = createClient({ name: cluster, transport: memberTransport(hub.transport, cluster) });
  const { namespace, name = "" } = of.template.metadata;
  try {
    return { kind: "present", object: await client.get(of.resource, { namespace, name }, signal) };
  } catch (error) {
    if (isNotFound(error)) return { kind: "absent" };
    return { kind: "unknown", why: failureText(error) };
  }
}

/** Events about any of these, oldest first. Those about cluster-scoped objects are kept in namespace default. */
export async function readEvents(
  hub: Hub,
  about: readonly (KubeObject | undefined)[],
  signal: AbortSignal,
): Promise<readonly KubeEvent[]> {
  const objects = about.filter((object) => object !== undefined);
  const lists = await Promise.all(
    objects.map((object) =>
      hub.client.list<KubeEvent>(
        kinds.events,
        {
          namespace: object.metadata.namespace ?? "default",
          fieldSelector: `involvedObject.kind=${object.kind},involvedObject.name=${object.metadata.name}`,
        },
        signal,
      ),
    ),
  );
  return lists.flatMap((list) => list.items).sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
}

export const timeOf = (event: KubeEvent): string =>
  event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";
