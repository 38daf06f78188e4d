import equal from "fast-deep-equal";
import { finalizer } from "#api";
import type { Cluster } from "#api/cluster";
import { findCondition, type Key, objectKeyOf, setCondition } from "#machinery";
import { collectionFailedCondition, type Member, type Observation, readyConditionFor, settleReady } from "#member";
import { again, done, type Outcome } from "#reconcile";
import { type ClusterHealthDeps, guarded, resources } from "./deps.ts";
import { enablementsCondition, enablementsOf } from "./enablements.ts";
import type { PodUses } from "./pods.ts";
import { nodeSummaryOf, resourceSummaryOf } from "./summary.ts";

type ClusterStatus = NonNullable<Cluster["status"]>;

/** What is remembered between two looks at a member. Lost with the process: the next observation then counts at once. */
export interface StatusMemory {
  readonly observations: Map<string, Observation>;
  readonly discoveredAtMs: Map<string, number>;
  podsOf(name: string): PodUses | undefined;
}

const startPollMs = 200;

/** Looks at one member and writes what it saw into the Cluster's status, if anything changed. */
export async function collectStatus(
  key: Key,
  deps: ClusterHealthDeps & { readonly memory: StatusMemory },
  signal: AbortSignal,
): Promise<Outcome> {
  const cluster = deps.clusters.get(key);
  if (cluster === undefined) {
    deps.memory.observations.delete(key);
    deps.memory.discoveredAtMs.delete(key);
    return done();
  }
  if (cluster.spec.syncMode === "Pull") return done(); // its agent reports
  if (!cluster.metadata.finalizers?.includes(finalizer.cluster)) return again(startPollMs, "no finalizer yet");
  const member = deps.members.get(key);
  const problem = deps.members.problemOf(key);
  if (member === undefined && problem === undefined) return again(startPollMs, "credentials not read yet");
  const observed =
    member === undefined || problem !== undefined
      ? collectionFailedCondition(problem ?? new Error("no connection"))
      : readyConditionFor(await member.probe(signal));
  const next = await statusAfter({ cluster, member, observed }, deps, signal);
  await writeStatus(deps, { name: key, next, signal });
  const complete = observed.status !== "True" || next.resourceSummary !== undefined;
  return again(complete ? deps.options.intervalMs : startPollMs, "next look");
}

async function statusAfter(
  seen: {
    readonly cluster: Cluster;
    readonly member: Member | undefined;
    readonly observed: ReturnType<typeof readyConditionFor>;
  },
  deps: ClusterHealthDeps & { readonly memory: StatusMemory },
  signal: AbortSignal,
): Promise<ClusterStatus> {
  const { cluster, member, observed } = seen;
  const { clock, memory, options } = deps;
  const name = cluster.metadata.name ?? "";
  const nowIso = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  const { observation, condition } = settleReady({
    current: cluster.status?.conditions,
    observed,
    earlier: memory.observations.get(name),
    nowMs: clock.monotonicMs(),
    thresholds: options.thresholds,
  });
  memory.observations.set(name, observation);
  const conditions =
    condition === undefined ? cluster.status?.conditions : setCondition(cluster.status?.conditions, condition, nowIso);
  const status: ClusterStatus = { ...cluster.status, conditions };
  const healthy = observed.status === "True" && findCondition(conditions, "Ready")?.status === "True";
  return healthy && member !== undefined
    ? { ...status, ...(await facts(member, status, { deps, nowIso, signal })) }
    : status;
}

/** Version, what is served, nodes and sums. What cannot be read keeps its last value. */
async function facts(
  member: Member,
  status: ClusterStatus,
  context: {
    readonly deps: ClusterHealthDeps & { readonly memory: StatusMemory };
    readonly nowIso: string;
    readonly signal: AbortSignal;
  },
): Promise<Partial<ClusterStatus>> {
  const { deps, nowIso, signal } = context;
  const version = await member.client.raw({ method: "GET", path: "/version" }, signal);
  const { gitVersion } = (version.status === 200 ? version.body : {}) as { readonly gitVersion?: string };
  const catalogue = await freshCatalogue(member, deps);
  const apiEnablements = catalogue === undefined ? (status.apiEnablements ?? []) : enablementsOf(catalogue);
  const nodes = member.informers.informerFor(resources.nodes);
  const pods = deps.memory.podsOf(member.name);
  return {
    ...(gitVersion === undefined ? {} : { kubernetesVersion: gitVersion }),
    apiEnablements,
    conditions: setCondition(status.conditions, enablementsCondition(catalogue, apiEnablements), nowIso),
    ...(nodes.synced ? { nodeSummary: nodeSummaryOf(nodes.list()) } : {}),
    ...(nodes.synced && pods?.synced === true
      ? { resourceSummary: resourceSummaryOf(nodes.list(), pods.values()) }
      : {}),
  };
}

async function freshCatalogue(
  member: Member,
  deps: ClusterHealthDeps & { readonly memory: StatusMemory },
): Promise<Member["catalogue"]> {
  const { clock, memory, options } = deps;
  const readAtMs = memory.discoveredAtMs.get(member.name) ?? Number.NEGATIVE_INFINITY;
  if (member.catalogue !== undefined && clock.monotonicMs() - readAtMs < options.discoveryMs) return member.catalogue;
  try {
    const catalogue = await member.refreshCatalogue();
    memory.discoveredAtMs.set(member.name, clock.monotonicMs());
    return catalogue;
  } catch {
    return member.catalogue; // the next look tries again; the condition says what is known
  }
}

/** Compares with the newest object: looking took time. */
async function writeStatus(
  deps: ClusterHealthDeps,
  write: { readonly name: string; readonly next: ClusterStatus; readonly signal: AbortSignal },
): Promise<void> {
  const cluster = deps.clusters.get(write.name);
  if (cluster === undefined) return;
  const changed = Object.entries(write.next).filter(
    ([field, value]) => !equal(value, (cluster.status as Readonly<Record<string, unknown>> | undefined)?.[field]),
  );
  if (changed.length === 0) return;
  const body = { ...guarded(cluster), status: Object.fromEntries(changed) };
  const target = { type: resources.clusters, key: objectKeyOf(cluster) };
  await deps.hub.patch(target, { type: "merge", body }, { subresource: "status" }, write.signal);
}
