import { isJsonObject, type JsonObject } from "#base";
import { badRequest } from "../status-error.ts";
import { deepEqual } from "./equal.ts";
import { failedPatch, goText } from "./errors.ts";

/** What decides how a list merges: its key (none: a set of scalars), and the `$setElementOrder` that came with the patch. */
interface ListContext {
  readonly mergeKey: string | undefined;
  readonly order: unknown;
  mergeElement(old: JsonObject, patch: JsonObject): JsonObject;
}

/** Tells whether two elements stand for the same entry: by merge key, or by value in a list of scalars. */
type SameEntry = (a: unknown, b: unknown) => boolean;

/** Merges a list by its merge key, or as a set of scalars, then puts the result in order. */
export function mergeLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  context: ListContext,
): readonly unknown[] {
  const sample = patch[0] ?? original[0];
  if (!isJsonObject(sample)) return mergeScalars(original, patch, context.order);
  const { mergeKey } = context;
  if (mergeKey === undefined) throw failedPatch(`cannot merge lists without merge key for ${goText(sample)}`);
  const { kept, added, replaces } = applySpecialElements(original, patch, mergeKey);
  if (replaces) return added;
  const same = sameByKey(mergeKey);
  const merged = added.reduce((list, element) => withElement(list, element, same, context), kept);
  const order = Array.isArray(context.order) ? context.order : added;
  return inOrder(merged, order, original, same);
}

function withElement(
  list: readonly unknown[],
  element: JsonObject,
  same: SameEntry,
  context: ListContext,
): readonly unknown[] {
  const index = list.findIndex((old) => same(old, element));
  const old = list[index];
  return isJsonObject(old) ? list.with(index, context.mergeElement(old, element)) : [...list, element];
}

function mergeScalars(original: readonly unknown[], patch: readonly unknown[], order: unknown): readonly unknown[] {
  const merged = [...original, ...patch].filter(
    (value, index, all) => all.findIndex((other) => deepEqual(other, value)) === index,
  );
  return inOrder(merged, Array.isArray(order) ? order : patch, original, deepEqual);
}

interface SpecialElements {
  /** The original's elements that no `$patch: delete` names. */
  readonly kept: readonly unknown[];
  /** The patch's ordinary elements. */
  readonly added: readonly JsonObject[];
  readonly replaces: boolean;
}

function applySpecialElements(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): SpecialElements {
  const elements = patch.map((element) => {
    if (!isJsonObject(element)) throw failedPatch(`invalid patch format of list: ${goText(element)}`);
    return element;
  });
  const directives = elements.filter((element) => element.$patch !== undefined);
  for (const element of directives) checkDirective(element);
  const plain = elements.filter((element) => element.$patch === undefined);
  if (directives.some((element) => element.$patch === "replace")) return { kept: [], added: plain, replaces: true };
  const gone = directives.map((element) => keyed(element, mergeKey)[mergeKey]);
  for (const element of [...plain, ...original]) keyed(element, mergeKey);
  const kept = original.filter((old) => !gone.some((key) => isJsonObject(old) && deepEqual(old[mergeKey], key)));
  return { kept, added: plain, replaces: false };
}

function checkDirective(element: JsonObject): void {
  if (element.$patch === "merge") throw failedPatch("merging lists cannot yet be specified in the patch");
  if (element.$patch === "delete" || element.$patch === "replace") return;
  throw failedPatch(`unknown patch type: ${goText(element.$patch)} in map: ${goText(element)}`);
}

function keyed(element: unknown, mergeKey: string): JsonObject {
  if (isJsonObject(element) && element[mergeKey] !== undefined && element[mergeKey] !== null) return element;
  throw failedPatch(`map: ${goText(element)} does not contain declared merge key: ${mergeKey}`);
}

const sameByKey =
  (mergeKey: string): SameEntry =>
  (a, b) =>
    isJsonObject(a) && isJsonObject(b) && deepEqual(a[mergeKey], b[mergeKey]);

/** The list without the scalars that `$deleteFromPrimitiveList` names. */
export function removeScalars(list: readonly unknown[], directive: unknown): readonly unknown[] {
  if (directive === undefined) return list;
  if (!Array.isArray(directive)) throw badRequest("invalid patch format of primitive list");
  return list.filter((value) => !directive.some((gone) => deepEqual(gone, value)));
}

/** A patch's list must be in the order that its `$setElementOrder` says, and must not hold elements that it does not name. */
export function checkElementOrder(order: unknown, patch: unknown, mergeKey: string | undefined): void {
  if (!Array.isArray(order)) throw badRequest("invalid patch format of setElementOrder list");
  if (!Array.isArray(patch)) return;
  const same = mergeKey === undefined ? deepEqual : sameByKey(mergeKey);
  let place = 0;
  for (const element of patch) {
    if (isJsonObject(element) && element.$patch !== undefined) continue;
    while (place < order.length && !same(order[place], element)) place++;
    if (place >= order.length) {
      throw failedPatch(
        `The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
      );
    }
    place++;
  }
}

/**
 * Weaves the elements that `order` names, in that order, with those that only the server has, in theirs. Where a pair of them was in
 * the original, that decides; otherwise the named element goes first.
 */
function inOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  original: readonly unknown[],
  same: SameEntry,
): readonly unknown[] {
  const place = (list: readonly unknown[], element: unknown): number => list.findIndex((other) => same(other, element));
  const named = merged
    .filter((element) => place(order, element) >= 0)
    .sort((a, b) => place(order, a) - place(order, b));
  const serverOnly = merged
    .filter((element) => place(order, element) < 0)
    .sort((a, b) => place(original, a) - place(original, b));
  const result: unknown[] = [];
  for (const element of named) {
    const at = place(original, element);
    while (at >= 0 && serverOnly.length > 0 && place(original, serverOnly[0]) < at) result.push(serverOnly.shift());
    result.push(element);
  }
  return [...result, ...serverOnly];
}
