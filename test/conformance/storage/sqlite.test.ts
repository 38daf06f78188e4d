import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { prefixRange } from "#storage";
import { openSqliteStorage } from "#storage/sqlite";
import { storageConformance } from "./suite.ts";

const made: string[] = [];
async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "drover-storage-"));
  made.push(directory);
  return directory;
}
afterAll(() => Promise.all(made.map((directory) => rm(directory, { recursive: true, force: true }))));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

storageConformance("sqlite", async () => openSqliteStorage({ directory: await freshDirectory() }));

test("what was written is there after closing and opening again, history included", async () => {
  const directory = await freshDirectory();
  const first = await openSqliteStorage({ directory });
  await first.put("/a", bytes("1"));
  await first.put("/a", bytes("2"));
  await first.delete("/a");
  await first.compact(1);
  await first.close();
  const second = await openSqliteStorage({ directory });
  expect(await second.revision()).toBe(3);
  expect((await second.range(prefixRange("/"), { at: 2 })).count).toBe(1);
  expect(await second.put("/b", bytes("1"), 0)).toEqual({ kind: "written", revision: 4 });
  await second.close();
});

test("a compacted last delete does not give its revision away again", async () => {
  const directory = await freshDirectory();
  const first = await openSqliteStorage({ directory });
  await first.put("/a", bytes("1"));
  await first.delete("/a");
  await first.compact(2);
  await first.close();
  const second = await openSqliteStorage({ directory });
  expect(await second.put("/a", bytes("1"))).toEqual({ kind: "written", revision: 3 });
  await second.close();
});

test("a second opener is refused with the directory's name", async () => {
  const directory = await freshDirectory();
  const first = await openSqliteStorage({ directory });
  await expect(openSqliteStorage({ directory })).rejects.toMatchObject({ name: "DirectoryInUseError", directory });
  await first.close();
  await (await openSqliteStorage({ directory })).close();
});

test("a newer format and a foreign file are refused", async () => {
  const newer = await freshDirectory();
  await (await openSqliteStorage({ directory: newer })).close();
  const file = new DatabaseSync(join(newer, "state.db"));
  file.exec("PRAGMA user_version = 99");
  file.close();
  await expect(openSqliteStorage({ directory: newer })).rejects.toThrow(/format is version 99/);
  const foreign = await freshDirectory();
  const other = new DatabaseSync(join(foreign, "state.db"));
  other.exec("CREATE TABLE t (x)");
  other.close();
  await expect(openSqliteStorage({ directory: foreign })).rejects.toThrow(/not made by Drover/);
});

test("a full disk refuses the write, loses nothing, and takes writes again when there is room", async () => {
  const directory = await freshDirectory();
  const storage = await openSqliteStorage({ directory, maxBytes: 400_000 });
  await storage.put("/keep", bytes("kept"));
  const big = new Uint8Array(60_000);
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => storage.put(`/big/${n}`, big)));
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(12);
  expect(refused.every((outcome) => (outcome.reason as Error).name === "StorageFullError")).toBe(true);
  const there = await storage.range(prefixRange("/big/"));
  expect(there.count).toBe(12 - refused.length);
  for (const item of there.items) await storage.delete(item.key);
  await storage.compact(await storage.revision());
  expect((await storage.put("/big/again", big)).kind).toBe("written");
  expect(new TextDecoder().decode((await storage.get("/keep"))?.value)).toBe("kept");
  await storage.close();
});

test("everything acknowledged before kill -9 is there afterwards", async () => {
  const directory = await freshDirectory();
  const child = spawn(process.execPath, [join(import.meta.dirname, "write-until-killed.ts"), directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === 400) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const storage = await openSqliteStorage({ directory });
  const found = new Set((await storage.range(prefixRange("/"))).items.map((item) => item.key));
  expect(acknowledged.length).toBeGreaterThanOrEqual(400);
  expect(acknowledged.filter((key) => !found.has(key))).toEqual([]);
  await storage.close();
});
