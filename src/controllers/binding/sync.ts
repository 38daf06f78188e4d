import { clusterOfExecutionNamespace, executionNamespaceFor, label, resource } from "#api";
import type { Binding, TargetCluster, Work } from "#api/work";
import { errorText, TerminalError } from "#base";
import { isAlreadyExists, type Key, type KubeObject, keyFor, keyOf, objectKeyOf } from "#machinery";
import { again, done, type Outcome, stuck } from "#reconcile";
import type { BindingDeps } from "./deps.ts";
import { bindingIdOf, bindingIndex, orphansOf, planWork, targetsOf, type WorkPlan } from "./plan.ts";
import { letGo, removeWorks } from "./remove.ts";
import { completionsFor, workFor, workNameOf } from "./work.ts";

const evictionMs = 5000;

/** Keeps a binding's Works: one per target cluster, none elsewhere. */
export async function syncBinding(key: Key, deps: BindingDeps): Promise<Outcome> {
  const binding = deps.bindings.get(key);
  if (binding === undefined) return done();
  const existing = worksOf(binding, deps);
  if (binding.metadata.deletionTimestamp !== undefined) {
    await removeWorks(binding, existing, deps);
    await letGo(binding, deps);
    return done();
  }
  await removeWorks(binding, orphansOf(binding, existing), deps);
  if (isBeingPurged(binding, existing)) return again(evictionMs, "waiting for an evicted cluster to let go");
  const template = deps.templates.get(binding.spec.resource);
  if (template === undefined || bindingIdOf(binding) === undefined) return done();
  return ensureWorks(binding, template, deps);
}

/** Works in the cache, and those written so recently that the cache does not show them yet. */
function worksOf(binding: Binding, deps: BindingDeps): readonly Work[] {
  const id = bindingIdOf(binding);
  const cached = id === undefined ? [] : deps.works.byIndex(bindingIndex, id);
  const found = new Map(cached.map((work) => [keyOf(work), work]));
  for (const { name } of targetsOf(binding)) {
    const work = deps.freshWorks.get(workKeyIn(binding, name));
    if (work !== undefined && isFrom(work, id)) found.set(keyOf(work), work);
  }
  return [...found.values()];
}

const workKeyIn = (binding: Binding, cluster: string): Key =>
  keyFor({ namespace: executionNamespaceFor(cluster), name: workNameOf(binding) });

const isFrom = ({ metadata: { labels = {} } }: Work, id: string | undefined): boolean =>
  id !== undefined && (labels[label.bindingId] === id || labels[label.clusterBindingId] === id);

function isBeingPurged(binding: Binding, existing: readonly Work[]): boolean {
  const directly = (binding.spec.gracefulEvictionTasks ?? []).filter((task) => task.purgeMode === "Directly");
  const purged = new Set(directly.map((task) => task.fromCluster));
  return existing.some((work) => purged.has(clusterOfExecutionNamespace(work.metadata.namespace ?? "") ?? ""));
}

interface Written {
  readonly cluster: string;
  readonly changed: boolean;
  readonly error?: unknown;
}

async function ensureWorks(binding: Binding, template: KubeObject, deps: BindingDeps): Promise<Outcome> {
  const completions = completionsFor(binding, template);
  const results = await Promise.all(
    targetsOf(binding).map(async (target): Promise<Written> => {
      try {
        return { cluster: target.name, changed: await ensureWork(target, { binding, template, completions, deps }) };
      } catch (error) {
        return { cluster: target.name, changed: false, error };
      }
    }),
  );
  const failed = results.filter((result) => result.error !== undefined);
  report(binding, { results, failed }, deps);
  const unexpected = failed.find(({ error }) => !(error instanceof TerminalError));
  if (unexpected !== undefined) throw unexpected.error;
  const terminal = failed[0]?.error;
  return terminal instanceof TerminalError ? stuck(terminal.reason, terminal.hint) : done();
}

interface Ensuring {
  readonly binding: Binding;
  readonly template: KubeObject;
  readonly completions: ReadonlyMap<string, number>;
  readonly deps: BindingDeps;
}

async function ensureWork(target: TargetCluster, { binding, template, completions, deps }: Ensuring): Promise<boolean> {
  const cluster = deps.clusters.get(target.name);
  if (cluster === undefined) return false;
  const existing = deps.freshWorks.get(workKeyIn(binding, target.name));
  const wanted = workFor({
    binding,
    template,
    cluster,
    target,
    completions,
    clusterPolicies: deps.overrides.clusterScoped(),
    policies: deps.overrides.namespaced(template.metadata.namespace),
    hub: deps.hubUid,
    workId: existing?.metadata.labels?.[label.workId] ?? deps.newId(),
  });
  return writeWork(planWork(wanted, existing), wanted, deps);
}

async function writeWork(plan: WorkPlan, wanted: Work, deps: BindingDeps): Promise<boolean> {
  switch (plan.kind) {
    case "none":
      return false;
    case "blocked":
      throw new Error(plan.why);
    case "patch": {
      const target = { type: resource.works, key: objectKeyOf(wanted) };
      deps.freshWorks.wrote(await deps.hub.patch(target, { type: "merge", body: plan.patch }));
      return true;
    }
    case "create":
      try {
        deps.freshWorks.wrote(await deps.hub.create(resource.works, plan.work));
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        deps.freshWorks.wrote(await deps.hub.get(resource.works, objectKeyOf(wanted)));
        throw new Error("the Work has appeared meanwhile", { cause: error });
      }
      return true;
  }
}

function report(
  binding: Binding,
  { results, failed }: { readonly results: readonly Written[]; readonly failed: readonly Written[] },
  deps: BindingDeps,
): void {
  const { namespace, name } = binding.metadata;
  const text = `Sync work of ${binding.kind}(${namespace === undefined ? "" : `${namespace}/`}${name})`;
  const { uid, apiVersion, kind, ...reference } = binding.spec.resource;
  const template = { apiVersion, kind, metadata: { namespace: reference.namespace, name: reference.name, uid } };
  for (const about of [binding, template]) {
    for (const { error } of failed) {
      if (error instanceof TerminalError) deps.events.warning(about, error.reason, error.message);
      deps.events.warning(about, "SyncWorkFailed", `${text} failed: ${errorText(error)}`);
    }
    if (failed.length === 0 && results.some(({ changed }) => changed)) {
      deps.events.normal(about, "SyncWorkSucceed", `${text} successful.`);
    }
  }
}
