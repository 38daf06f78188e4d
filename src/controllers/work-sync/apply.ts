import type { Adoption } from "#api/migration";
import type { Work } from "#api/work";
import { errorText, isAbort } from "#base";
import {
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
  isStatusError,
  type KubeObject,
  keyFor,
  keyOf,
  objectKeyOf,
} from "#machinery";
import { applyModeOf, guardModeOf, guardWarning, planWrite, type WritePlan } from "#manifest";
import type { Member } from "#member";
import type { WorkSyncDeps } from "./deps.ts";
import { isPlace, type LiveObjects, type Place } from "./live.ts";
import { isCurrent, newRow, rowNameFor, settledChange } from "./row.ts";

/** What came of one manifest. */
export type ManifestResult =
  | {
      readonly kind: "applied";
      readonly live: KubeObject;
      readonly place: Place;
      readonly wrote: boolean;
      /** What the guard would have refused and was told to let pass. */
      readonly warning?: string;
    }
  /** Only a change of the template, the policy or the member can help. */
  | { readonly kind: "refused"; readonly reason: string; readonly message: string }
  | { readonly kind: "failed"; readonly error: unknown }
  /** The member's objects of this kind are being read for the first time. */
  | { readonly kind: "reading"; readonly why: string };

export interface ApplyInput {
  readonly work: Work;
  readonly ordinal: number;
  readonly manifest: KubeObject;
  readonly member: Member;
  readonly live: LiveObjects;
  readonly deps: WorkSyncDeps;
  readonly signal: AbortSignal;
}

/** Races with others who write the same object: read again and decide again this often. */
const maxAttempts = 5;

/** Brings one member object to what its manifest says: at most one write, none where it is so already. */
export async function applyManifest(input: ApplyInput): Promise<ManifestResult> {
  try {
    const place = await input.live.placeOf(input.manifest);
    if (isPlace(place)) return await applyAt(place, input);
    if (place.final) return { kind: "refused", reason: "KindNotServed", message: place.why };
    return place.failed ? { kind: "failed", error: new Error(place.why) } : { kind: "reading", why: place.why };
  } catch (error) {
    if (isAbort(error)) throw error;
    return isFinal(error)
      ? { kind: "refused", reason: "MemberRefused", message: errorText(error) }
      : { kind: "failed", error };
  }
}

/** The member judged the object itself and will judge it so again. A namespace that is missing may still come. */
const isFinal = (error: unknown): boolean =>
  isInvalid(error) || isForbidden(error) || (isStatusError(error) && [400, 405, 413].includes(error.code));

async function applyAt(place: Place, input: ApplyInput): Promise<ManifestResult> {
  let live = place.view.get(keyOf(input.manifest));
  for (let attempt = 1; ; attempt++) {
    const row = currentRow(input, live);
    const plan = planFor(input, live, row);
    if (plan.kind === "refused") return plan;
    try {
      return await act(plan, { input, place, live, row });
    } catch (error) {
      const race = isConflict(error) || isAlreadyExists(error) || (isNotFound(error) && live !== undefined);
      if (!race || attempt >= maxAttempts) throw error;
      live = await input.live.read(place, input.manifest, input.signal);
    }
  }
}

function currentRow({ work, ordinal, deps }: ApplyInput, live: KubeObject | undefined): Adoption | undefined {
  const name = rowNameFor(work.metadata.name ?? "", ordinal);
  const row = deps.ledger.get(keyFor({ namespace: work.metadata.namespace, name }));
  return isCurrent(row, live) ? row : undefined;
}

function planFor(input: ApplyInput, live: KubeObject | undefined, row: Adoption | undefined): WritePlan {
  const { work, manifest, member, deps } = input;
  return planWrite({
    cluster: member.name,
    desired: manifest,
    live,
    last: row?.status?.lastApplied,
    hub: deps.hubUid,
    work: keyOf(work),
    guard: guardModeOf([work], deps.guard),
    applyMode: applyModeOf([work]),
    createdByUs: row?.spec.origin === "Created",
    autoscaled: input.live.isAutoscaled(manifest),
  });
}

interface Acting {
  readonly input: ApplyInput;
  readonly place: Place;
  readonly live: KubeObject | undefined;
  readonly row: Adoption | undefined;
}

type Writable = Exclude<WritePlan, { readonly kind: "refused" }>;

/** The row is written before the member is: what was there before us must survive a crash between the two. */
async function act(plan: Writable, { input, place, live, row }: Acting): Promise<ManifestResult> {
  const { deps, manifest, member, signal } = input;
  const open = row ?? (await openRow(input, live));
  const written = await send(plan, { member, place, manifest, signal });
  if (written !== undefined) input.live.wrote(place, written);
  const now = written ?? live;
  if (now === undefined) throw new Error("a plan without a write needs a live object");
  const wrote = written !== undefined;
  const unmanaged = plan.kind === "create" ? [] : plan.unmanaged;
  const change = settledChange(open, { desired: manifest, live: now, unmanaged, wrote, nowIso: nowIso(deps) });
  if (change !== undefined) await deps.ledger.record(open, change, signal);
  const warnings = plan.kind === "patch" ? plan.warnings : [];
  const result = { kind: "applied", live: now, place, wrote } as const;
  return warnings.length === 0 ? result : { ...result, warning: guardWarning(now, member.name, warnings) };
}

async function openRow(input: ApplyInput, live: KubeObject | undefined): Promise<Adoption> {
  const { work, ordinal, manifest, member, deps, signal } = input;
  const row = newRow({ work, ordinal, cluster: member.name, hub: deps.hubUid, manifest, live, nowIso: nowIso(deps) });
  const old = deps.ledger.get(keyOf(row));
  if (old !== undefined) await deps.ledger.remove(old, signal);
  return deps.ledger.open(row, signal);
}

interface Sending {
  readonly member: Member;
  readonly place: Place;
  readonly manifest: KubeObject;
  readonly signal: AbortSignal;
}

/** The one place where a member object is created or changed. */
function send(plan: Writable, { member, place, manifest, signal }: Sending): Promise<KubeObject | undefined> {
  const type = place.resource;
  switch (plan.kind) {
    case "none":
      return Promise.resolve(undefined);
    case "create":
      return member.client.create(type, plan.object, { fieldManager }, signal);
    case "patch":
      return member.client.patch(
        { type, key: objectKeyOf(manifest) },
        { type: "merge", body: plan.patch },
        { fieldManager },
        signal,
      );
  }
}

export const fieldManager = "drover";

export const nowIso = (deps: Pick<WorkSyncDeps, "clock">): string =>
  `${new Date(deps.clock.now()).toISOString().slice(0, 19)}Z`;
