import { annotation, isBookkeepingKey } from "#api";
import type { KubeObject } from "#machinery";
import { childPlace, type Place, rootPlace } from "./meaning.ts";
import type { Change, Merge } from "./merge.ts";

type Strings = Readonly<Record<string, string>>;
type Field = "labels" | "annotations";

/** Keys that Kubernetes and its tools write by themselves: neither ours nor somebody's wish. */
const serverKey =
  /^(deployment\.kubernetes\.io\/|deprecated\.daemonset\.template\.generation$|kubectl\.kubernetes\.io\/last-applied-configuration$|pv\.kubernetes\.io\/|volume\.(beta\.)?kubernetes\.io\/|kubernetes\.io\/metadata\.name$|control-plane\.alpha\.kubernetes\.io\/|batch\.kubernetes\.io\/|controller-uid$|job-name$)/;

/** Keys that were propagated earlier: those of the last manifest, and those that the object says were. */
function propagatedKeys(
  field: Field,
  { live, last, ours }: { readonly live: KubeObject; readonly last: KubeObject | undefined; readonly ours: boolean },
): ReadonlySet<string> {
  const listed =
    live.metadata.annotations?.[field === "labels" ? annotation.managedLabels : annotation.managedAnnotations];
  const keys = [...Object.keys(last?.metadata[field] ?? {}), ...(listed ?? "").split(",")];
  return new Set(keys.filter((key) => key !== annotation.lastApplied && (ours || isBookkeepingKey(key))));
}

interface MetadataSides {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly last: KubeObject | undefined;
  /** Whether the object carries this hub's marks: only then are its lists of propagated keys ours. */
  readonly ours: boolean;
}

/** The live keys that stay, those of `desired` left out; what we propagated earlier and is no longer wanted goes. */
function keptStrings(merge: Merge, field: Field, sides: MetadataSides, desired: Strings): Record<string, string> {
  const propagated = propagatedKeys(field, sides);
  const place = childPlace(childPlace(rootPlace, "metadata"), field);
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(sides.live.metadata[field] ?? {})) {
    if (Object.hasOwn(desired, key)) continue;
    if (propagated.has(key)) {
      note(merge, childPlace(place, key), { live: value, wanted: undefined });
      continue;
    }
    kept[key] = value;
    if (!serverKey.test(key) && !isBookkeepingKey(key)) merge.unmanaged.push(childPlace(place, key).shown);
  }
  return kept;
}

function mergeStrings(merge: Merge, field: Field, sides: MetadataSides): Strings | undefined {
  const desired: Record<string, string> = { ...sides.desired.metadata[field] };
  delete desired[annotation.lastApplied];
  const live = sides.live.metadata[field];
  const place = childPlace(childPlace(rootPlace, "metadata"), field);
  for (const [key, wanted] of Object.entries(desired)) {
    const present = live !== undefined && Object.hasOwn(live, key) ? live[key] : undefined;
    if (present !== wanted) note(merge, childPlace(place, key), { live: present, wanted });
  }
  const result = { ...keptStrings(merge, field, sides, desired), ...desired };
  return Object.keys(result).length === 0 && live === undefined ? undefined : result;
}

/** Bookkeeping changes at every takeover; naming it would hide what matters. */
function note(merge: Merge, place: Place, sides: Omit<Change, "place">): void {
  if (!isBookkeepingKey(place.key)) merge.changes.push({ place, ...sides });
}

/** Labels and annotations by key; everything else in metadata is the member's. */
export function mergeMetadata(merge: Merge, sides: MetadataSides): KubeObject["metadata"] {
  const labels = mergeStrings(merge, "labels", sides);
  const annotations = mergeStrings(merge, "annotations", sides);
  return { ...sides.live.metadata, labels, annotations };
}
