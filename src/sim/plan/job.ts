import { isActive, isReady, type Job, type Pod, timeText, type WorkloadCondition } from "../kinds.ts";

export interface JobPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
  readonly status: NonNullable<Job["status"]>;
}

function isFinished(job: Job): boolean {
  return (job.status?.conditions ?? []).some(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
}

/** What a Job does next: as many Pods at a time as it may, until enough have succeeded. A finished Job is left alone. */
export function planJob(job: Job, pods: readonly Pod[], nowMs: number): JobPlan | undefined {
  if (isFinished(job) || job.metadata.deletionTimestamp !== undefined) return undefined;
  const active = pods.filter(isActive);
  const succeeded = pods.filter((pod) => pod.status?.phase === "Succeeded").length;
  const failed = pods.filter((pod) => pod.status?.phase === "Failed").length;
  const completions = job.spec.completions ?? 1;
  const isComplete = succeeded >= completions;
  const isSuspended = job.spec.suspend === true;
  const room = Math.min(job.spec.parallelism ?? 1, completions - succeeded) - active.length;
  const create = isComplete || isSuspended ? 0 : Math.max(0, room);
  const remove = isComplete || isSuspended ? active : [];
  const running = active.length + create - remove.length;
  const now = timeText(nowMs);
  const startTime = job.status?.startTime ?? (isSuspended ? undefined : now);
  const conditions = jobConditions(job, { isComplete, isSuspended, now });
  return {
    create,
    remove,
    status: {
      ...(conditions.length === 0 ? {} : { conditions }),
      ...(startTime === undefined ? {} : { startTime }),
      ...(isComplete ? { completionTime: now } : {}),
      ...jobCounts(pods, { running, succeeded, failed }),
    },
  };
}

/** How many Pods there are of each sort; none of a sort leaves its field out. */
function jobCounts(
  pods: readonly Pod[],
  counts: { readonly running: number; readonly succeeded: number; readonly failed: number },
): Partial<NonNullable<Job["status"]>> {
  const { running, succeeded, failed } = counts;
  return {
    ...(running === 0 ? {} : { active: running }),
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed === 0 ? {} : { failed }),
    ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined).length,
    uncountedTerminatedPods: {},
  };
}

function jobConditions(
  job: Job,
  {
    isComplete,
    isSuspended,
    now,
  }: { readonly isComplete: boolean; readonly isSuspended: boolean; readonly now: string },
): readonly WorkloadCondition[] {
  const present = job.status?.conditions ?? [];
  const made = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastProbeTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  const others = present.filter((condition) => condition.type !== "Suspended");
  if (isComplete) {
    const message = "Reached expected number of succeeded pods";
    return [
      ...others,
      made("SuccessCriteriaMet", "True", "CompletionsReached", message),
      made("Complete", "True", "CompletionsReached", message),
    ];
  }
  const suspended = present.find((condition) => condition.type === "Suspended");
  if (isSuspended === (suspended?.status === "True")) return present;
  return isSuspended
    ? [...others, made("Suspended", "True", "JobSuspended", "Job suspended")]
    : [...others, made("Suspended", "False", "JobResumed", "Job resumed")];
}
