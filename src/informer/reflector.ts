import { type Clock, isAbort } from "#base";
import { type KubeClient, retryAfterMs } from "#client";
import { type GroupVersionResource, isExpired, isStatusError, type KubeObject, type WatchEvent } from "#machinery";
import { type Backoff, exponentialBackoff } from "#runtime";
import type { InformerOptions } from "./contract.ts";

/** Where a reflector puts what it reads. */
export interface ReflectorSink<T extends KubeObject> {
  /** The whole truth, after a list. */
  replace(objects: readonly T[]): void;
  apply(event: WatchEvent<T>): void;
  /** The last list or watch failed; undefined once one works again. */
  failed(error: Error | undefined): void;
}

export interface ReflectorDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly type: GroupVersionResource;
  readonly options: InformerOptions;
  /** In [0, 1). Default Math.random. */
  readonly random?: () => number;
}

const pageSize = 500;
/** A watch that ends sooner than this without an event is not working: the next one waits. */
const shortWatchMs = 1000;

/**
 * Keeps a sink equal to the server: lists once, watches from there, resumes where a watch broke off, and lists again only
 * when the server no longer knows that point.
 *
 * Lists ask for the newest state (no resourceVersion), in pages: a cached answer could be older than what a former watch
 * has already delivered, and old servers ignore the page size for cached answers.
 */
export async function reflect<T extends KubeObject>(
  deps: ReflectorDeps,
  sink: ReflectorSink<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random = Math.random } = deps;
  const backoff = exponentialBackoff({ initialMs: 500, maxMs: 30_000, jitter: 0.5, random });
  let position: string | undefined;
  while (!signal.aborted) {
    try {
      position ??= await listInto(deps, sink, signal);
      const progress = await watchInto(deps, sink, { position, backoff }, signal);
      position = mustList(progress.error) ? undefined : progress.position;
      if (progress.error !== undefined) throw progress.error;
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      sink.failed(error instanceof Error ? error : new Error(String(error)));
      await pause(clock, waitMs(error, backoff), signal);
    }
  }
}

/** An expired position costs nothing but a list; everything else waits, as long as the server asks or the backoff says. */
function waitMs(error: unknown, backoff: Backoff): number {
  if (isExpired(error) && backoff.failures === 0) {
    backoff.next();
    return 0;
  }
  return Math.max(retryAfterMs(error) ?? 0, backoff.next());
}

/** A server that answers but refuses the position (expired, too new after a restore, invalid) is listed again. */
function mustList(error: unknown): boolean {
  return isStatusError(error) && ![429, 500, 503].includes(error.code);
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch(() => undefined);
}

async function listInto<T extends KubeObject>(
  deps: ReflectorDeps,
  sink: ReflectorSink<T>,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await listPages(deps, sink, { limit: pageSize, signal });
  } catch (error) {
    if (!isExpired(error)) throw error;
    return await listPages(deps, sink, { limit: undefined, signal }); // pages took longer than the server keeps history
  }
}

async function listPages<T extends KubeObject>(
  deps: ReflectorDeps,
  sink: ReflectorSink<T>,
  { limit, signal }: { readonly limit: number | undefined; readonly signal: AbortSignal },
): Promise<string> {
  const objects: T[] = [];
  let next: string | undefined;
  let position: string | undefined;
  do {
    const page = await deps.client.list<T>(
      deps.type,
      { ...deps.options, ...(limit === undefined ? {} : { limit }), ...(next === undefined ? {} : { continue: next }) },
      signal,
    );
    for (const object of page.items) objects.push(object);
    next = page.metadata.continue === "" ? undefined : page.metadata.continue;
    position = page.metadata.resourceVersion;
  } while (next !== undefined);
  sink.replace(objects);
  sink.failed(undefined);
  return position ?? "";
}

interface Progress {
  /** The last resourceVersion seen. */
  readonly position: string;
  /** Undefined when the server ended the watch in good order. */
  readonly error?: unknown;
}

async function watchInto<T extends KubeObject>(
  deps: ReflectorDeps,
  sink: ReflectorSink<T>,
  from: { readonly position: string; readonly backoff: Backoff },
  signal: AbortSignal,
): Promise<Progress> {
  const { client, clock, random = Math.random } = deps;
  const started = clock.monotonicMs();
  let { position } = from;
  let events = 0;
  const opened = (): void => sink.failed(undefined);
  try {
    const watch = {
      ...deps.options,
      resourceVersion: position,
      allowWatchBookmarks: true,
      timeoutSeconds: 300 + Math.floor(random() * 300),
      onOpen: opened,
    };
    for await (const event of client.watch<T>(deps.type, watch, signal)) {
      if (events++ === 0) {
        opened();
        from.backoff.reset();
      }
      if (event.type !== "BOOKMARK") sink.apply(event);
      position = event.object.metadata.resourceVersion ?? position;
    }
  } catch (error) {
    return { position, error };
  }
  const tooShort = events === 0 && clock.monotonicMs() - started < shortWatchMs;
  if (tooShort && !signal.aborted) await pause(clock, from.backoff.next(), signal);
  else from.backoff.reset();
  return { position };
}
