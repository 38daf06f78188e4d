import { annotation, resource } from "#api";
import type { Cluster } from "#api/cluster";
import type { ManifestStatus, Work } from "#api/work";
import { errorText } from "#base";
import { isConditionTrue, isNotFound, type Key, type KubeObject, keyFor, keyOf, objectKeyOf } from "#machinery";
import { manifestStatusOf } from "#manifest";
import { again, done, type Outcome, stuck } from "#reconcile";
import { applyManifest, type ManifestResult, nowIso } from "./apply.ts";
import { applied, dispatching, statusPatch } from "./conditions.ts";
import type { WorkSyncDeps } from "./deps.ts";
import { letWorkGo } from "./letgo.ts";
import type { LiveObjects } from "./live.ts";

const notReadyMs = 30_000;
/** Only a safety net: the end of the first reading wakes every Work of the kind. */
const readingMs = 2000;

/** Brings one Work to its member, or takes it away again. */
export async function syncWork(
  key: Key,
  { cluster: name, deps, liveObjects }: Syncing,
  signal: AbortSignal,
): Promise<Outcome> {
  const work = deps.works.get(key);
  if (work === undefined) return done();
  const cluster = deps.clusters.get(name);
  const member = deps.members.get(name);
  const live = member === undefined ? undefined : liveObjects();
  const ready = isConditionTrue(cluster?.status?.conditions, "Ready");
  const reach = ready && member !== undefined && live !== undefined ? { member, live } : undefined;
  if (work.metadata.deletionTimestamp !== undefined) {
    if (reach === undefined && !isLeaving(cluster)) return again(notReadyMs, `cluster(${name}) not ready`);
    return letWorkGo({ work, deps, reach, signal });
  }
  const suspended = work.spec.suspendDispatching === true;
  if (suspended || reach === undefined) {
    await writeStatus(work, { conditions: [dispatching(suspended)] }, deps);
    return suspended ? done() : again(notReadyMs, `cluster(${name}) not ready`);
  }
  const manifests = work.spec.workload?.manifests ?? [];
  const results = await Promise.all(
    manifests.map((manifest, ordinal) => applyManifest({ work, ordinal, manifest, ...reach, deps, signal })),
  );
  const reading = results.find((result) => result.kind === "reading");
  return reading === undefined ? conclude(work, { name, results }, deps) : again(readingMs, reading.why);
}

export interface Syncing {
  readonly cluster: string;
  readonly deps: WorkSyncDeps;
  /** Undefined while there is no connection. */
  liveObjects(): LiveObjects | undefined;
}

/** A cluster that is gone or going keeps nobody waiting: its objects are out of reach. */
const isLeaving = (cluster: Cluster | undefined): boolean =>
  cluster === undefined || cluster.metadata.deletionTimestamp !== undefined;

interface Concluding {
  readonly name: string;
  readonly results: readonly ManifestResult[];
}

async function conclude(work: Work, { name, results }: Concluding, deps: WorkSyncDeps): Promise<Outcome> {
  const errors = results.flatMap((result) => textOf(result) ?? []);
  const condition = applied(errors, results.length);
  const manifestStatuses = results.flatMap((result, ordinal) => statusOf(result, ordinal) ?? []);
  const conditions = [dispatching(false), condition];
  const complete = manifestStatuses.length === results.length;
  warn(work, results, deps);
  const changed = await writeStatus(work, { conditions, ...(complete ? { manifestStatuses } : {}) }, deps);
  if (changed) report(work, { name, results, errors }, deps);
  const failed = results.find((result) => result.kind === "failed");
  if (failed !== undefined) throw failed.error;
  const refused = results.find((result) => result.kind === "refused");
  return refused === undefined ? done() : stuck(refused.reason, refused.message);
}

function textOf(result: ManifestResult): string | undefined {
  if (result.kind === "refused") return result.message;
  return result.kind === "failed" ? errorText(result.error) : undefined;
}

/** The member's answer shows the object's status already: what a Work reports of it goes into the same write. */
function statusOf(result: ManifestResult, ordinal: number): ManifestStatus | undefined {
  if (result.kind !== "applied") return undefined;
  const { place, live } = result;
  return manifestStatusOf(place.view.get(keyOf(live)) ?? live, place.resource.resource, ordinal);
}

/** True where a condition changed. */
async function writeStatus(
  work: Work,
  wanted: Parameters<typeof statusPatch>[1],
  deps: WorkSyncDeps,
): Promise<boolean> {
  const body = statusPatch(work, wanted, nowIso(deps));
  if (body === undefined) return false;
  try {
    const target = { type: resource.works, key: objectKeyOf(work) };
    await deps.hub.patch(target, { type: "merge", body }, { subresource: "status" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return "conditions" in body.status;
}

interface Reporting extends Concluding {
  readonly errors: readonly string[];
}

function report(work: Work, { name, results, errors }: Reporting, { events }: WorkSyncDeps): void {
  const wasDispatching = work.status?.conditions?.some(
    ({ type, status }) => type === "Dispatching" && status === "True",
  );
  if (wasDispatching !== true) events.normal(work, "WorkDispatching", dispatching(false).message);
  if (errors.length === 0)
    events.normal(work, "SyncSucceed", `Sync work(${keyOf(work)}) to cluster(${name}) successful.`);
  else {
    const text = errors.join(", ");
    events.warning(work, "SyncFailed", `Failed to sync work(${keyOf(work)}) to cluster(${name}), err: ${text}`);
  }
  for (const [ordinal, manifest] of (work.spec.workload?.manifests ?? []).entries()) {
    const template = templateOf(manifest);
    const result = results[ordinal];
    if (template === undefined || result === undefined) continue;
    const ref = keyFor({ namespace: manifest.metadata.namespace, name: manifest.metadata.name ?? "" });
    const error = textOf(result);
    if (error === undefined) {
      events.normal(template, "SyncSucceed", `Successfully applied resource(${ref}) to cluster ${name}`);
    } else {
      const text = `Failed to create or update resource(${ref}) in member cluster(${name}): ${error}`;
      events.warning(template, "SyncFailed", text);
    }
  }
}

/** Pods that a takeover replaced or removed are told of even where that was allowed. */
function warn(work: Work, results: readonly ManifestResult[], { events }: WorkSyncDeps): void {
  for (const [ordinal, manifest] of (work.spec.workload?.manifests ?? []).entries()) {
    const result = results[ordinal];
    if (result?.kind !== "applied" || result.warning === undefined) continue;
    for (const about of [work, templateOf(manifest)]) {
      if (about !== undefined) events.warning(about, "TakeoverGuard", result.warning);
    }
  }
}

/** Without the template's UID there is nobody to tell. */
function templateOf(manifest: KubeObject): Pick<KubeObject, "apiVersion" | "kind" | "metadata"> | undefined {
  const uid = manifest.metadata.annotations?.[annotation.templateUid];
  if (uid === undefined || uid === "") return undefined;
  const { namespace, name } = manifest.metadata;
  return { apiVersion: manifest.apiVersion, kind: manifest.kind, metadata: { namespace, name, uid } };
}
