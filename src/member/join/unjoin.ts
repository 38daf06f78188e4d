import { annotation, clusterNamespace, executionNamespaceFor } from "#api";
import type { Cluster } from "#api/cluster";
import type { Work } from "#api/work";
import { type Clock, TerminalError } from "#base";
import type { KubeClient } from "#client";
import {
  type GroupVersionResource,
  isNotFound,
  type KubeObject,
  keyOf,
  type ObjectKey,
  objectKeyOf,
  refText,
} from "#machinery";
import { ensureGone } from "./ensure.ts";
import { accountFor, impersonator, roleFor } from "./objects.ts";
import { clusterRoleBindings, clusterRoles, clusters, namespaces, secrets, serviceAccounts, works } from "./types.ts";

export interface UnjoinOptions {
  readonly hub: KubeClient;
  /** Without it nothing is cleaned up in the member. */
  readonly member?: KubeClient;
  readonly name: string;
  /** Default `karmada-cluster`. */
  readonly namespace?: string;
  /** Also deletes from the member what the hub propagated. Default: everything stays and is released. */
  readonly deleteResources?: boolean;
  /** When the wait is over, strips finalizers instead of failing. */
  readonly force?: boolean;
  /** Default 60 s. */
  readonly waitMs?: number;
}

export interface UnjoinPlan {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Objects in the member that are managed now, as `Deployment shop/cart`, and what becomes of them. */
  readonly objects: readonly { readonly object: string; readonly fate: "deleted" | "kept" }[];
  /** What is deleted in the member beside them: the hub's own account. */
  readonly cleanup: readonly CleanupStep[];
}

export interface CleanupStep {
  readonly type: GroupVersionResource;
  readonly key: ObjectKey;
  /** `ClusterRole karmada-controller-manager:karmada-east`. */
  readonly text: string;
}

const defaultWaitMs = 60_000;
const pollMs = 250;

/**
 * Reads what leaving would do and writes nothing.
 *
 * @throws TerminalError ClusterNotFound, ClusterIsPull.
 */
export async function planUnjoin(options: UnjoinOptions, signal?: AbortSignal): Promise<UnjoinPlan> {
  const { hub, name, member, namespace = clusterNamespace } = options;
  const cluster = await readCluster(hub, name, signal);
  if (cluster.spec.syncMode === "Pull") {
    throw new TerminalError("ClusterIsPull", `cluster ${name} is a Pull mode cluster`, {
      hint: `use: karmadactl unregister ${name}`,
    });
  }
  const inMember = await worksOf(hub, name, signal);
  const cleanup = member === undefined ? [] : await cleanupOf(member, { name, namespace }, signal);
  return { cluster, namespace, objects: inMember.flatMap((work) => fatesOf(work, options)), cleanup };
}

function fatesOf(work: Work, options: UnjoinOptions): UnjoinPlan["objects"] {
  const keep = options.deleteResources !== true || work.spec.preserveResourcesOnDeletion === true;
  return (work.spec.workload?.manifests ?? []).map((manifest) => ({
    object: refText(manifest),
    fate: keep ? "kept" : "deleted",
  }));
}

async function readCluster(hub: KubeClient, name: string, signal: AbortSignal | undefined): Promise<Cluster> {
  try {
    return await hub.get<Cluster>(clusters, { name }, signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new TerminalError("ClusterNotFound", `no cluster object ${name} found in karmada control Plane`, {
      hint: "see the registered ones: kubectl get clusters",
      cause: error,
    });
  }
}

async function worksOf(hub: KubeClient, name: string, signal: AbortSignal | undefined): Promise<readonly Work[]> {
  const found: Work[] = [];
  let next: string | undefined;
  do {
    const page = await hub.list<Work>(
      works,
      { namespace: executionNamespaceFor(name), limit: 500, ...(next === undefined ? {} : { continue: next }) },
      signal,
    );
    found.push(...page.items);
    next = page.metadata.continue === "" ? undefined : page.metadata.continue;
  } while (next !== undefined);
  return found;
}

/** The cluster namespace goes only when no other control plane keeps an account in it. */
async function cleanupOf(
  member: KubeClient,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  signal: AbortSignal | undefined,
): Promise<readonly CleanupStep[]> {
  const account = accountFor(name);
  const accounts = await member.list(serviceAccounts, { namespace }, signal);
  const others = accounts.items.filter(
    ({ metadata }) => !["default", impersonator, account].includes(metadata.name ?? ""),
  );
  const shared: readonly CleanupStep[] = [
    step(clusterRoleBindings, "ClusterRoleBinding", { name: roleFor(name) }),
    step(clusterRoles, "ClusterRole", { name: roleFor(name) }),
    step(secrets, "Secret", { namespace, name: account }),
    step(serviceAccounts, "ServiceAccount", { namespace, name: account }),
  ];
  if (others.length > 0) return shared;
  return [
    ...shared,
    step(clusterRoleBindings, "ClusterRoleBinding", { name: impersonator }),
    step(clusterRoles, "ClusterRole", { name: impersonator }),
    step(namespaces, "Namespace", { name: namespace }),
  ];
}

function step(type: GroupVersionResource, kind: string, key: ObjectKey): CleanupStep {
  const where = key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`;
  return { type, key, text: `${kind} ${where}` };
}

/**
 * Carries out a plan: says on the Cluster and on its Works that objects stay (unless they are to be deleted), deletes the
 * Cluster, waits until it is gone, and removes the hub's account from the member.
 *
 * @throws TerminalError UnjoinTimeout.
 */
export async function unjoinCluster(
  options: UnjoinOptions & { readonly clock: Clock },
  plan: UnjoinPlan,
  signal?: AbortSignal,
): Promise<void> {
  const { hub, name, member, clock } = options;
  if (options.deleteResources !== true) await keepResources(hub, name, signal);
  await ensureGone(hub, { type: clusters, key: { name } }, signal);
  const gone = await waitUntilGone({ hub, clock }, { name, waitMs: options.waitMs ?? defaultWaitMs }, signal);
  if (!gone && options.force !== true) throw await timeoutError(hub, name, signal);
  if (!gone) await stripFinalizers(hub, name, signal);
  for (const { type, key } of plan.cleanup) {
    if (member !== undefined) await ensureGone(member, { type, key }, signal);
  }
}

/** On the Cluster for whoever deletes its Works, and on the Works for those who look only there. */
async function keepResources(hub: KubeClient, name: string, signal: AbortSignal | undefined): Promise<void> {
  const marked = { metadata: { annotations: { [annotation.keepResources]: "true" } } };
  await hub.patch({ type: clusters, key: { name } }, { type: "merge", body: marked }, {}, signal);
  for (const work of await worksOf(hub, name, signal)) {
    if (work.spec.preserveResourcesOnDeletion === true) continue;
    const body = { spec: { preserveResourcesOnDeletion: true } };
    await patchIfThere(hub, { type: works, key: objectKeyOf(work) }, { body, signal });
  }
}

async function waitUntilGone(
  { hub, clock }: { readonly hub: KubeClient; readonly clock: Clock },
  { name, waitMs }: { readonly name: string; readonly waitMs: number },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const untilMs = clock.monotonicMs() + waitMs;
  while (await exists(hub, name, signal)) {
    if (clock.monotonicMs() >= untilMs) return false;
    await clock.sleep(pollMs, signal);
  }
  return true;
}

async function exists(hub: KubeClient, name: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await hub.get(clusters, { name }, signal);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function timeoutError(hub: KubeClient, name: string, signal: AbortSignal | undefined): Promise<TerminalError> {
  const left = await worksOf(hub, name, signal);
  const some = left.slice(0, 3).map(keyOf).join(", ");
  const why = left.length === 0 ? "" : `; ${left.length} Works are still being removed (${some})`;
  return new TerminalError("UnjoinTimeout", `cluster ${name} was not removed in time${why}`, {
    hint: "wait and run it again, or add --force: the member's objects then stay as they are, still labelled as managed",
  });
}

/** In this order: Works, their namespace, the Cluster. Members' objects are left as they are. */
async function stripFinalizers(hub: KubeClient, name: string, signal: AbortSignal | undefined): Promise<void> {
  const body = { metadata: { finalizers: null } };
  for (const work of await worksOf(hub, name, signal)) {
    await patchIfThere(hub, { type: works, key: objectKeyOf(work) }, { body, signal });
  }
  await patchIfThere(hub, { type: namespaces, key: { name: executionNamespaceFor(name) } }, { body, signal });
  await patchIfThere(hub, { type: clusters, key: { name } }, { body, signal });
}

async function patchIfThere(
  hub: KubeClient,
  target: { readonly type: GroupVersionResource; readonly key: ObjectKey },
  { body, signal }: { readonly body: object; readonly signal: AbortSignal | undefined },
): Promise<KubeObject | undefined> {
  try {
    return await hub.patch(target, { type: "merge", body }, {}, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
