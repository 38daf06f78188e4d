/** Writes from several writers at once and prints each key after its acknowledgement, until somebody kills it. */
import { writeSync } from "node:fs";
import { openSqliteStorage } from "#storage/sqlite";

const storage = await openSqliteStorage({ directory: process.argv[2] ?? "" });
const writer = async (name: number): Promise<void> => {
  for (let n = 0; ; n += 1) {
    const key = `/${name}/${n}`;
    await storage.put(key, new Uint8Array(500), 0);
    writeSync(1, `${key}\n`);
  }
};
await Promise.all([0, 1, 2, 3, 4].map(writer));
