import { badRequest, expired, type KubeObject, StatusError } from "#machinery";
import { CompactedError, FutureRevisionError, prefixRange, type Revision } from "#storage";
import { CacheEntry, decodeStored, storagePrefix } from "../cache/index.ts";
import { checkListQuery } from "./options.ts";
import { hasSelection, selectionOf } from "./selection.ts";
import { cacheOf, type RegistryDeps, type Target } from "./target.ts";

export interface ListResult {
  readonly entries: readonly CacheEntry[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

interface Place {
  readonly at: Revision | undefined;
  /** The key to begin with, behind the resource's prefix. */
  readonly start: string;
}

/** A consistent picture, now or as it was, whole or in pages. */
export async function listObjects(deps: RegistryDeps, target: Target, query: URLSearchParams): Promise<ListResult> {
  checkListQuery(query, false);
  const matches = selectionOf(target.definition, query);
  const place = placeOf(query);
  if (place.at !== undefined && place.at > deps.caches.revision) throw tooLargeVersion(place.at, deps.caches.revision);
  const { entries, revision } = await entriesAt(deps, target, place);
  const limit = Math.max(0, limitOf(query));
  const chosen: CacheEntry[] = [];
  let seen = 0;
  for (const entry of entries) {
    if (limit > 0 && chosen.length === limit) break;
    seen += 1;
    if (matches(entry.view(target.definition).object)) chosen.push(entry);
  }
  const left = entries.slice(seen);
  const more = left.length > 0 && (!hasSelection(query) || limit > 0);
  return { entries: chosen, metadata: listMetadata(target, { revision, chosen, left: more ? left.length : 0, query }) };
}

function listMetadata(
  target: Target,
  page: {
    readonly revision: Revision;
    readonly chosen: readonly CacheEntry[];
    readonly left: number;
    readonly query: URLSearchParams;
  },
): ListResult["metadata"] {
  const resourceVersion = String(page.revision);
  const last = page.chosen.at(-1);
  if (page.left === 0 || last === undefined) return { resourceVersion };
  const start = `${last.key.slice(storagePrefix(target.definition.storage).length)}\0`;
  const token = JSON.stringify({ v: "meta.k8s.io/v1", rv: page.revision, start });
  return {
    resourceVersion,
    continue: Buffer.from(token).toString("base64url"),
    ...(hasSelection(page.query) ? {} : { remainingItemCount: page.left }),
  };
}

function limitOf(query: URLSearchParams): number {
  const text = query.get("limit") ?? "";
  if (text === "") return 0;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function placeOf(query: URLSearchParams): Place {
  const token = query.get("continue") ?? "";
  const version = query.get("resourceVersion") ?? "";
  if (version !== "" && !/^\d+$/.test(version)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(version)}: ${why}`);
  }
  if (token !== "") {
    if (version !== "" && version !== "0")
      throw badRequest("specifying resource version is not allowed when using continue");
    return parseToken(token);
  }
  const exact =
    query.get("resourceVersionMatch") === "Exact" || (limitOf(query) > 0 && !query.has("resourceVersionMatch"));
  const at = version === "" || version === "0" ? undefined : Number(version);
  if (at !== undefined && !exact) return { at: undefined, start: "" };
  return { at, start: "" };
}

function parseToken(token: string): Place {
  let parsed: { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown };
  try {
    parsed = JSON.parse(Buffer.from(token, "base64url").toString()) as typeof parsed;
  } catch {
    throw badRequest("continue key is not valid: illegal base64 data at input byte 0");
  }
  if (parsed.v !== "meta.k8s.io/v1")
    throw badRequest("continue key is not valid: server does not recognize this encoded version");
  const { rv, start } = parsed;
  if (typeof rv !== "number" || rv <= 0)
    throw badRequest("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "" || start.startsWith("/"))
    throw badRequest("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
  return { at: rv, start };
}

export function tooLargeVersion(wanted: Revision, current: Revision): StatusError {
  return new StatusError(504, "Timeout", `Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

/** From the cache where nothing has changed since; else from storage's history. */
async function entriesAt(
  deps: RegistryDeps,
  target: Target,
  place: Place,
): Promise<{ readonly entries: readonly CacheEntry[]; readonly revision: Revision }> {
  const cache = cacheOf(deps, target.definition);
  const within = target.namespace === "" ? cache.prefix : `${cache.prefix}${target.namespace}/`;
  const whole = prefixRange(within);
  const start = `${cache.prefix}${place.start}`;
  const range = place.start === "" || start < whole.from ? whole : { from: start, to: whole.to };
  if (place.at === undefined || cache.changedAt <= place.at)
    return { entries: cache.list(range), revision: place.at ?? deps.caches.revision };
  try {
    const { items } = await deps.storage.range(range, { at: place.at });
    const entries = items.map((item) => new CacheEntry(item.key, decodeStored(item.value), item.modRevision));
    return { entries, revision: place.at };
  } catch (error) {
    if (error instanceof FutureRevisionError) throw tooLargeVersion(place.at, deps.caches.revision);
    if (error instanceof CompactedError) throw expired(expiredText(place));
    throw error;
  }
}

const expiredText = (place: Place): string =>
  place.start === ""
    ? "The resourceVersion for the provided list is too old."
    : "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.";

/** What a list answers in process: the cache's own objects. */
export const objectsOf = (target: Target, result: ListResult): readonly KubeObject[] =>
  result.entries.map((entry) => entry.view(target.definition).object);
