import { keyOf } from "#machinery";
import {
  conditionOf,
  controllerOf,
  controllerReference,
  type Deployment,
  type Pod,
  type ReplicaSet,
  types,
} from "../kinds.ts";
import { stableText } from "../names.ts";
import { deploymentStatus } from "../plan/deployment-status.ts";
import { currentReplicaSet, planReplicaSets, type ReplicaSetPlan, revisionAnnotation } from "../plan/replica-sets.ts";
import { adoptOrphans, controllerKeys, ownKey } from "./owners.ts";
import type { Controller, World } from "./world.ts";

/** Deployments: replica sets made, sized and forgotten as the template and the strategy ask. */
export function deploymentController(world: World): Controller {
  const deployments = world.view<Deployment>(types.deployments);
  const sets = world.view<ReplicaSet>(types.replicaSets);
  const pods = world.view<Pod>(types.pods);
  const livePods = (set: ReplicaSet): number =>
    pods.ownedBy(set.metadata.uid).filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")
      .length;

  async function apply(deployment: Deployment, plan: ReplicaSetPlan): Promise<Deployment> {
    if (plan.create !== undefined) {
      const ownerReferences = [controllerReference(deployment)];
      await sets.create({ ...plan.create, metadata: { ...plan.create.metadata, ownerReferences } });
    }
    for (const set of plan.update) await sets.update(set);
    for (const set of plan.remove) await sets.remove(set);
    if (plan.revision === undefined) return deployment;
    const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: plan.revision };
    return deployments.update({ ...deployment, metadata: { ...deployment.metadata, annotations } });
  }

  async function report(deployment: Deployment): Promise<void> {
    const owned = sets.ownedBy(deployment.metadata.uid);
    const current = currentReplicaSet(deployment, owned);
    const status = deploymentStatus(deployment, owned, { current, nowMs: world.nowMs });
    if (stableText(status) === stableText(deployment.status)) return;
    await deployments.updateStatus({ ...deployment, status });
  }

  return {
    name: "deployments",
    sources: [
      { type: types.deployments, keys: ownKey },
      { type: types.replicaSets, keys: controllerKeys("Deployment") },
      { type: types.pods, keys: (pod) => keysOfRecreating(pod, { deployments, sets }) },
    ],
    reconcile: async (key) => {
      const deployment = deployments.get(key);
      if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
      await adoptOrphans(deployment, deployment.spec.selector, sets);
      const plan = planReplicaSets(deployment, sets.ownedBy(deployment.metadata.uid), livePods);
      await report(await apply(deployment, plan));
      return nextDeadlineMs(deployments.get(key), world.nowMs);
    },
  };
}

/** A Pod that goes matters to a Deployment that waits for the last one before it starts the next. */
function keysOfRecreating(
  pod: { readonly metadata: Pod["metadata"] },
  {
    deployments,
    sets,
  }: {
    readonly deployments: { get(key: string): Deployment | undefined };
    readonly sets: { get(key: string): ReplicaSet | undefined };
  },
): readonly string[] {
  const owner = controllerOf(pod as Pod);
  if (owner?.kind !== "ReplicaSet") return [];
  const set = sets.get(`${pod.metadata.namespace}/${owner.name}`);
  const deploymentName = set === undefined ? undefined : controllerOf(set)?.name;
  if (deploymentName === undefined) return [];
  const deployment = deployments.get(`${pod.metadata.namespace}/${deploymentName}`);
  return deployment?.spec.strategy?.type === "Recreate" ? [keyOf(deployment)] : [];
}

/** When a rollout that is under way will have taken too long. */
function nextDeadlineMs(deployment: Deployment | undefined, nowMs: number): number | undefined {
  const progressing = conditionOf(deployment?.status?.conditions, "Progressing");
  const isUnderWay = progressing?.reason === "ReplicaSetUpdated" || progressing?.reason === "NewReplicaSetCreated";
  if (deployment === undefined || !isUnderWay || progressing?.lastUpdateTime === undefined) return undefined;
  const dueMs = Date.parse(progressing.lastUpdateTime) + (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
  return Math.max(1000, dueMs - nowMs);
}
