import { badRequest, expired, type Status, StatusError } from "#machinery";
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
  const wanted = Number(query.get("resourceVersion") ?? 0);
  if (wanted > deps.caches.revision) throw tooLargeVersion(wanted, deps.caches.revision);
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
  return {
    resourceVersion,
    continue: tokenFor(page.revision, start),
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
    throw badRequest(`invalid continue token: continue key is not valid: ${jsonFault(token)}`);
  }
  if (parsed.v !== "meta.k8s.io/v1")
    throw badRequest(
      `invalid continue token: continue key is not valid: server does not recognize this encoded version ${parsed.v ?? ""}`,
    );
  const { rv, start } = parsed;
  if (typeof rv !== "number" || rv <= 0)
    throw badRequest(
      "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
    );
  if (typeof start !== "string" || start === "")
    throw badRequest(
      "invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)",
    );
  return { at: rv, start };
}

/** What Go's JSON decoder says of the first byte that begins no value. */
function jsonFault(token: string): string {
  const [byte = 0] = Buffer.from(token, "base64url");
  const shown =
    byte < 0x20 || (byte > 0x7e && byte < 0xa0)
      ? `\\u${byte.toString(16).padStart(4, "0")}`
      : String.fromCharCode(byte);
  return `invalid character '${shown}' looking for beginning of value`;
}

export function tooLargeVersion(wanted: Revision, current: Revision): StatusError {
  return new StatusError(504, "Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
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
    if (error instanceof CompactedError) throw expiredList(deps, place);
    throw error;
  }
}

/** A list in pages may go on from where it was, if the client can bear that it is no longer one picture. */
function expiredList(deps: RegistryDeps, place: Place): StatusError {
  if (place.start === "") return expired("The resourceVersion for the provided list is too old.");
  return new ExpiredPageError(tokenFor(deps.caches.revision, place.start));
}

class ExpiredPageError extends StatusError {
  readonly #token: string;

  constructor(token: string) {
    super(
      410,
      "Expired",
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    );
    this.#token = token;
  }

  override toStatus(): Status {
    return { ...super.toStatus(), metadata: { continue: this.#token } };
  }
}

const tokenFor = (revision: Revision, start: string): string =>
  Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start })).toString("base64url");
