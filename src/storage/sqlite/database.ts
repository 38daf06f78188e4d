import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeyRange, RangeResult, Revision, StorageEvent, StoredItem } from "../contract.ts";
import { CompactedError, FutureRevisionError, StorageFullError } from "../errors.ts";
import type { EventPage } from "../feed.ts";
import {
  type CompactResult,
  type Operation,
  type Reply,
  type Result,
  type WorkerOptions,
  type WriteResult,
  wireErrorFrom,
} from "./messages.ts";
import { openFile } from "./schema.ts";
import { prepareStatements, type Statements } from "./statements.ts";

interface Row {
  readonly key: string;
  readonly revision: number;
  readonly created: number;
  readonly value: Uint8Array | null;
  readonly previous: Uint8Array | null;
}

const eventPage = 1_000;
const compactStep = 5_000;
const noBytes = new Uint8Array(0);
const rows = (statement: StatementSync, ...values: (string | number)[]): readonly Row[] =>
  statement.all(...values) as unknown as readonly Row[];

/** The file and its statements; synchronous, so it lives in the worker only. */
export class Database {
  revision: Revision;
  readonly #file: DatabaseSync;
  readonly #sql: Statements;
  #compacted: Revision;

  static open(options: WorkerOptions): Database {
    return new Database(openFile(options));
  }

  private constructor(file: DatabaseSync) {
    this.#file = file;
    this.#sql = prepareStatements(file);
    this.revision = this.#meta("revision");
    this.#compacted = this.#meta("compacted");
  }

  /**
   * Runs a batch in one transaction. Where that fails for want of room, each operation gets a transaction of its own, so
   * that only those without room fail.
   */
  run(batch: readonly Operation[]): readonly Reply[] {
    const replies = this.#transaction(batch);
    if (Array.isArray(replies)) return replies;
    if (batch.length === 1) return [{ ok: false, error: wireErrorFrom(replies) }];
    return batch.flatMap((operation) => this.run([operation]));
  }

  #transaction(batch: readonly Operation[]): Reply[] | Error {
    const { revision } = this;
    const compacted = this.#compacted;
    if (batch.some((operation) => operation.op === "close")) {
      this.#file.close();
      return batch.map(() => ({ ok: true, result: undefined }));
    }
    try {
      this.#file.exec("BEGIN IMMEDIATE");
      const replies = batch.map((operation) => this.#reply(operation));
      if (this.revision !== revision) this.#sql.setMeta.run(this.revision, "revision");
      this.#file.exec("COMMIT");
      return replies;
    } catch (error) {
      this.revision = revision;
      this.#compacted = compacted;
      if (this.#file.isTransaction) this.#file.exec("ROLLBACK");
      return storageErrorFrom(error);
    }
  }

  /** Errors of the question are replies; errors of the disk abort the whole transaction. */
  #reply(operation: Operation): Reply {
    try {
      return { ok: true, result: this.#execute(operation) };
    } catch (error) {
      if (error instanceof CompactedError || error instanceof FutureRevisionError)
        return { ok: false, error: wireErrorFrom(error) };
      throw error;
    }
  }

  #execute(operation: Operation): Result {
    switch (operation.op) {
      case "put":
        return this.#put(operation.key, operation.value, operation.expected);
      case "delete":
        return this.#delete(operation.key, operation.expected);
      case "get":
        return this.#get(operation.key);
      case "range":
        return this.#range(operation);
      case "events":
        return this.#events(operation.range, operation.after);
      case "compact":
        return this.#compact(operation.revision);
      case "close":
        return undefined;
    }
  }

  #get(key: string): StoredItem | undefined {
    const row = this.#sql.get.get(key) as unknown as Row | undefined;
    return row === undefined ? undefined : itemFrom(row, false);
  }

  #put(key: string, value: Uint8Array, expected: Revision | undefined): WriteResult {
    const before = this.#get(key);
    if (expected !== undefined && expected !== (before?.modRevision ?? 0)) return { kind: "conflict", current: before };
    const revision = this.revision + 1;
    const createRevision = before?.createRevision ?? revision;
    this.#sql.write.run(revision, key, value, createRevision, before?.modRevision ?? null);
    this.#sql.setLive.run(key, revision, createRevision);
    this.revision = revision;
    return { kind: "written", revision, createRevision, before: before?.value };
  }

  #delete(key: string, expected: Revision | undefined): WriteResult {
    const before = this.#get(key);
    if (before === undefined || (expected !== undefined && expected !== before.modRevision))
      return { kind: "conflict", current: before };
    const revision = this.revision + 1;
    this.#sql.write.run(revision, key, null, before.createRevision, before.modRevision);
    this.#sql.removeLive.run(key);
    this.revision = revision;
    return { kind: "written", revision, createRevision: before.createRevision, before: before.value };
  }

  #range(operation: Operation & { readonly op: "range" }): RangeResult {
    const { from, to } = operation.range;
    const at = operation.at ?? this.revision;
    if (at < this.#compacted) throw new CompactedError(this.#compacted);
    if (at > this.revision) throw new FutureRevisionError(`revision ${at} has not been written yet`);
    const limit = operation.limit ?? -1;
    const present = at === this.revision;
    const found = present ? rows(this.#sql.range, from, to, limit) : rows(this.#sql.rangeAt, from, to, at, limit);
    const items = found.map((row) => itemFrom(row, operation.keysOnly));
    const cut = limit >= 0 && items.length === limit;
    const count = cut ? this.#count(from, to, present ? undefined : at) : items.length;
    return { revision: at, items, more: items.length < count, count };
  }

  #count(from: string, to: string, at: Revision | undefined): number {
    const row = at === undefined ? this.#sql.count.get(from, to) : this.#sql.countAt.get(from, to, at);
    return Number(row?.count ?? 0);
  }

  #events(range: KeyRange, after: Revision): EventPage {
    if (after < this.#compacted) throw new CompactedError(this.#compacted);
    const found = rows(this.#sql.events, after, range.from, range.to, eventPage);
    const more = found.length === eventPage;
    const upTo = Math.max(after, (more ? found.at(-1)?.revision : undefined) ?? this.revision);
    return { events: found.map(eventFrom), upTo, more };
  }

  /** Forgets deletes, and values replaced, at or before the revision; a value still standing then stays. */
  #compact(revision: Revision): CompactResult {
    if (revision > this.revision) throw new FutureRevisionError(`revision ${revision} has not been written yet`);
    if (revision <= this.#compacted) return { done: true };
    const until = Math.min(revision, this.#compacted + compactStep);
    this.#sql.forgetReplaced.run(this.#compacted, until);
    this.#sql.forgetDeletes.run(this.#compacted, until);
    this.#sql.setMeta.run(until, "compacted");
    this.#compacted = until;
    return { done: until === revision };
  }

  #meta(name: string): number {
    return Number(this.#sql.meta.get(name)?.value ?? 0);
  }
}

function itemFrom(row: Row, keysOnly: boolean): StoredItem {
  const value = keysOnly ? noBytes : (row.value ?? noBytes);
  return { key: row.key, value, createRevision: row.created, modRevision: row.revision };
}

function eventFrom(row: Row): StorageEvent {
  const { key, revision, created: createRevision } = row;
  if (row.value === null) return { kind: "delete", key, revision, value: row.previous ?? noBytes, createRevision };
  const previous = row.previous === null ? {} : { previous: row.previous };
  return { kind: "put", key, revision, value: row.value, createRevision, ...previous };
}

/** SQLITE_FULL, and the I/O errors a disk without room gives where space is only found missing at write or sync. */
function storageErrorFrom(error: unknown): Error {
  const code = (error as { readonly errcode?: number }).errcode ?? 0;
  if (code === 13 || code === 778 || code === 1034)
    return new StorageFullError("no room left for the data directory; the write did not happen");
  return error instanceof Error ? error : new Error(String(error));
}
