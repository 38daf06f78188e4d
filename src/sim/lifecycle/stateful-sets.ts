import { isAlreadyExists } from "#machinery";
import { type PersistentVolumeClaim, type Pod, type StatefulSet, types } from "../kinds.ts";
import { stableText } from "../names.ts";
import { type ControllerRevision, planStateful, revisionFor, statefulStatus } from "../plan/stateful.ts";
import { controllerKeys, ownKey } from "./owners.ts";
import type { View } from "./view.ts";
import type { Controller, World } from "./world.ts";

/** Stateful sets: numbered Pods with their own claims, one step at a time. */
export function statefulSetController(world: World): Controller {
  const sets = world.view<StatefulSet>(types.statefulSets);
  const pods = world.view<Pod>(types.pods);
  const claims = world.view<PersistentVolumeClaim>(types.claims);
  const revisions = world.view<ControllerRevision>(types.controllerRevisions);

  return {
    name: "statefulsets",
    sources: [
      { type: types.statefulSets, keys: ownKey },
      { type: types.pods, keys: controllerKeys("StatefulSet") },
    ],
    reconcile: async (key) => {
      const set = sets.get(key);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const update = await currentRevision(set, revisions);
      const plan = planStateful(set, pods.ownedBy(set.metadata.uid), update);
      for (const { pod, claims: wanted } of plan.create) {
        for (const claim of wanted) await createOnce(claims, claim);
        await pods.create(pod);
      }
      for (const pod of plan.remove) await pods.remove(pod);
      const status = statefulStatus(set, pods.ownedBy(set.metadata.uid), update);
      if (stableText(status) !== stableText(set.status)) await sets.updateStatus({ ...set, status });
      return undefined;
    },
  };
}

/** The revision of the owner's template, written down where it is new. */
export async function currentRevision(
  owner: StatefulSet | Parameters<typeof revisionFor>[0],
  revisions: View<ControllerRevision>,
): Promise<ControllerRevision> {
  const { revision, isNew } = revisionFor(owner, revisions.ownedBy(owner.metadata.uid));
  return isNew ? revisions.create(revision) : revision;
}

/** A claim outlives its Pod: the next Pod of that number finds it. */
async function createOnce(claims: View<PersistentVolumeClaim>, claim: PersistentVolumeClaim): Promise<void> {
  if (claims.get(`${claim.metadata.namespace}/${claim.metadata.name}`) !== undefined) return;
  try {
    await claims.create(claim);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
