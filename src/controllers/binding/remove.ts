import { finalizer, resource } from "#api";
import type { Binding, Work } from "#api/work";
import { isNotFound, objectKeyOf } from "#machinery";
import { preservesBinding } from "#migration";
import type { BindingDeps } from "./deps.ts";

/**
 * Deletes Works. Whether members keep their objects is decided now, from the policy as it is now, and written on the Work
 * before it goes: a flag that was set a moment before the template was deleted must not be outrun by the deletion.
 */
export async function removeWorks(binding: Binding, works: readonly Work[], deps: BindingDeps): Promise<void> {
  const going = works.filter((work) => work.metadata.deletionTimestamp === undefined);
  if (going.length === 0) return;
  const preserve = await preservesBinding(binding, deps.hub);
  await Promise.all(going.map((work) => removeWork(work, preserve, deps)));
}

async function removeWork(work: Work, preserve: boolean, deps: BindingDeps): Promise<void> {
  const target = { type: resource.works, key: objectKeyOf(work) };
  try {
    if (preserve && work.spec.preserveResourcesOnDeletion !== true) {
      await deps.hub.patch(target, { type: "merge", body: { spec: { preserveResourcesOnDeletion: true } } });
    }
    await deps.hub.delete(target, { preconditions: { uid: work.metadata.uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Lets a deleted binding go. It does not wait for its Works: they carry what they need. */
export async function letGo(binding: Binding, deps: BindingDeps): Promise<void> {
  const own = binding.metadata.namespace === undefined ? finalizer.clusterBinding : finalizer.binding;
  if (binding.metadata.finalizers?.includes(own) !== true) return;
  const { resourceVersion } = binding.metadata;
  const finalizers = binding.metadata.finalizers.filter((name) => name !== own);
  const target = { type: deps.bindings.typeOf(binding.metadata.namespace), key: objectKeyOf(binding) };
  try {
    await deps.hub.patch(target, { type: "merge", body: { metadata: { finalizers, resourceVersion } } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
