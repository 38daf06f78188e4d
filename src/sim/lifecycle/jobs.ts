import { type Job, type Pod, types } from "../kinds.ts";
import { stableText } from "../names.ts";
import { planJob } from "../plan/job.ts";
import { controllerKeys, ownKey } from "./owners.ts";
import { namedPod } from "./replica-sets.ts";
import type { Controller, World } from "./world.ts";

/** Jobs: Pods until enough have succeeded. */
export function jobController(world: World): Controller {
  const jobs = world.view<Job>(types.jobs);
  const pods = world.view<Pod>(types.pods);

  return {
    name: "jobs",
    sources: [
      { type: types.jobs, keys: ownKey },
      { type: types.pods, keys: controllerKeys("Job") },
    ],
    reconcile: async (key) => {
      const job = jobs.get(key);
      if (job === undefined) return undefined;
      const plan = planJob(job, pods.ownedBy(job.metadata.uid), world.nowMs);
      if (plan === undefined) return undefined;
      for (let made = 0; made < plan.create; made++) await pods.create(namedPod(world, job, job.spec.template));
      for (const pod of plan.remove) await pods.remove(pod);
      if (stableText(plan.status) !== stableText(job.status)) await jobs.updateStatus({ ...job, status: plan.status });
      return undefined;
    },
  };
}
