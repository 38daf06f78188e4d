import { isJsonObject, type JsonObject } from "#base";
import { gvkOf, type KubeObject } from "#machinery";
import { createMergePatch, deepEqual } from "#machinery/patch";
import type { ReleasePlan } from "./contract.ts";
import { isServerFilled } from "./defaults.ts";
import { listKeys } from "./list-keys.ts";
import { childPlace, isBuiltin, isDictionary, isEmpty, type Place, rootPlace, sameScalar } from "./meaning.ts";
import { type Merge, mergeValue } from "./merge.ts";
import { withPreconditions } from "./preconditions.ts";
import { withoutMarks } from "./release.ts";
import { withoutStringData } from "./secret.ts";
import { displacedFields } from "./unions.ts";

interface Undo extends Merge {
  readonly exact: boolean;
  readonly changed: string[];
}

interface Sides {
  readonly original: unknown;
  readonly applied: unknown;
  readonly live: unknown;
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** True where the live value says what `stated` says, defaults of the server beside it. */
function covers(undo: Undo, place: Place, stated: unknown, live: unknown): boolean {
  const trial: Merge = { ...undo, mode: "Merge", changes: [], unmanaged: [] };
  mergeValue(trial, place, { desired: stated, live, last: undefined });
  return trial.changes.length === 0;
}

function same(undo: Undo, place: Place, one: unknown, other: unknown): boolean {
  if (isAbsent(one) || isAbsent(other)) return isEmpty(undo.builtin, place, one ?? other);
  if (typeof one === "object" || typeof other === "object") return deepEqual(one, other);
  return sameScalar(undo.builtin, place, one, other);
}

const isKeyed = (undo: Undo, place: Place, value: unknown): boolean =>
  Array.isArray(value) && undo.listKeys(place.schema) !== undefined;

/** Something whole that we added, such as a probe or a container: it goes as a whole or, where others changed it, stays. */
function undoAddition(undo: Undo, place: Place, { applied, live }: Sides): unknown {
  if (!undo.exact && !covers(undo, place, applied, live)) return live;
  undo.changed.push(place.shown);
  return undefined;
}

/** Back to the original where the live value is what we wrote; where somebody changed it since, theirs stays. */
function undoValue(undo: Undo, place: Place, sides: Sides): unknown {
  const { original, applied, live } = sides;
  const added = isAbsent(original) && !isAbsent(applied) && !isAbsent(live);
  if (added && !isDictionary(place) && !isKeyed(undo, place, live)) return undoAddition(undo, place, sides);
  if (isJsonObject(live) && (isJsonObject(original) || isJsonObject(applied))) return undoMap(undo, place, sides);
  if (Array.isArray(live) && (Array.isArray(original) || Array.isArray(applied))) return undoList(undo, place, sides);
  if (same(undo, place, original, live)) return live;
  if (!undo.exact && !isOurs(undo, place, sides)) return live;
  undo.changed.push(place.shown);
  return isAbsent(original) ? undefined : original;
}

/** True where the live value came from us: it equals what we wrote, or we took away what the original had. */
function isOurs(undo: Undo, place: Place, { original, applied, live }: Sides): boolean {
  if (isAbsent(live)) return !isAbsent(original) && isEmpty(undo.builtin, place, applied);
  return !isAbsent(applied) && covers(undo, place, applied, live);
}

const own = (map: unknown, key: string): unknown =>
  isJsonObject(map) && Object.hasOwn(map, key) ? map[key] : undefined;

function undoMap(undo: Undo, place: Place, { original, applied, live }: Sides): JsonObject | undefined {
  const result: Record<string, unknown> = {};
  const keys = new Set([live, original, applied].flatMap((side) => (isJsonObject(side) ? Object.keys(side) : [])));
  for (const key of keys) {
    const sides = { original: own(original, key), applied: own(applied, key), live: own(live, key) };
    const child = childPlace(place, key);
    const allocated = isAbsent(sides.original) && isAbsent(sides.applied) && isServerFilled(child.schema, sides.live);
    const value = allocated ? sides.live : undoValue(undo, child, sides);
    if (!isAbsent(value)) result[key] = value;
  }
  return Object.keys(result).length === 0 && isAbsent(original) ? undefined : withoutDisplaced(place, original, result);
}

/** Fields that cannot stand beside what has come back: rolling-update numbers beside `Recreate`. */
function withoutDisplaced(place: Place, original: unknown, result: JsonObject): JsonObject {
  if (!isJsonObject(original)) return result;
  const present = Object.keys(result).filter((key) => own(original, key) === undefined);
  const displaced = displacedFields(place, original, { ...result, type: undefined });
  const wrong = present.filter(
    (key) => displaced.has(key) || (key === "rollingUpdate" && result.type !== "RollingUpdate"),
  );
  return wrong.length === 0
    ? result
    : Object.fromEntries(Object.entries(result).filter(([key]) => !wrong.includes(key)));
}

type Keyed = ReadonlyMap<string, unknown>;

function keyed(value: unknown, keys: readonly string[]): Keyed {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const textOf = (element: unknown): string =>
    keys.map((key) => `${key}=${String(own(element, key) ?? (key === "protocol" ? "TCP" : ""))}`).join(",");
  return new Map(list.map((element) => [textOf(element), element]));
}

function undoList(undo: Undo, place: Place, { original, applied, live }: Sides): readonly unknown[] | undefined {
  const keys = undo.listKeys(place.schema);
  if (keys === undefined) return undoAtomic(undo, place, { original, applied, live });
  const [before, ours, now] = [original, applied, live].map((side) => keyed(side, keys)) as [Keyed, Keyed, Keyed];
  const result: unknown[] = [];
  // Where elements come back, so does their order: env variables may name those before them.
  const restores = undo.exact || [...before.keys()].some((key) => !now.has(key));
  const order = restores ? [...before.keys(), ...now.keys()] : [...now.keys()];
  for (const key of new Set(order)) {
    const sides = { original: before.get(key), applied: ours.get(key), live: now.get(key) };
    const value = undoValue(undo, { ...place, shown: `${place.shown}[${key}]` }, sides);
    if (!isAbsent(value)) result.push(value);
  }
  return result.length === 0 && isAbsent(original) ? undefined : result;
}

function undoAtomic(undo: Undo, place: Place, { original, applied, live }: Sides): readonly unknown[] | undefined {
  const now = live as readonly unknown[];
  if (deepEqual(original, now)) return now;
  if (!undo.exact && !covers(undo, place, applied ?? [], now)) return now;
  undo.changed.push(place.shown);
  return Array.isArray(original) ? original : undefined;
}

const notMerged = new Set(["apiVersion", "kind", "metadata", "status"]);

/**
 * Takes back what we wrote to an adopted object, and the marks with it. What others changed since stays, unless `exact`
 * asks for the original as it was.
 */
export function planUndo(
  {
    original,
    lastApplied,
    live,
  }: {
    readonly original: KubeObject;
    readonly lastApplied: KubeObject | undefined;
    readonly live: KubeObject;
  },
  options: { readonly exact: boolean },
): ReleasePlan {
  const gvk = gvkOf(live);
  const undo: Undo = {
    gvk,
    builtin: isBuiltin(gvk),
    mode: "Merge",
    listKeys: (path) => listKeys(gvk, path),
    changes: [],
    unmanaged: [],
    exact: options.exact,
    changed: [],
  };
  const applied = withoutStringData(lastApplied);
  const target: Record<string, unknown> = { ...live };
  for (const field of new Set([...Object.keys(live), ...Object.keys(original)])) {
    if (notMerged.has(field)) continue;
    const sides = { original: original[field], applied: applied?.[field], live: live[field] };
    target[field] = undoValue(undo, childPlace(rootPlace, field), sides);
  }
  target.metadata = undoMetadata(undo, { original, lastApplied, live });
  const patch = createMergePatch(live, target);
  if (Object.keys(patch).length === 0) return { kind: "none" };
  return { kind: "patch", patch: withPreconditions(patch, live), changed: undo.changed };
}

function undoMetadata(
  undo: Undo,
  {
    original,
    lastApplied,
    live,
  }: {
    readonly original: KubeObject;
    readonly lastApplied: KubeObject | undefined;
    readonly live: KubeObject;
  },
): KubeObject["metadata"] {
  const back = (field: "labels" | "annotations"): Readonly<Record<string, string>> | undefined => {
    const before = original.metadata[field];
    const clean = withoutMarks(live.metadata[field], before) ?? {};
    const place = childPlace(childPlace(rootPlace, "metadata"), field);
    const sides = { original: before ?? {}, applied: lastApplied?.metadata[field], live: clean };
    const result = undoMap(undo, place, sides) as Readonly<Record<string, string>> | undefined;
    return result !== undefined && Object.keys(result).length === 0 && before === undefined ? undefined : result;
  };
  return { ...live.metadata, labels: back("labels"), annotations: back("annotations") };
}
