import { annotation, isBookkeepingKey, ownershipKeys } from "#api";
import type { KubeObject } from "#machinery";
import { createMergePatch } from "#machinery/patch";
import type { DeletePlan, ReleasePlan } from "./contract.ts";
import { foreignReason, ownershipOf } from "./ownership.ts";
import { withPreconditions } from "./preconditions.ts";

interface Owner {
  readonly hub: string;
  readonly work: string;
}

type Strings = Readonly<Record<string, string>> | undefined;

/** The live keys without ours; a key of that kind which the original had for itself gets its value back. */
export function withoutMarks(live: Strings, original: Strings): Strings {
  const kept = Object.entries(live ?? {}).filter(([key]) => !isBookkeepingKey(key));
  const restored = Object.entries(original ?? {}).filter(([key]) => isBookkeepingKey(key) && !ownershipKeys.has(key));
  const result = Object.fromEntries([...kept, ...restored]);
  return Object.keys(result).length === 0 && original === undefined ? undefined : result;
}

/** Refuses what is somebody else's. An object whose managed label is gone but which names our hub is still ours. */
function foreignRefusal(
  live: KubeObject,
  owner: Owner,
): Extract<ReleasePlan, { readonly kind: "refused" }> | undefined {
  const found = ownershipOf(live, owner);
  if (found.kind !== "otherHub" && found.kind !== "otherWork") return undefined;
  const who = found.kind === "otherHub" ? `hub ${found.hub}` : `Work ${found.work}`;
  const { namespace, name } = live.metadata;
  const ref = `${live.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  return { kind: "refused", reason: foreignReason(found), message: `${ref} is managed by ${who} now; left alone` };
}

/** True where nothing on the object says that it is or was ours. */
function isNotOurs(live: KubeObject, owner: Owner): boolean {
  return ownershipOf(live, owner).kind === "unmanaged" && live.metadata.annotations?.[annotation.hub] !== owner.hub;
}

/**
 * Gives an object back: one patch of metadata only that takes away every key we added. Spec and data are never written;
 * ordinary labels and annotations stay. An object that is gone counts as released.
 */
export function planRelease(
  live: KubeObject | undefined,
  owner: Owner & { readonly original: KubeObject | undefined },
): ReleasePlan {
  if (live === undefined || isNotOurs(live, owner)) return { kind: "none" };
  const foreign = foreignRefusal(live, owner);
  if (foreign !== undefined) return foreign;
  const { labels, annotations } = live.metadata;
  const before = owner.original?.metadata;
  const metadata = {
    ...live.metadata,
    labels: withoutMarks(labels, before?.labels),
    annotations: withoutMarks(annotations, before?.annotations),
  };
  const patch = createMergePatch({ metadata: live.metadata }, { metadata });
  if (Object.keys(patch).length === 0) return { kind: "none" };
  return { kind: "patch", patch: withPreconditions(patch, live), changed: [] };
}

/** Deletes only what carries our mark; an object without it is left alone in silence, as Karmada does. */
export function planDelete(live: KubeObject | undefined, owner: Owner): DeletePlan {
  if (live === undefined || ownershipOf(live, owner).kind === "unmanaged") return { kind: "none" };
  return foreignRefusal(live, owner) ?? { kind: "delete", uid: live.metadata.uid };
}
