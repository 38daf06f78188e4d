import type { KubeObject } from "#machinery";
import { type Pod, type PodTemplate, type ReplicaSet, types } from "../kinds.ts";
import { generatedName, stableText } from "../names.ts";
import { planPods, podFrom, replicaSetStatus } from "../plan/pods.ts";
import { adoptOrphans, controllerKeys, ownKey } from "./owners.ts";
import type { Controller, World } from "./world.ts";

/** Replica sets: as many Pods as asked for. */
export function replicaSetController(world: World): Controller {
  const sets = world.view<ReplicaSet>(types.replicaSets);
  const pods = world.view<Pod>(types.pods);

  return {
    name: "replicasets",
    sources: [
      { type: types.replicaSets, keys: ownKey },
      { type: types.pods, keys: controllerKeys("ReplicaSet") },
    ],
    reconcile: async (key) => {
      const set = sets.get(key);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      await adoptOrphans(set, set.spec.selector, pods);
      const plan = planPods(set, pods.ownedBy(set.metadata.uid));
      for (let made = 0; made < plan.create; made++) await pods.create(namedPod(world, set, set.spec.template));
      for (const pod of plan.remove) await pods.remove(pod);
      const { status, waits } = replicaSetStatus(set, pods.ownedBy(set.metadata.uid), world.nowMs);
      if (stableText(status) !== stableText(set.status)) await sets.updateStatus({ ...set, status });
      return waits ? 1000 : undefined;
    },
  };
}

/** A Pod of a controller that does not number them. The name is drawn here, so that a seed decides it. */
export function namedPod(world: World, owner: KubeObject, template: PodTemplate): Pod {
  const pod = podFrom(owner, template);
  const name = generatedName(`${owner.metadata.name}-`, world.options.random);
  return { ...pod, metadata: { ...pod.metadata, name } };
}
