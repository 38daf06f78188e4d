import { type DaemonSet, type Node, type Pod, types } from "../kinds.ts";
import { generatedName, stableText } from "../names.ts";
import { daemonStatus, planDaemons } from "../plan/daemon.ts";
import type { ControllerRevision } from "../plan/stateful.ts";
import { controllerKeys, ownKey } from "./owners.ts";
import { currentRevision } from "./stateful-sets.ts";
import type { Controller, World } from "./world.ts";

/** Daemon sets: one Pod on every node that fits. */
export function daemonSetController(world: World): Controller {
  const sets = world.view<DaemonSet>(types.daemonSets);
  const pods = world.view<Pod>(types.pods);
  const nodes = world.view<Node>(types.nodes);
  const revisions = world.view<ControllerRevision>(types.controllerRevisions);

  return {
    name: "daemonsets",
    sources: [
      { type: types.daemonSets, keys: ownKey },
      { type: types.pods, keys: controllerKeys("DaemonSet") },
      { type: types.nodes, keys: () => sets.list().flatMap(ownKey) },
    ],
    reconcile: async (key) => {
      const set = sets.get(key);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const context = { nodes: nodes.list(), update: await currentRevision(set, revisions) };
      const plan = planDaemons(set, pods.ownedBy(set.metadata.uid), context);
      for (const pod of plan.create) {
        const name = generatedName(`${set.metadata.name}-`, world.options.random);
        await pods.create({ ...pod, metadata: { ...pod.metadata, name } });
      }
      for (const pod of plan.remove) await pods.remove(pod);
      const status = daemonStatus(set, pods.ownedBy(set.metadata.uid), context);
      if (stableText(status) !== stableText(set.status)) await sets.updateStatus({ ...set, status });
      return undefined;
    },
  };
}
