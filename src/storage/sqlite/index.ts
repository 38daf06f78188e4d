/**
 * Durable storage in one SQLite file, in a worker thread: `openSqliteStorage({ directory })`. Writes that arrive while a
 * commit is in flight form the next commit; each is acknowledged after its transaction is on disk. One opener at a time.
 */
export { openSqliteStorage, type SqliteStorageOptions } from "./sqlite-storage.ts";
