import type { AggregatedStatusItem } from "#api/work";
import { encodeJson, fieldAt, type KubeObject, listAt, numberAt, textAt } from "#machinery";
import type { StatusMap } from "./contract.ts";
import { typeOf } from "./type-of.ts";

type Items = readonly AggregatedStatusItem[];
type Aggregate = (template: KubeObject, items: Items) => StatusMap;

interface Counters {
  /** Always written, zero included, as the kind's own API does. */
  readonly always: readonly string[];
  /** Written only where not zero. */
  readonly counted: readonly string[];
}

const reported = (items: Items): readonly AggregatedStatusItem[] => items.filter((item) => item.status !== undefined);

const sumOf = (items: Items, field: string): number =>
  items.reduce((sum, item) => sum + numberAt(item.status, [field]), 0);

function sums(items: Items, { always, counted }: Counters): Record<string, unknown> {
  const status: Record<string, unknown> = {};
  for (const field of always) status[field] = sumOf(items, field);
  for (const field of counted) {
    const sum = sumOf(items, field);
    if (sum !== 0) status[field] = sum;
  }
  return status;
}

/** True where every member has applied and observed the template as it is now. */
function isObservedEverywhere(template: KubeObject, items: Items): boolean {
  const generation = template.metadata.generation ?? 0;
  return items.every(
    ({ status }) =>
      status !== undefined &&
      numberAt(status, ["observedGeneration"]) >= numberAt(status, ["generation"]) &&
      numberAt(status, ["resourceTemplateGeneration"]) >= generation,
  );
}

const workload =
  (counters: Counters): Aggregate =>
  (template, items) => {
    const before = numberAt(template, ["status", "observedGeneration"]);
    const observed = isObservedEverywhere(template, items) ? (template.metadata.generation ?? 0) : before;
    return { ...(observed === 0 ? {} : { observedGeneration: observed }), ...sums(reported(items), counters) };
  };

function unique(entries: readonly unknown[]): readonly unknown[] {
  const byText = new Map(entries.map((entry) => [encodeJson(entry), entry]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

const loadBalancer: Aggregate = (_template, items) => {
  const ingress = unique(items.flatMap((item) => listAt(item.status, ["loadBalancer", "ingress"])));
  return { loadBalancer: ingress.length === 0 ? {} : { ingress } };
};

const hasCondition = (status: unknown, type: string): boolean =>
  listAt(status, ["conditions"]).some(
    (condition) => textAt(condition, ["type"]) === type && textAt(condition, ["status"]) === "True",
  );

const texts = (items: Items, field: string): readonly string[] =>
  items.flatMap((item) => textAt(item.status, [field]) ?? []).sort();

/** A finished Job keeps its status for good. Conditions take the time of the members' own, so no clock is read. */
const job: Aggregate = (template, items) => {
  const before = (template.status ?? {}) as StatusMap;
  if (hasCondition(before, "Complete") || hasCondition(before, "Failed")) return before;
  const all = reported(items);
  const failed = all.filter((item) => hasCondition(item.status, "Failed"));
  const completed = all.filter((item) => hasCondition(item.status, "Complete"));
  const starts = texts(all, "startTime");
  const ends = texts(all, "completionTime");
  const whole = all.length > 0 && all.length === items.length;
  const clusters = failed.map((item) => item.clusterName).join(",");
  return {
    ...sums(all, { always: [], counted: ["active", "succeeded", "failed"] }),
    ...(whole && starts.length === items.length ? { startTime: starts[0] } : {}),
    ...(whole && completed.length === items.length && ends.length > 0 ? { completionTime: ends.at(-1) } : {}),
    ...(failed.length > 0
      ? jobCondition("Failed", failed, {
          reason: "JobFailed",
          message: `Job executed failed in member clusters: ${clusters}`,
        })
      : whole && completed.length === items.length
        ? jobCondition("Complete", completed, { reason: "Completed", message: "Job completed" })
        : {}),
  };
};

function jobCondition(
  type: "Failed" | "Complete",
  items: Items,
  { reason, message }: { readonly reason: string; readonly message: string },
): StatusMap {
  const times = items
    .flatMap((item) => listAt(item.status, ["conditions"]))
    .filter((condition) => textAt(condition, ["type"]) === type)
    .flatMap((condition) => textAt(condition, ["lastTransitionTime"]) ?? [])
    .sort();
  const at = times.at(-1);
  const when = at === undefined ? {} : { lastProbeTime: at, lastTransitionTime: at };
  return { conditions: [{ type, status: "True", ...when, reason, message }] };
}

const cronJob: Aggregate = (_template, items) => {
  const active = items.flatMap((item) => listAt(item.status, ["active"]));
  const scheduled = texts(items, "lastScheduleTime").at(-1);
  const succeeded = texts(items, "lastSuccessfulTime").at(-1);
  return {
    ...(active.length === 0 ? {} : { active }),
    ...(scheduled === undefined ? {} : { lastScheduleTime: scheduled }),
    ...(succeeded === undefined ? {} : { lastSuccessfulTime: succeeded }),
  };
};

/** The first of `order` that any member reports. */
function worstPhase(items: Items, order: readonly string[]): string | undefined {
  const phases = new Set(items.map((item) => textAt(item.status, ["phase"]) ?? "Pending"));
  return order.find((phase) => phases.has(phase));
}

const phaseOf =
  (...order: readonly string[]): Aggregate =>
  (_template, items) => {
    const phase = worstPhase(items, order);
    return phase === undefined ? {} : { phase };
  };

const pod: Aggregate = (_template, items) => {
  const phase = worstPhase(items, ["Failed", "Pending", "Running", "Succeeded"]);
  const reduced = (list: string): readonly unknown[] =>
    items.flatMap((item) =>
      listAt(item.status, [list]).map((container) => ({
        ready: fieldAt(container, ["ready"]) === true,
        state: fieldAt(container, ["state"]) ?? {},
      })),
    );
  const lists = ["containerStatuses", "initContainerStatuses"].map((name) => [name, reduced(name)] as const);
  return {
    ...(phase === undefined ? {} : { phase }),
    ...Object.fromEntries(lists.filter(([, statuses]) => statuses.length > 0)),
  };
};

const claim: Aggregate = (_template, items) => {
  const phases = reported(items).flatMap((item) => textAt(item.status, ["phase"]) ?? []);
  if (phases.length === 0) return {};
  if (phases.includes("Lost")) return { phase: "Lost" };
  return { phase: phases.findLast((phase) => phase !== "Bound") ?? "Bound" };
};

const disruptionBudget: Aggregate = (_template, items) => {
  const disrupted = items.flatMap((item) =>
    Object.entries((fieldAt(item.status, ["disruptedPods"]) ?? {}) as StatusMap).map(
      ([name, at]) => [`${item.clusterName}/${name}`, at] as const,
    ),
  );
  return {
    ...sums(items, { always: ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"], counted: [] }),
    ...(disrupted.length === 0 ? {} : { disruptedPods: Object.fromEntries(disrupted) }),
  };
};

const rules: Readonly<Record<string, Aggregate>> = {
  "apps/v1/Deployment": workload({
    always: [],
    counted: ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"],
  }),
  "apps/v1/ReplicaSet": workload({
    always: ["replicas"],
    counted: ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
  }),
  "apps/v1/StatefulSet": workload({
    always: ["replicas", "availableReplicas"],
    counted: ["readyReplicas", "currentReplicas", "updatedReplicas"],
  }),
  "apps/v1/DaemonSet": workload({
    always: ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"],
    counted: ["updatedNumberScheduled", "numberAvailable", "numberUnavailable"],
  }),
  "v1/Service": loadBalancer,
  "networking.k8s.io/v1/Ingress": loadBalancer,
  "batch/v1/Job": job,
  "batch/v1/CronJob": cronJob,
  "v1/Pod": pod,
  "v1/PersistentVolume": phaseOf("Failed", "Pending", "Available", "Bound", "Released"),
  "v1/PersistentVolumeClaim": claim,
  "policy/v1/PodDisruptionBudget": disruptionBudget,
  "autoscaling/v2/HorizontalPodAutoscaler": (_template, items) =>
    sums(items, { always: ["desiredReplicas"], counted: ["currentReplicas"] }),
};

/** The template's own status out of its members'; undefined where this kind's status is left alone. */
export function aggregateStatus(template: KubeObject, items: Items): StatusMap | undefined {
  const type = typeOf(template);
  if (type === "v1/Service" && textAt(template, ["spec", "type"]) !== "LoadBalancer") return undefined;
  return rules[type]?.(template, items);
}
