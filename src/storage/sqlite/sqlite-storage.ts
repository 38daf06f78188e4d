import { Worker } from "node:worker_threads";
import type { KeyRange, RangeResult, Revision, Storage, StorageEvent, StoredItem, WriteOutcome } from "../contract.ts";
import { StorageClosedError } from "../errors.ts";
import { EventFeed, type EventPage } from "../feed.ts";
import {
  type CompactResult,
  errorFromWire,
  type Operation,
  type Reply,
  type Result,
  type WireError,
  type WorkerOptions,
  type WriteResult,
} from "./messages.ts";

export interface SqliteStorageOptions {
  /** Made where it is missing; holds `state.db` and is locked while open. */
  readonly directory: string;
  /** Writes beyond this size of the file throw StorageFullError. Default: as much as the disk has. */
  readonly maxBytes?: number;
}

/** Writers woken in one turn of the event loop. */
const atOnce = 16;

interface Call {
  readonly operation: Operation;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

type Opening = { readonly opened: true; readonly revision: Revision } | { readonly opened: false; error: WireError };

/**
 * @throws DirectoryInUseError when somebody has it open, UnknownFormatError when this version cannot read it.
 */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  const workerData: WorkerOptions = { directory: options.directory, maxBytes: options.maxBytes };
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const opening = await new Promise<Opening>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if (!opening.opened) {
    await worker.terminate();
    throw errorFromWire(opening.error);
  }
  return new SqliteStorage(worker, opening.revision);
}

/** The main thread's half: gathers calls into batches, one in flight at a time, and feeds watches. */
class SqliteStorage implements Storage {
  readonly #worker: Worker;
  readonly #feed: EventFeed;
  #revision: Revision;
  #waiting: Call[] = [];
  #inFlight: Call[] = [];
  /** Answered by the worker, not yet handed to who asked. */
  readonly #settling: { readonly call: Call; readonly reply: Reply | undefined }[] = [];
  #closing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(worker: Worker, revision: Revision) {
    this.#worker = worker;
    this.#revision = revision;
    this.#feed = new EventFeed((range, after) => this.#call<EventPage>({ op: "events", range, after }));
    worker.on("message", (replies: readonly Reply[]) => this.#settle(replies));
    worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", () => this.#fail(new StorageClosedError("storage is closed")));
  }

  async revision(): Promise<Revision> {
    this.#assertOpen();
    return this.#revision;
  }

  get(key: string): Promise<StoredItem | undefined> {
    return this.#call({ op: "get", key });
  }

  range(
    range: KeyRange,
    options: { readonly limit?: number; readonly at?: Revision; readonly keysOnly?: boolean } = {},
  ): Promise<RangeResult> {
    const { limit, at, keysOnly = false } = options;
    return this.#call({ op: "range", range, limit, at, keysOnly });
  }

  async put(key: string, value: Uint8Array, expected?: Revision): Promise<WriteOutcome> {
    return outcomeFrom(await this.#call<WriteResult>({ op: "put", key, value, expected }));
  }

  async delete(key: string, expected?: Revision): Promise<WriteOutcome> {
    return outcomeFrom(await this.#call<WriteResult>({ op: "delete", key, expected }));
  }

  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<readonly StorageEvent[]> {
    this.#assertOpen();
    return this.#feed.watch(range, after, signal);
  }

  async compact(revision: Revision): Promise<void> {
    let result: CompactResult;
    do result = await this.#call<CompactResult>({ op: "compact", revision });
    while (!result.done);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    await this.#closing;
  }

  async #shutDown(): Promise<void> {
    if (this.#failure !== undefined) return;
    const last = this.#call({ op: "close" });
    this.#failure = new StorageClosedError("storage is closed");
    await last;
    await this.#worker.terminate();
    this.#feed.close();
  }

  #call<T extends Result>(operation: Operation): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#assertOpen();
      this.#waiting.push({ operation, resolve: (result) => resolve(result as T), reject });
      if (this.#waiting.length === 1 && this.#inFlight.length === 0) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    if (this.#inFlight.length > 0 || this.#waiting.length === 0) return;
    // The closing call goes alone, after everything before it.
    const closeAt = this.#waiting.findIndex((call) => call.operation.op === "close");
    const size = closeAt > 0 ? closeAt : this.#waiting.length;
    this.#inFlight = this.#waiting.slice(0, size);
    this.#waiting = this.#waiting.slice(size);
    const { operations, buffer } = packed(this.#inFlight.map((call) => call.operation));
    this.#worker.postMessage(operations, [buffer]);
  }

  /** The worker gets its next batch at once; what came back is handed out meanwhile. */
  #settle(replies: readonly Reply[]): void {
    const idle = this.#settling.length === 0;
    for (const [index, call] of this.#inFlight.entries()) this.#settling.push({ call, reply: replies[index] });
    this.#inFlight = [];
    this.#send();
    if (idle) this.#handOut();
  }

  /**
   * Watches hear of a write before its writer does, so that a writer can rely on what follows the watch. A commit of
   * hundreds of writes wakes as many writers: they go on a few at a time, or they would hold the event loop.
   */
  #handOut(): void {
    const some = this.#settling.splice(0, atOnce);
    const events = some.flatMap(({ call, reply }) => eventFrom(call.operation, reply) ?? []);
    this.#revision = events.at(-1)?.revision ?? this.#revision;
    if (events.length > 0) this.#feed.publish(events);
    for (const { call, reply } of some) {
      if (reply?.ok) call.resolve(reply.result);
      else call.reject(reply === undefined ? new Error("no reply from storage") : errorFromWire(reply.error));
    }
    if (this.#settling.length > 0) setImmediate(() => this.#handOut());
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const call of [...this.#inFlight, ...this.#waiting]) call.reject(this.#failure);
    this.#inFlight = [];
    this.#waiting = [];
    this.#feed.close();
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/**
 * The operations with their values in one buffer, which moves to the worker: one copy of memory instead of a clone for each
 * value, which costs far more. The values themselves stay for the events.
 */
function packed(operations: readonly Operation[]): { operations: readonly Operation[]; buffer: ArrayBuffer } {
  const size = operations.reduce((sum, one) => sum + (one.op === "put" ? one.value.byteLength : 0), 0);
  const all = new Uint8Array(size);
  let at = 0;
  const moved = operations.map((one) => {
    if (one.op !== "put") return one;
    all.set(one.value, at);
    const value = all.subarray(at, at + one.value.byteLength);
    at += one.value.byteLength;
    return { ...one, value };
  });
  return { operations: moved, buffer: all.buffer };
}

function outcomeFrom(result: WriteResult): WriteOutcome {
  return result.kind === "conflict" ? result : { kind: "written", revision: result.revision };
}

function eventFrom(operation: Operation, reply: Reply | undefined): StorageEvent | undefined {
  if (operation.op !== "put" && operation.op !== "delete") return undefined;
  if (reply === undefined || !reply.ok) return undefined;
  const result = reply.result as WriteResult;
  if (result.kind !== "written") return undefined;
  const { revision, createRevision, before } = result;
  const shared = { key: operation.key, revision, createRevision };
  if (operation.op === "delete") return { kind: "delete", ...shared, value: before ?? new Uint8Array(0) };
  return {
    kind: "put",
    ...shared,
    value: operation.value,
    ...(before === undefined ? {} : { previous: before }),
  };
}
