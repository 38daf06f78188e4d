import { isJsonObject, type JsonObject } from "#base";
import type { GroupVersionKind } from "#machinery";
import type { ApplyMode } from "./contract.ts";
import { isKeptWhenRemoved, isServerFilled } from "./defaults.ts";
import { isOrdered, isUnordered } from "./list-keys.ts";
import { childPlace, elementPlace, isDictionary, isEmpty, type Place, sameScalar } from "./meaning.ts";
import { displacedFields } from "./unions.ts";

/** A field that the write would change; `undefined` on a side means absent there. */
export interface Change {
  readonly place: Place;
  readonly live: unknown;
  readonly wanted: unknown;
}

/** One merge at work: the rules it goes by and what it found. */
export interface Merge {
  readonly gvk: GroupVersionKind;
  readonly builtin: boolean;
  readonly mode: ApplyMode;
  readonly listKeys: (path: string) => readonly string[] | undefined;
  readonly changes: Change[];
  readonly unmanaged: string[];
}

export interface Sides {
  readonly desired: unknown;
  readonly live: unknown;
  readonly last: unknown;
}

/** The same rules with nothing found yet: to ask whether a part would change. */
const trialOf = (merge: Merge): Merge => ({ ...merge, changes: [], unmanaged: [] });

function recordChange(merge: Merge, place: Place, live: unknown, wanted: unknown): void {
  merge.changes.push({ place, live, wanted });
}

/**
 * What the member's value is to become, by the five rules of the write. Where nothing changes the live value itself comes
 * back, so that it is never re-encoded.
 */
export function mergeValue(merge: Merge, place: Place, sides: Sides): unknown {
  const { desired, live, last } = sides;
  if (desired === undefined || desired === null) return mergeUnstated(merge, place, live, last);
  if (isEmpty(merge.builtin, place, desired) && isEmpty(merge.builtin, place, live)) return live;
  if (isJsonObject(desired) && isJsonObject(live)) return mergeMap(merge, place, { desired, live, last });
  if (Array.isArray(desired) && Array.isArray(live)) {
    return mergeList(merge, place, { desired, live, last: Array.isArray(last) ? last : [] });
  }
  if (sameScalar(merge.builtin, place, desired, live) || isDefaultedZero(merge, place, desired, live)) return live;
  recordChange(merge, place, live, desired);
  return desired;
}

/** `timeoutSeconds: 0` and `protocol: ""` are read as unset, and come back as the default. */
function isDefaultedZero(merge: Merge, place: Place, desired: unknown, live: unknown): boolean {
  if (desired !== 0 && desired !== "") return false;
  return isEmpty(merge.builtin, place, desired) && isFilled(merge, place, live);
}

/** Only built-in kinds have defaults that we know of. */
const isFilled = (merge: Merge, place: Place, live: unknown): boolean =>
  merge.builtin && isServerFilled(place.schema, live);

function mergeUnstated(merge: Merge, place: Place, live: unknown, last: unknown): unknown {
  if (isEmpty(merge.builtin, place, live)) return live;
  if (last === undefined || last === null) return mergeLiveOnly(merge, place, live);
  if (isKeptWhenRemoved(place.schema) || isFilled(merge, place, live)) return live;
  return removeField(merge, place, live, last);
}

/** Rule 3: a field that only the member has is left alone and counted; full replace removes it. */
function mergeLiveOnly(merge: Merge, place: Place, live: unknown): unknown {
  if (isFilled(merge, place, live)) return live;
  if (merge.mode === "Replace" && !isKeptWhenRemoved(place.schema)) {
    recordChange(merge, place, live, undefined);
    return undefined;
  }
  if (isDictionary(place) && isJsonObject(live)) {
    merge.unmanaged.push(...Object.keys(live).map((key) => childPlace(place, key).shown));
  } else merge.unmanaged.push(place.shown);
  return live;
}

const isServiceSelector = (merge: Merge, place: Place): boolean =>
  merge.gvk.kind === "Service" && place.schema === "spec.selector";

/** Rule 2: what we applied and is no longer wanted goes; in dictionaries and keyed lists, only what we put there. */
function removeField(merge: Merge, place: Place, live: unknown, last: unknown): unknown {
  if ((isDictionary(place) || isServiceSelector(merge, place)) && isJsonObject(live) && isJsonObject(last)) {
    const rest = mergeMap(merge, place, { desired: {}, live, last });
    return isJsonObject(rest) && Object.keys(rest).length === 0 ? undefined : rest;
  }
  if (Array.isArray(live) && Array.isArray(last) && merge.listKeys(place.schema) !== undefined) {
    const rest = mergeList(merge, place, { desired: [], live, last });
    return rest.length === 0 ? undefined : rest;
  }
  recordChange(merge, place, live, undefined);
  return undefined;
}

interface MapSides {
  readonly desired: JsonObject;
  readonly live: JsonObject;
  readonly last: unknown;
}

function mergeMap(merge: Merge, place: Place, { desired, live, last }: MapSides): JsonObject {
  const before = isJsonObject(last) ? last : {};
  const displaced = displacedFields(place, desired, live);
  const result: Record<string, unknown> = {};
  let changed = false;
  for (const key of new Set([...Object.keys(live), ...Object.keys(desired)])) {
    const child = childPlace(place, key);
    const value = displaced.has(key)
      ? dropDisplaced(merge, child, live[key])
      : mergeValue(merge, child, { desired: own(desired, key), live: own(live, key), last: own(before, key) });
    if (value !== own(live, key)) changed = true;
    if (value !== undefined) result[key] = value;
  }
  return changed ? result : live;
}

function dropDisplaced(merge: Merge, place: Place, live: unknown): undefined {
  recordChange(merge, place, live, undefined);
  return undefined;
}

/** Keys such as `constructor` are the user's, never the prototype's. */
const own = (map: JsonObject, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined);

type List = readonly unknown[];

interface ListSides {
  readonly desired: List;
  readonly live: List;
  readonly last: List;
}

/** The text that tells elements apart: `name=web`; undefined where a list cannot be told apart by these keys. */
function keyTexts(list: List, keys: readonly string[]): ReadonlyMap<string, unknown> | undefined {
  const found = new Map<string, unknown>();
  for (const element of list) {
    if (!isJsonObject(element)) return undefined;
    const texts = keys.map((key) => `${key}=${String(element[key] ?? (key === "protocol" ? "TCP" : ""))}`);
    const known = texts.filter((text) => !text.endsWith("="));
    const text = known.join(",");
    if (found.has(text)) return undefined;
    found.set(text, element);
  }
  return found;
}

function mergeList(merge: Merge, place: Place, sides: ListSides): List {
  const keys = merge.listKeys(place.schema);
  if (keys === undefined) return mergeAtomic(merge, place, sides);
  const [desired, live, last] = [sides.desired, sides.live, sides.last].map((list) => keyTexts(list, keys));
  if (desired === undefined || live === undefined) return mergeAtomic(merge, place, sides);
  return mergeKeyed(merge, place, { desired, live, last: last ?? new Map() }, sides.live);
}

type Keyed = ReadonlyMap<string, unknown>;

/** Elements by key, in the live order; new ones come last. What only the member has stays where it is. */
function mergeKeyed(
  merge: Merge,
  place: Place,
  sides: { readonly desired: Keyed; readonly live: Keyed; readonly last: Keyed },
  liveList: List,
): List {
  const result = new Map<string, unknown>();
  let changed = false;
  for (const [key, live] of sides.live) {
    const at = elementPlace(place, key);
    const value = sides.desired.has(key)
      ? mergeValue(merge, at, { desired: sides.desired.get(key), live, last: sides.last.get(key) })
      : mergeUnstated(merge, at, live, sides.last.get(key));
    if (value !== live) changed = true;
    if (value !== undefined) result.set(key, value);
  }
  for (const [key, wanted] of sides.desired) {
    if (sides.live.has(key)) continue;
    recordChange(merge, elementPlace(place, key), undefined, wanted);
    result.set(key, wanted);
    changed = true;
  }
  const order = isOrdered(place.schema) ? reordered([...result.keys()], [...sides.desired.keys()]) : undefined;
  if (order !== undefined) recordChange(merge, place, [...sides.live.keys()], order);
  if (!changed && order === undefined) return liveList;
  return (order ?? [...result.keys()]).map((key) => result.get(key));
}

/** The keys in desired order, each live-only one kept behind its neighbour; undefined where the order is right already. */
function reordered(present: readonly string[], desired: readonly string[]): readonly string[] | undefined {
  const wanted = new Set(desired);
  const stated = present.filter((key) => wanted.has(key));
  if (stated.every((key, at) => key === desired[at])) return undefined;
  let next = 0;
  return present.map((key) => (wanted.has(key) ? (desired[next++] ?? key) : key));
}

/** True where the live element says what the desired one says. */
function covers(merge: Merge, place: Place, desired: unknown, live: unknown): boolean {
  const trial = trialOf(merge);
  mergeValue(trial, place, { desired, live, last: undefined });
  return trial.changes.length === 0;
}

/** The desired elements in the order of the live ones that say the same; as they are where one has no partner. */
function inLiveOrder(merge: Merge, place: Place, desired: List, live: List): List {
  const rest = [...desired];
  const found = live.flatMap((value, at) => {
    const partner = rest.findIndex((one) => covers(merge, elementPlace(place, String(at)), one, value));
    return partner < 0 ? [] : rest.splice(partner, 1);
  });
  return found.length === live.length ? found : desired;
}

/** A list without keys is equal element by element, or it is replaced whole, live elements reused where they fit. */
function mergeAtomic(merge: Merge, place: Place, { desired: stated, live, last }: ListSides): List {
  const sameLength = stated.length === live.length;
  const free = sameLength && isUnordered(merge.gvk, place.schema);
  const desired = free ? inLiveOrder(merge, place, stated, live) : stated;
  const element = (at: number): Place => elementPlace(place, String(at));
  if (sameLength) {
    const trial = trialOf(merge);
    const merged = live.map((value, at) =>
      mergeValue(trial, element(at), {
        desired: desired[at],
        live: value,
        last: last.length === live.length ? last[at] : undefined,
      }),
    );
    if (trial.changes.length === 0) {
      merge.unmanaged.push(...trial.unmanaged);
      return live;
    }
    if (trial.changes.every(({ wanted }) => wanted === undefined)) {
      merge.changes.push(...trial.changes);
      return merged;
    }
  }
  recordChange(merge, place, live, desired);
  return desired.map((value, at) => live.find((other) => covers(merge, element(at), value, other)) ?? value);
}
