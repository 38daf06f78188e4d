import { annotation, clusterOfExecutionNamespace, finalizer, resource } from "#api";
import type { Adoption } from "#api/migration";
import type { Work } from "#api/work";
import { isConflict, isNotFound, type KubeObject, keyFor, keyOf, objectKeyOf } from "#machinery";
import { planDelete, planRelease } from "#manifest";
import type { Member } from "#member";
import { preservesWork } from "#migration";
import { again, done, type Outcome } from "#reconcile";
import { fieldManager, nowIso } from "./apply.ts";
import type { WorkSyncDeps } from "./deps.ts";
import { isPlace, type LiveObjects, type Place } from "./live.ts";
import { rowNameFor } from "./row.ts";

export interface LettingGo {
  readonly work: Work;
  readonly deps: WorkSyncDeps;
  /** Undefined where the member is out of reach for good: its objects stay as they are. */
  readonly reach: { readonly member: Member; readonly live: LiveObjects } | undefined;
  readonly signal: AbortSignal;
}

const maxAttempts = 5;

/** Ends a Work: gives its objects back or deletes them, then lets it go. */
export async function letWorkGo(input: LettingGo): Promise<Outcome> {
  const { work, deps, reach, signal } = input;
  if (work.metadata.finalizers?.includes(finalizer.work) !== true) return done();
  if (reach !== undefined) {
    const preserve = keepsResources(work, deps) || (await preservesWork(work, deps.hub, signal));
    for (const [ordinal, manifest] of (work.spec.workload?.manifests ?? []).entries()) {
      const place = await reach.live.placeOf(manifest);
      // A kind that the member does not serve has no object there to let go of.
      if (!isPlace(place) && !place.final) return again(500, place.why);
      if (isPlace(place)) await endObject({ ...input, ...reach, manifest, ordinal, place, preserve });
    }
  }
  await dropFinalizer(work, deps, signal);
  return done();
}

/** A cluster that leaves with everything it has says so itself, whatever its Works say. */
function keepsResources(work: Work, deps: WorkSyncDeps): boolean {
  const cluster = deps.clusters.get(clusterOfExecutionNamespace(work.metadata.namespace ?? "") ?? "");
  return cluster?.metadata.annotations?.[annotation.keepResources] === "true";
}

interface Ending extends LettingGo {
  readonly member: Member;
  readonly live: LiveObjects;
  readonly manifest: KubeObject;
  readonly ordinal: number;
  readonly place: Place;
  readonly preserve: boolean;
}

async function endObject(input: Ending): Promise<void> {
  const { work, ordinal, deps, manifest, place, preserve, signal } = input;
  const name = rowNameFor(work.metadata.name ?? "", ordinal);
  const row = deps.ledger.get(keyFor({ namespace: work.metadata.namespace, name }));
  let live = place.view.get(keyOf(manifest));
  for (let attempt = 1; ; attempt++) {
    try {
      if (preserve) await release(input, live, row);
      else await remove(input, live);
      break;
    } catch (error) {
      if (isNotFound(error)) break;
      if (!isConflict(error) || attempt >= maxAttempts) throw error;
      live = await input.live.read(place, manifest, signal);
    }
  }
  if (row === undefined || row.status?.state === "Released" || row.status?.state === "Deleted") return;
  const at = nowIso(deps);
  await deps.ledger.record(row, preserve ? { state: "Released", releasedAt: at } : { state: "Deleted" }, signal);
}

/** One patch of metadata, never of spec or data. An object that is gone or somebody else's counts as released. */
async function release(input: Ending, live: KubeObject | undefined, row: Adoption | undefined): Promise<void> {
  const { work, deps, member, place, manifest, signal } = input;
  const plan = planRelease(live, { hub: deps.hubUid, work: keyOf(work), original: row?.spec.original });
  if (plan.kind !== "patch") return;
  const target = { type: place.resource, key: objectKeyOf(manifest) };
  const patch = { type: "merge", body: plan.patch } as const;
  input.live.wrote(place, await member.client.patch(target, patch, { fieldManager }, signal));
}

/** Only what is ours, and only the very object that was looked at. */
async function remove(input: Ending, live: KubeObject | undefined): Promise<void> {
  const { work, deps, member, place, manifest, signal } = input;
  const plan = planDelete(live, { hub: deps.hubUid, work: keyOf(work) });
  if (plan.kind !== "delete") return;
  const preconditions = { uid: plan.uid, resourceVersion: live?.metadata.resourceVersion };
  const options = { propagationPolicy: "Background", preconditions } as const;
  await member.client.delete({ type: place.resource, key: objectKeyOf(manifest) }, options, signal);
}

async function dropFinalizer(work: Work, deps: WorkSyncDeps, signal: AbortSignal): Promise<void> {
  const finalizers = (work.metadata.finalizers ?? []).filter((name) => name !== finalizer.work);
  const { resourceVersion } = work.metadata;
  const target = { type: resource.works, key: objectKeyOf(work) };
  try {
    await deps.hub.patch(target, { type: "merge", body: { metadata: { finalizers, resourceVersion } } }, {}, signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
