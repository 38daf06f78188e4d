import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DirectoryInUseError, UnknownFormatError } from "../errors.ts";
import type { WorkerOptions } from "./messages.ts";

/** Raised by every change of the tables that an older version could not read. */
const formatVersion = 1;

/** "drov": tells our files from any other SQLite database. */
const applicationId = 0x64_72_6f_76;

/**
 * `history` holds every write; `live` points at the present one of each key. A delete has no value; `previous` is the
 * revision it or a put replaced. UTF-16 makes the binary order of keys the order of their code units.
 */
const tables = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('revision', 0), ('compacted', 0);
  CREATE TABLE history (
    revision INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB, created INTEGER NOT NULL, previous INTEGER);
  CREATE INDEX history_by_key ON history (key, revision);
  CREATE TABLE live (key TEXT PRIMARY KEY, revision INTEGER NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Opens or creates the file, exclusively. */
export function openFile(options: WorkerOptions): DatabaseSync {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(options.directory, "state.db"), { timeout: 0 });
  try {
    prepareFile(database, options);
    return database;
  } catch (error) {
    database.close();
    const code = (error as { readonly errcode?: number }).errcode;
    if (code === 5 || code === 261) throw new DirectoryInUseError(options.directory);
    if (code === 26) throw new UnknownFormatError(options.directory, "state.db is not a database");
    throw error;
  }
}

function prepareFile(database: DatabaseSync, options: WorkerOptions): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA encoding = 'UTF-16be'; PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT");
  const found = pragma(database, "user_version");
  const owner = pragma(database, "application_id");
  const empty = pragma(database, "schema_version") === 0;
  if (empty) {
    database.exec(`BEGIN; ${tables} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}`);
    database.exec("COMMIT");
  } else if (owner !== applicationId) {
    throw new UnknownFormatError(options.directory, "state.db was not made by Drover");
  } else if (found > formatVersion) {
    const why = `its format is version ${found}, this Drover knows ${formatVersion}; use a newer Drover`;
    throw new UnknownFormatError(options.directory, why);
  }
  if (options.maxBytes !== undefined) {
    const pages = Math.floor(options.maxBytes / pragma(database, "page_size"));
    database.exec(`PRAGMA max_page_count = ${pages}`);
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}
