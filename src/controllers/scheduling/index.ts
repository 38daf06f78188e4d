/**
 * Chooses the clusters of each binding. Reads bindings and Clusters; writes a binding's `spec.clusters`, the placement it
 * was judged by, its condition Scheduled, and events on binding and template.
 */

import equal from "fast-deep-equal";
import type { Cluster } from "#api/cluster";
import type { Binding } from "#api/work";
import type { Clock } from "#base";
import type { KubeClient } from "#client";
import type { Informer, ScopedInformers } from "#informer";
import { type Key, keyOf, objectKeyOf } from "#machinery";
import { again, done, type EventRecorder, type Outcome, type Runner, type RunnerOptions } from "#reconcile";
import { concernsBinding, isSchedulable, needsScheduling, schedule } from "#scheduler";
import { planSchedule, type SchedulePlan } from "./plan.ts";

export interface SchedulingDeps {
  readonly hub: KubeClient;
  readonly bindings: ScopedInformers<Binding>;
  readonly clusters: Informer<Cluster>;
  readonly events: EventRecorder;
  readonly clock: Clock;
  runner(options: RunnerOptions): Runner;
}

const unschedulableMs = 60_000;

export function startScheduling(deps: SchedulingDeps): readonly Runner[] {
  const queue = deps.runner({ name: "scheduling", concurrency: 64, reconcile: (key) => scheduleBinding(key, deps) });
  deps.bindings.subscribe({
    onAdd: (binding) => queue.enqueue(keyOf(binding)),
    onUpdate: (old, binding) => {
      if (isRelevant(old, binding)) queue.enqueue(keyOf(binding));
    },
  });
  deps.clusters.subscribe({
    onAdd: (cluster) => enqueueConcerned(cluster, undefined, { deps, queue }),
    onUpdate: (old, cluster) => {
      if (mattersToScheduling(old, cluster)) enqueueConcerned(cluster, old, { deps, queue });
    },
    onDelete: (last) => enqueueConcerned(last, undefined, { deps, queue }),
  });
  return [queue];
}

/** A claim that arrives makes a binding ours to schedule, which moves no generation. */
const isRelevant = (old: Binding, binding: Binding): boolean =>
  old.metadata.generation !== binding.metadata.generation || isSchedulable(old) !== isSchedulable(binding);

/** Also what a member serves and whether it is ready: a new member reaches waiting bindings without a detour. */
function mattersToScheduling(old: Cluster, cluster: Cluster): boolean {
  return (
    old.metadata.generation !== cluster.metadata.generation ||
    old.metadata.deletionTimestamp !== cluster.metadata.deletionTimestamp ||
    !equal(old.metadata.labels, cluster.metadata.labels) ||
    !equal(old.spec, cluster.spec) ||
    !equal(old.status?.apiEnablements, cluster.status?.apiEnablements)
  );
}

function enqueueConcerned(
  cluster: Cluster,
  before: Cluster | undefined,
  { deps, queue }: { readonly deps: SchedulingDeps; readonly queue: Runner },
): void {
  for (const binding of deps.bindings.list()) {
    if (concernsBinding(binding, cluster, before)) queue.enqueue(keyOf(binding));
  }
}

async function scheduleBinding(key: Key, deps: SchedulingDeps): Promise<Outcome> {
  const binding = deps.bindings.get(key);
  if (binding === undefined || binding.metadata.deletionTimestamp !== undefined || !isSchedulable(binding))
    return done();
  const clusters = deps.clusters.list();
  if (!needsScheduling(binding, clusters)) return done();
  const staying = clusters.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const isLeaving = (name: string): boolean => !staying.some(({ metadata }) => metadata.name === name);
  const nowIso = new Date(deps.clock.now()).toISOString();
  const plan = planSchedule(binding, schedule({ binding, clusters }), nowIso, isLeaving);
  await write(binding, plan, deps);
  return plan.retry ? again(unschedulableMs, "not enough capacity") : done();
}

async function write(binding: Binding, plan: SchedulePlan, deps: SchedulingDeps): Promise<void> {
  const target = { type: deps.bindings.typeOf(binding.metadata.namespace), key: objectKeyOf(binding) };
  // Both writes are judged on the version that was decided on: a newer one is decided upon again.
  let { resourceVersion } = binding.metadata;
  if (plan.patch !== undefined) {
    const metadata = { ...(plan.patch.metadata as object | undefined), resourceVersion };
    const written = await deps.hub.patch<Binding>(target, { type: "merge", body: { ...plan.patch, metadata } });
    deps.bindings.wrote(written);
    resourceVersion = written.metadata.resourceVersion;
  }
  if (plan.status !== undefined) {
    const body = { metadata: { resourceVersion }, status: plan.status };
    const written = await deps.hub.patch<Binding>(target, { type: "merge", body }, { subresource: "status" });
    deps.bindings.wrote(written);
  }
  if (plan.event !== undefined) report(binding, plan.event, deps.events);
}

function report(binding: Binding, event: NonNullable<SchedulePlan["event"]>, events: EventRecorder): void {
  const { apiVersion, kind, namespace, name, uid } = binding.spec.resource;
  for (const about of [binding, { apiVersion, kind, metadata: { namespace, name, uid } }]) {
    if (event.type === "normal") events.normal(about, "ScheduleBindingSucceed", event.message);
    else events.warning(about, "ScheduleBindingFailed", event.message);
  }
}
