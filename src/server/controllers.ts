import { randomUUID } from "node:crypto";
import { resource } from "#api";
import type { Cluster } from "#api/cluster";
import type { Adoption } from "#api/migration";
import type { OverridePolicy, PropagationPolicy } from "#api/policy";
import type { Binding, Work } from "#api/work";
import type { Clock, Logger } from "#base";
import type { KubeClient } from "#client";
import { startBinding } from "#controllers/binding";
import { startBindingStatus } from "#controllers/binding-status";
import { startClusterHealth } from "#controllers/cluster-health";
import { startDependencies } from "#controllers/dependencies";
import { claimIndex, claimIndexValues, isTemplateKind, startDetector } from "#controllers/detector";
import { startNamespaceSync } from "#controllers/namespace-sync";
import { startScheduling } from "#controllers/scheduling";
import { startWorkStatus } from "#controllers/work-status";
import { startWorkSync } from "#controllers/work-sync";
import { FreshView, type Informer, type InformerFactory, KindInformers, ScopedInformers } from "#informer";
import { interpreterFor } from "#interpreter";
import { type GroupVersionResource, gvkOf, type KubeObject } from "#machinery";
import { type GuardMode, isServerOwned } from "#manifest";
import type { Members } from "#member";
import { createLedger } from "#migration";
import {
  createRunner,
  type EventRecorder,
  eventRecorder,
  type Runner,
  type RunnerMetrics,
  type RunnerOptions,
} from "#reconcile";
import type { Lifecycle } from "#runtime";

export interface ControllersDeps {
  readonly hub: KubeClient;
  readonly informers: InformerFactory;
  readonly members: Members;
  /** The stable UID of this hub, which member objects carry. */
  readonly hubUid: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly options?: ControllersOptions;
}

interface ControllersOptions {
  /** Default `refuse`. */
  readonly takeoverGuard?: GuardMode;
  /** Karmada's feature gate PropagationPolicyPreemption; default off. */
  readonly preemption?: boolean;
  readonly metrics?: RunnerMetrics;
}

export interface Controllers {
  /** Every queue, for readiness, metrics and graceful stops. */
  runners(): readonly Runner[];
  readonly templates: KindInformers;
}

/** How long a change of the served kinds is waited for to be complete: a batch of CRDs makes one discovery. */
const discoveryMs = 100;

/**
 * With more keys than this on the way to members, reporting goes on one at a time. The queues of members do not count: a
 * slow one must not hold up the reports of others.
 */
const busyKeys = 32;

/** Starts the line from template to member and back. Returns when the hub's objects have been read. */
export async function startControllers(deps: ControllersDeps): Promise<Controllers> {
  const { lifecycle, hub } = deps;
  const templates = await startTemplates(deps);
  const shared = sharedInformers(deps.informers);
  await shared.whenSynced(lifecycle.signal);
  await Promise.all(templates.open().map(({ informer }) => whenReadOrFailed(informer, deps)));
  const wiring = {
    hub,
    hubUid: deps.hubUid,
    templates,
    ...shared,
    members: deps.members,
    clock: deps.clock,
    logger: deps.logger,
    events: recorder(deps, "drover"),
    runner: (options: RunnerOptions) => createRunner({ ...options, ...runnerDeps(deps) }),
    newId: () => randomUUID(),
  };
  const leading = [
    ...startDetector({
      ...wiring,
      replicasOf: (template: KubeObject) => interpreterFor(gvkOf(template)).replicasOf(template) ?? {},
      isServerOwned: isServerOwnedObject,
      preemption: deps.options?.preemption ?? false,
    }),
    ...startScheduling(wiring),
    ...startBinding(wiring),
  ];
  const yields = (): boolean => leading.some(({ depth }) => depth > busyKeys);
  const trailing = { ...wiring, runner: (options: RunnerOptions) => wiring.runner({ ...options, yields }) };
  const fixed = [
    ...startClusterHealth({ ...wiring, informers: deps.informers, lifecycle }),
    ...startNamespaceSync({ ...wiring, informers: deps.informers }),
    ...leading,
    ...startBindingStatus(trailing),
    ...startDependencies(wiring),
  ];
  const ledger = createLedger(hub, shared.adoptions);
  const workSync = startWorkSync({ ...wiring, ledger, guard: deps.options?.takeoverGuard ?? "refuse" });
  const workStatus = startWorkStatus(trailing);
  return { templates, runners: () => [...fixed, ...workSync.runners(), ...workStatus.runners()] };
}

const isServerOwnedObject = (object: KubeObject): boolean =>
  isServerOwned(gvkOf(object), object.metadata.namespace, object.metadata.name ?? "");

function runnerDeps(deps: ControllersDeps) {
  const { clock, logger, lifecycle, options } = deps;
  return { clock, logger, lifecycle, ...(options?.metrics === undefined ? {} : { metrics: options.metrics }) };
}

const recorder = ({ hub, clock, lifecycle }: ControllersDeps, component: string): EventRecorder =>
  eventRecorder({ client: hub, component, clock, lifecycle });

/** One informer and one view of it for each resource, shared by all controllers: a write by one is fresh for all. */
function sharedInformers(informers: InformerFactory) {
  const scoped = <T extends KubeObject>(namespaced: GroupVersionResource, clusterScoped: GroupVersionResource) =>
    new ScopedInformers<T>(informers.informerFor<T>(namespaced), informers.informerFor<T>(clusterScoped));
  const works = informers.informerFor<Work>(resource.works);
  const adoptions = informers.informerFor<Adoption>(resource.adoptions);
  const clusters = informers.informerFor<Cluster>(resource.clusters);
  const policies = scoped<PropagationPolicy>(resource.propagationPolicies, resource.clusterPropagationPolicies);
  const overrides = scoped<OverridePolicy>(resource.overridePolicies, resource.clusterOverridePolicies);
  const bindings = scoped<Binding>(resource.resourceBindings, resource.clusterResourceBindings);
  bindings.addIndex(claimIndex, claimIndexValues);
  return {
    policies,
    overrides,
    bindings,
    works,
    clusters,
    freshWorks: new FreshView(works),
    adoptions: new FreshView(adoptions),
    whenSynced: async (signal: AbortSignal) => {
      await Promise.all(
        [works, adoptions, clusters, policies, overrides, bindings].map((one) => one.whenSynced(signal)),
      );
    },
  };
}

/** Template kinds follow discovery, which is read again when CustomResourceDefinitions change. */
async function startTemplates(deps: ControllersDeps): Promise<KindInformers> {
  const { hub, informers, lifecycle, clock, logger } = deps;
  const definitions = informers.informerFor(resource.customResourceDefinitions);
  const templates = new KindInformers(informers, {
    include: isTemplateKind,
    indexes: { [claimIndex]: claimIndexValues },
  });
  await definitions.whenSynced(lifecycle.signal);
  templates.refresh(await hub.discover(lifecycle.signal));
  let cancel: (() => void) | undefined;
  const refresh = async (): Promise<void> => {
    try {
      templates.refresh(await hub.discover(lifecycle.signal));
    } catch (error) {
      if (lifecycle.signal.aborted) return;
      logger.warn("discovery failed", { cluster: hub.name, error });
      schedule(10 * discoveryMs);
    }
  };
  const schedule = (afterMs: number): void => {
    cancel?.();
    cancel = clock.after(afterMs, () => void refresh());
  };
  definitions.subscribe({
    onAdd: (_definition, initial) => {
      if (!initial) schedule(discoveryMs);
    },
    onUpdate: (old, definition) => {
      if (old.spec !== definition.spec || old.status !== definition.status) schedule(discoveryMs);
    },
    onDelete: () => schedule(discoveryMs),
  });
  lifecycle.onStop(() => cancel?.());
  return templates;
}

/** A kind that cannot be read, as that of an aggregated API that is down, must not hold up the others. */
async function whenReadOrFailed(informer: Informer, { clock, lifecycle }: ControllersDeps): Promise<void> {
  const synced = informer.whenSynced(lifecycle.signal);
  await Promise.race([synced, clock.sleep(5000, lifecycle.signal)]);
}
