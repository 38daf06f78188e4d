/** Manifests of the scenarios, and what is looked at to say that an object or a Pod was not touched. */
import type { KubeClient } from "#client";
import {
  type Condition,
  encodeJson,
  type GroupVersionResource,
  isAlreadyExists,
  isNotFound,
  type KubeObject,
  objectKeyOf,
} from "#machinery";
import type { Sim } from "#sim";
import { until } from "./fleet.ts";

export { configMap, deployment, ourKeys, service } from "../e2e/objects.ts";

/** Any object as a test reads it. */
export type Loose = KubeObject & {
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
};

const plurals: Readonly<Record<string, string>> = {
  Ingress: "ingresses",
  PropagationPolicy: "propagationpolicies",
  ClusterPropagationPolicy: "clusterpropagationpolicies",
  OverridePolicy: "overridepolicies",
  ClusterOverridePolicy: "clusteroverridepolicies",
  NetworkPolicy: "networkpolicies",
};

function typeOf({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">): GroupVersionResource {
  const parts = apiVersion.split("/");
  const [group, version] = parts.length === 1 ? ["", apiVersion] : [parts[0] ?? "", parts[1] ?? ""];
  return { group, version, resource: plurals[kind] ?? `${kind.toLowerCase()}s` };
}

export const namespace = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

export interface Selector {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: object;
}

export const selectorOf = ({ apiVersion, kind, metadata }: KubeObject): Selector => ({
  apiVersion,
  kind,
  name: metadata.name ?? "",
});

/** A policy as the guide writes it: Overwrite, to member1. Without a namespace a ClusterPropagationPolicy. */
export function policy(
  at: { readonly name: string; readonly namespace?: string; readonly annotations?: Record<string, string> },
  resourceSelectors: readonly Selector[],
  more: Readonly<Record<string, unknown>> = {},
): KubeObject {
  const spec = { conflictResolution: "Overwrite", placement: placedIn("member1"), resourceSelectors, ...more };
  const kind = at.namespace === undefined ? "ClusterPropagationPolicy" : "PropagationPolicy";
  return { apiVersion: "policy.karmada.io/v1alpha1", kind, metadata: at, spec } as KubeObject;
}

export const placedIn = (...clusterNames: readonly string[]) => ({ clusterAffinity: { clusterNames } });

/** Creates, or merges into what is there, as `kubectl apply` would of objects from which nothing was taken. */
export async function apply(client: KubeClient, ...objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const type = typeOf(object);
    try {
      await client.create(type, object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await client.patch({ type, key: objectKeyOf(object) }, { type: "merge", body: object });
    }
  }
}

export async function read<T extends KubeObject = Loose>(client: KubeClient, of: KubeObject): Promise<T | undefined> {
  try {
    return await client.get<T>(typeOf(of), objectKeyOf(of));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** @throws where it is not there. */
export const mustRead = (client: KubeClient, of: KubeObject): Promise<Loose> =>
  client.get<Loose>(typeOf(of), objectKeyOf(of));

export const merge = (client: KubeClient, of: KubeObject, body: object): Promise<KubeObject> =>
  client.patch({ type: typeOf(of), key: objectKeyOf(of) }, { type: "merge", body });

export const remove = (client: KubeClient, of: KubeObject): Promise<KubeObject> =>
  client.delete({ type: typeOf(of), key: objectKeyOf(of) });

export type Binding = KubeObject & {
  readonly spec: {
    readonly clusters?: readonly { readonly name: string; readonly replicas?: number }[];
    readonly requiredBy?: readonly unknown[];
    readonly suspension?: unknown;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly aggregatedStatus?: readonly {
      readonly clusterName: string;
      readonly applied?: boolean;
      readonly appliedMessage?: string;
      readonly health?: string;
    }[];
  };
};

/** The binding of a template, by the name that Karmada gives it. */
export function bindingFor({ kind, metadata }: KubeObject): KubeObject {
  const scope = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  return {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: metadata.namespace === undefined ? "ClusterResourceBinding" : "ResourceBinding",
    metadata: { name: `${metadata.name}-${kind}`.toLowerCase(), ...scope },
  };
}

export const bindingOf = (hub: KubeClient, template: KubeObject): Promise<Binding | undefined> =>
  read<Binding>(hub, bindingFor(template));

export const conditionOf = (binding: Binding | undefined, type: string): Condition | undefined =>
  binding?.status?.conditions?.find((one) => one.type === type);

/** Waits until every template's binding has the condition FullyApplied with this status. */
export async function untilApplied(hub: KubeClient, templates: readonly KubeObject[], status = "True"): Promise<void> {
  for (const template of templates) {
    let last: Binding | undefined;
    const seen = () => `; last seen: ${last === undefined ? "no binding" : encodeJson(last.status ?? {})}`;
    const isSo = async () => {
      last = await bindingOf(hub, template);
      return conditionOf(last, "FullyApplied")?.status === status;
    };
    await until(`${template.kind} ${template.metadata.name} to be FullyApplied=${status}`, isSo, seen);
  }
}

/** Why a template is not applied, in the words of the first cluster that refuses it. */
export async function refusalOf(hub: KubeClient, template: KubeObject): Promise<string> {
  await untilApplied(hub, [template], "False");
  const refused = (await bindingOf(hub, template))?.status?.aggregatedStatus?.find(({ applied }) => applied !== true);
  return refused?.appliedMessage ?? "";
}

export const isManaged = (object: KubeObject | undefined): boolean =>
  object?.metadata.labels?.["karmada.io/managed"] === "true";

/** Waits until the member's object is managed, or is no longer. */
export async function untilManaged(member: Sim, of: KubeObject, managed = true): Promise<void> {
  const isSo = async () => {
    const object = await read(member.client, of);
    return object !== undefined && isManaged(object) === managed;
  };
  await until(`${of.kind} ${of.metadata.name} in ${member.name} to be ${managed ? "managed" : "unmanaged"}`, isSo);
}

export const untilGone = (client: KubeClient, of: KubeObject): Promise<void> =>
  until(`${of.kind} ${of.metadata.name} to be gone from ${client.name}`, async () => !(await read(client, of)));

/** All that a takeover must leave alone: UIDs and content, and the Pods with their containers. */
export async function lookAt(member: Sim, objects: readonly KubeObject[]): Promise<unknown> {
  await member.settled();
  const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace));
  const contents = await Promise.all(objects.map(async (object) => contentOf(await mustRead(member.client, object))));
  const pods = member.podLedger().filter((pod) => namespaces.has(pod.namespace));
  return { contents, pods };
}

function contentOf({ metadata, status: _status, ...content }: Loose): unknown {
  return { name: metadata.name, uid: metadata.uid, ...content };
}

/** How often a member was asked for this; without a resource, for any. */
export const countOf = (member: Sim, verb: string, resource?: string): number =>
  member
    .requests()
    .filter((one) => one.verb === verb && (resource === undefined || one.resource === resource))
    .reduce((sum, { count }) => sum + count, 0);

/** Every write that came over the network, as `patch deployments.apps`. */
export const writesTo = (member: Sim): Readonly<Record<string, number>> =>
  Object.fromEntries(
    member
      .requests()
      .filter(({ verb }) => ["create", "update", "patch", "delete", "deletecollection"].includes(verb))
      .map(({ verb, resource, count }) => [`${verb} ${resource}`, count]),
  );
