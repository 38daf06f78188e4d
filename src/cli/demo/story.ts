import { TerminalError } from "#base";
import type { KubeClient } from "#client";
import type { GroupVersionResource, KubeObject } from "#machinery";
import { parseGroupVersion } from "#machinery";
import { systemClock } from "#runtime";

/** Plural names of the kinds in the story. */
const plurals: Readonly<Record<string, string>> = {
  Ingress: "ingresses",
  NetworkPolicy: "networkpolicies",
  PropagationPolicy: "propagationpolicies",
};

export function typeOf(object: { readonly apiVersion: string; readonly kind: string }): GroupVersionResource {
  return { ...parseGroupVersion(object.apiVersion), resource: plurals[object.kind] ?? `${object.kind.toLowerCase()}s` };
}

/** Creates objects in order; the CRD and namespaces go first, so each must be there before the next. */
export async function createAll(client: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await client.create(typeOf(object), object);
}

export interface Selector {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
}

/** A policy as the batch-migration guide writes it. */
export const policy = (namespace: string, name: string, resourceSelectors: readonly Selector[]): KubeObject => ({
  apiVersion: "policy.karmada.io/v1alpha1",
  kind: "PropagationPolicy",
  metadata: { namespace, name },
  spec: {
    conflictResolution: "Overwrite",
    placement: { clusterAffinity: { clusterNames: ["member1"] } },
    resourceSelectors,
  },
});

export const policies: GroupVersionResource = {
  group: "policy.karmada.io",
  version: "v1alpha1",
  resource: "propagationpolicies",
};
const bindings: GroupVersionResource = {
  group: "work.karmada.io",
  version: "v1alpha2",
  resource: "resourcebindings",
};

export interface BindingView extends KubeObject {
  readonly spec: { readonly clusters?: readonly { readonly name: string }[] };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly aggregatedStatus?: readonly {
      readonly clusterName: string;
      readonly applied?: boolean;
      readonly appliedMessage?: string;
    }[];
  };
}

const isSettledBinding = (binding: BindingView): boolean => {
  const items = binding.status?.aggregatedStatus ?? [];
  const clusters = binding.spec.clusters ?? [];
  return (
    clusters.length > 0 &&
    items.length === clusters.length &&
    items.every((one) => one.applied === true || one.appliedMessage !== undefined)
  );
};

/** Waits until each named binding is applied or refused everywhere, and gives them back. */
export async function settled(
  hub: KubeClient,
  names: readonly { readonly namespace: string; readonly name: string }[],
): Promise<readonly BindingView[]> {
  const found: BindingView[] = [];
  await eventually(`${names.length} objects to be taken over or refused`, async () => {
    found.length = 0;
    for (const namespace of new Set(names.map((one) => one.namespace))) {
      const { items } = await hub.list<BindingView>(bindings, { namespace });
      found.push(
        ...items.filter((item) => names.some((one) => one.namespace === namespace && one.name === item.metadata.name)),
      );
    }
    return found.length === names.length && found.every(isSettledBinding);
  });
  return found;
}

/** Polls twenty times a second until it holds. */
export async function eventually(what: string, holds: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = systemClock.monotonicMs() + withinMs;
  while (!(await holds())) {
    if (systemClock.monotonicMs() > end) {
      throw new TerminalError("DemoStepFailed", `waited ${withinMs / 1000} s for ${what}`, {
        hint: "run `drover demo --keep` and look around",
      });
    }
    await systemClock.sleep(50);
  }
}
