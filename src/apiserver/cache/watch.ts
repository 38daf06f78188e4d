import type { Clock } from "#base";
import { encodeJson, expired, groupVersionText, type KubeObject } from "#machinery";
import type { Revision } from "#storage";
import type { ServerWatchEvent } from "../contract.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import type { CacheEntry } from "./entry.ts";
import type { CacheEvent, ResourceCache } from "./resource-cache.ts";

export interface WatchRequest {
  readonly definition: ResourceDefinition;
  /** Events after it; undefined: begin with what is there. */
  readonly after: Revision | undefined;
  readonly matches: (object: KubeObject) => boolean;
  /** Whether the object's place (namespace, name) is watched at all. */
  readonly covers: (key: string) => boolean;
  readonly bookmarks: boolean;
  /** A bookmark with the annotation `k8s.io/initial-events-end` follows what is there. */
  readonly markInitialEnd: boolean;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The revision of the whole store, for bookmarks. */
  readonly revision: () => Revision;
  readonly signal: AbortSignal;
}

/** A watcher that has not read this many events is disconnected; its client lists again. */
const bufferLimit = 4_000;
const bookmarkMs = 60_000;
/** A watch about to end tells how far it came this long before. */
const lastBookmarkMs = 2_000;
const encoder = new TextEncoder();

const lineOf = (type: string, text: Uint8Array): Uint8Array => {
  const head = encoder.encode(`{"type":"${type}","object":`);
  const line = new Uint8Array(head.length + text.length + 2);
  line.set(head);
  line.set(text, head.length);
  line.set([0x7d, 0x0a], head.length + text.length);
  return line;
};

/** Begins at once: nothing that happens after this call is missed, however late the first event is read. */
export function watchCache(cache: ResourceCache, request: WatchRequest): AsyncIterable<ServerWatchEvent> {
  const watcher = new Watcher(request);
  const stopListening = cache.listen((event) => watcher.offer(event));
  if (request.after !== undefined && request.after < cache.completeSince && request.after !== 0) {
    stopListening();
    const error = expired(`too old resource version: ${request.after} (${cache.completeSince})`);
    return only(plainEvent("ERROR", { ...error.toStatus() }));
  }
  if (request.after === undefined) watcher.begin(cache.list());
  else for (const event of cache.eventsAfter(request.after)) watcher.offer(event);
  return watcher.events(stopListening);
}

class Watcher {
  readonly #request: WatchRequest;
  #buffer: ServerWatchEvent[] = [];
  #ended = false;
  #wake: () => void = () => {};

  constructor(request: WatchRequest) {
    this.#request = request;
  }

  begin(entries: readonly CacheEntry[]): void {
    const { definition, covers, matches, markInitialEnd } = this.#request;
    for (const entry of entries) {
      if (covers(entry.key) && matches(entry.view(definition).object))
        this.#push(entryEvent("ADDED", entry, definition));
    }
    if (markInitialEnd) this.#push(this.#bookmark({ "k8s.io/initial-events-end": "true" }));
  }

  offer(event: CacheEvent): void {
    if (this.#ended || !this.#request.covers(event.entry.key)) return;
    const seen = translate(event, this.#request);
    if (seen !== undefined) this.#push(seen);
    if (this.#buffer.length > bufferLimit) this.#end();
  }

  async *events(stopListening: () => void): AsyncGenerator<ServerWatchEvent> {
    const { clock, signal, timeoutMs, bookmarks } = this.#request;
    const end = (): void => this.#end();
    const cancels = [clock.after(timeoutMs, end), stopListening];
    if (bookmarks) cancels.push(this.#scheduleBookmarks());
    signal.addEventListener("abort", end);
    try {
      if (signal.aborted) return;
      for (;;) {
        const batch = this.#buffer;
        this.#buffer = [];
        yield* batch;
        if (this.#ended) return;
        if (this.#buffer.length === 0) await this.#more();
      }
    } finally {
      this.#ended = true;
      for (const cancel of cancels) cancel();
      signal.removeEventListener("abort", end);
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#ended || this.#buffer.length > 0) resolve();
    });
  }

  #push(event: ServerWatchEvent): void {
    this.#buffer.push(event);
    this.#wake();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  #scheduleBookmarks(): () => void {
    const { clock, timeoutMs } = this.#request;
    const end = clock.monotonicMs() + timeoutMs - lastBookmarkMs;
    let cancel = (): void => {};
    const next = (): void => {
      const left = end - clock.monotonicMs();
      if (left <= 0) return;
      cancel = clock.after(Math.min(bookmarkMs, left), () => {
        this.#push(this.#bookmark(undefined));
        next();
      });
    };
    next();
    return () => cancel();
  }

  #bookmark(annotations: Readonly<Record<string, string>> | undefined): ServerWatchEvent {
    const { definition, revision } = this.#request;
    const metadata = {
      resourceVersion: String(revision()),
      ...(annotations === undefined ? {} : { annotations }),
    };
    return plainEvent("BOOKMARK", { kind: definition.kind, apiVersion: groupVersionText(definition), metadata });
  }
}

/** What a change is to a watcher that sees only matching objects. */
function translate(event: CacheEvent, request: WatchRequest): ServerWatchEvent | undefined {
  const { definition, matches } = request;
  const { entry, previous } = event;
  if (event.type === "DELETED") {
    return matches(entry.view(definition).object) ? cachedEvent("DELETED", event, definition) : undefined;
  }
  const now = matches(entry.view(definition).object);
  const before = previous !== undefined && matches(previous.view(definition).object);
  if (now) return cachedEvent(before ? "MODIFIED" : "ADDED", event, definition);
  if (!before) return undefined;
  const { object } = previous.view(definition);
  const metadata = { ...object.metadata, resourceVersion: String(event.revision) };
  return plainEvent("DELETED", { ...object, metadata });
}

function entryEvent(type: "ADDED", entry: CacheEntry, definition: ResourceDefinition): ServerWatchEvent {
  const view = entry.view(definition);
  return { type, object: view.object, line: () => lineOf(type, view.text()) };
}

function cachedEvent(
  type: "ADDED" | "MODIFIED" | "DELETED",
  event: CacheEvent,
  definition: ResourceDefinition,
): ServerWatchEvent {
  const view = event.entry.view(definition);
  const id = `${type} ${view.object.apiVersion}`;
  return {
    type,
    object: view.object,
    line: () => {
      const line = event.lines.get(id) ?? lineOf(type, view.text());
      event.lines.set(id, line);
      return line;
    },
  };
}

/** An event that is encoded for one watcher alone. */
export function plainEvent(type: ServerWatchEvent["type"], object: ServerWatchEvent["object"]): ServerWatchEvent {
  return { type, object, line: () => lineOf(type, encoder.encode(encodeJson(object))) };
}

async function* only(event: ServerWatchEvent): AsyncGenerator<ServerWatchEvent> {
  yield event;
}
