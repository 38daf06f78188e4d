import { annotation, resource } from "#api";
import { type Claim, claimOf, type PropagationPolicy, policyIdOf } from "#api/policy";
import type { Binding, Work } from "#api/work";
import type { KubeClient } from "#client";
import { type GroupVersionResource, isNotFound, type KubeObject, type ObjectKey, objectKeyOf } from "#machinery";

/**
 * Whether members keep their objects when this binding's Works go. Read at deletion time, because each of policy, binding
 * and Work may say so and a flag may still be on its way from one to the next: any of them saying preserve wins.
 */
export async function preservesBinding(binding: Binding, hub: KubeClient, signal?: AbortSignal): Promise<boolean> {
  if (binding.spec.preserveResourcesOnDeletion === true) return true;
  const claim = claimOf(binding);
  const policy = claim === undefined ? undefined : await readPolicy(claim, hub, signal);
  if (policy?.spec.preserveResourcesOnDeletion === true) return true;
  // A policy that has gone has left its flag on the binding; a cache may not show it yet.
  const now = policy === undefined ? await readBinding(objectKeyOf(binding), hub, signal) : binding;
  if (now?.spec.preserveResourcesOnDeletion === true) return true;
  return anyReferrerPreserves(now ?? binding, hub, signal);
}

/** The same question for one Work that is being deleted, by whomever. */
export async function preservesWork(work: Work, hub: KubeClient, signal?: AbortSignal): Promise<boolean> {
  if (work.spec.preserveResourcesOnDeletion === true) return true;
  for (const manifest of work.spec.workload?.manifests ?? []) {
    const claim = claimOf(manifest);
    const policy = claim === undefined ? undefined : await readPolicy(claim, hub, signal);
    if (policy?.spec.preserveResourcesOnDeletion === true) return true;
  }
  const key = bindingKeyOf(work);
  const binding = key === undefined ? undefined : await readBinding(key, hub, signal);
  return binding !== undefined && preservesBinding(binding, hub, signal);
}

/** The binding that a Work, or the manifest in it, was rendered from. */
export function bindingKeyOf(object: Pick<KubeObject, "metadata">): ObjectKey | undefined {
  const { annotations = {} } = object.metadata;
  const name = annotations[annotation.bindingName];
  if (name !== undefined) return { namespace: annotations[annotation.bindingNamespace], name };
  const clusterName = annotations[annotation.clusterBindingName];
  return clusterName === undefined ? undefined : { name: clusterName };
}

/** A dependency is preserved as soon as one of those that need it is. */
async function anyReferrerPreserves(binding: Binding, hub: KubeClient, signal?: AbortSignal): Promise<boolean> {
  for (const { namespace, name } of binding.spec.requiredBy ?? []) {
    const referrer = await readBinding({ namespace, name }, hub, signal);
    if (referrer === undefined) continue;
    if (referrer.spec.preserveResourcesOnDeletion === true) return true;
    const claim = claimOf(referrer);
    const policy = claim === undefined ? undefined : await readPolicy(claim, hub, signal);
    if (policy?.spec.preserveResourcesOnDeletion === true) return true;
  }
  return false;
}

async function readPolicy(claim: Claim, hub: KubeClient, signal?: AbortSignal): Promise<PropagationPolicy | undefined> {
  const type = claim.namespace === undefined ? resource.clusterPropagationPolicies : resource.propagationPolicies;
  const policy = await readIfThere<PropagationPolicy>(type, claim, { hub, signal });
  return policy !== undefined && policyIdOf(policy) === claim.id ? policy : undefined;
}

function readBinding(key: ObjectKey, hub: KubeClient, signal?: AbortSignal): Promise<Binding | undefined> {
  const type = key.namespace === undefined ? resource.clusterResourceBindings : resource.resourceBindings;
  return readIfThere(type, key, { hub, signal });
}

async function readIfThere<T extends KubeObject>(
  type: GroupVersionResource,
  key: ObjectKey,
  { hub, signal }: { readonly hub: KubeClient; readonly signal?: AbortSignal },
): Promise<T | undefined> {
  try {
    return await hub.get<T>(type, { namespace: key.namespace, name: key.name }, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
