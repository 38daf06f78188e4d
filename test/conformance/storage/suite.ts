import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { prefixRange, type Storage, type StorageEvent } from "#storage";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);
const all = prefixRange("/");

/** Reads `count` events of a watch, then ends it. */
async function take(storage: Storage, after: number, count: number, range = all): Promise<StorageEvent[]> {
  const stop = new AbortController();
  const events: StorageEvent[] = [];
  for await (const batch of storage.watch(range, after, stop.signal)) {
    events.push(...batch);
    if (events.length >= count) stop.abort();
  }
  return events;
}

/** What every implementation of the contract does. `open` gives an empty store. */
export function storageConformance(name: string, open: () => Promise<Storage>): void {
  describe(name, () => {
    const withStorage = (body: (storage: Storage) => Promise<void>) => async (): Promise<void> => {
      const storage = await open();
      try {
        await body(storage);
      } finally {
        await storage.close();
      }
    };

    test(
      "a put is read back with its revisions",
      withStorage(async (storage) => {
        const start = await storage.revision();
        expect(await storage.put("/a", bytes("1"), 0)).toEqual({ kind: "written", revision: start + 1 });
        expect(await storage.put("/a", bytes("2"), start + 1)).toEqual({ kind: "written", revision: start + 2 });
        const item = await storage.get("/a");
        expect({ ...item, value: text(item?.value ?? bytes("")) }).toEqual({
          key: "/a",
          value: "2",
          createRevision: start + 1,
          modRevision: start + 2,
        });
      }),
    );

    test(
      "a write that expects another revision is a conflict that tells what is there",
      withStorage(async (storage) => {
        await storage.put("/a", bytes("1"));
        const stale = await storage.put("/a", bytes("2"), 0);
        expect(stale).toMatchObject({ kind: "conflict", current: { key: "/a" } });
        expect(await storage.delete("/a", 99)).toMatchObject({ kind: "conflict", current: { key: "/a" } });
        expect(await storage.put("/b", bytes("1"), 7)).toEqual({ kind: "conflict", current: undefined });
        expect(await storage.delete("/b")).toEqual({ kind: "conflict", current: undefined });
      }),
    );

    test(
      "a range is in order, bounded and counted",
      withStorage(async (storage) => {
        for (const key of ["/b", "/a", "/c", "/a/x", "0"]) await storage.put(key, bytes(key));
        const page = await storage.range(all, { limit: 2 });
        expect(page.items.map((item) => item.key)).toEqual(["/a", "/a/x"]);
        expect({ more: page.more, count: page.count }).toEqual({ more: true, count: 4 });
        const rest = await storage.range({ from: "/a/x\0", to: all.to });
        expect(rest.items.map((item) => text(item.value))).toEqual(["/b", "/c"]);
        const keys = await storage.range(all, { keysOnly: true });
        expect(keys.items.every((item) => item.value.length === 0)).toBe(true);
      }),
    );

    test(
      "keys are ordered by code unit",
      withStorage(async (storage) => {
        const keys = ["/\u{1F600}", "/\uFB01", "/a", "/Z"];
        for (const key of keys) await storage.put(key, bytes(key));
        const found = await storage.range({ from: "", to: "\uFFFF" });
        expect(found.items.map((item) => item.key)).toEqual([...keys].sort());
      }),
    );

    test(
      "the past is read as it was, until it is compacted",
      withStorage(async (storage) => {
        const start = await storage.revision();
        await storage.put("/a", bytes("1"));
        await storage.put("/b", bytes("1"));
        await storage.put("/a", bytes("2"));
        await storage.delete("/b");
        const then = await storage.range(all, { at: start + 2 });
        expect(then.items.map((item) => [item.key, text(item.value)])).toEqual([
          ["/a", "1"],
          ["/b", "1"],
        ]);
        await storage.compact(start + 3);
        await expect(storage.range(all, { at: start + 2 })).rejects.toMatchObject({
          name: "CompactedError",
          compactedRevision: start + 3,
        });
        expect((await storage.range(all, { at: start + 3 })).items.map((item) => item.key)).toEqual(["/a", "/b"]);
        expect((await storage.range(all)).items.map((item) => text(item.value))).toEqual(["2"]);
        await expect(storage.range(all, { at: start + 9 })).rejects.toMatchObject({ name: "FutureRevisionError" });
      }),
    );

    test(
      "a watch tells what came after its revision and goes on live",
      withStorage(async (storage) => {
        const start = await storage.revision();
        await storage.put("/a", bytes("1"));
        await storage.put("/a", bytes("2"));
        const watching = take(storage, start + 1, 3);
        await storage.delete("/a");
        await storage.put("other", bytes("x"));
        await storage.put("/b", bytes("1"));
        const shape = (await watching).map((event) => [
          event.kind,
          event.key,
          event.revision - start,
          text(event.value),
          event.previous === undefined ? undefined : text(event.previous),
        ]);
        expect(shape).toEqual([
          ["put", "/a", 2, "2", "1"],
          ["delete", "/a", 3, "2", undefined],
          ["put", "/b", 5, "1", undefined],
        ]);
      }),
    );

    test(
      "a watch from a compacted revision is refused",
      withStorage(async (storage) => {
        const start = await storage.revision();
        await storage.put("/a", bytes("1"));
        await storage.put("/a", bytes("2"));
        await storage.compact(start + 2);
        await expect(take(storage, start + 1, 1)).rejects.toMatchObject({ name: "CompactedError" });
        await storage.put("/a", bytes("3"));
        expect((await take(storage, start + 2, 1)).map((event) => text(event.value))).toEqual(["3"]);
      }),
    );

    test(
      "many writers at once each get a revision of their own, and one of two rivals loses",
      withStorage(async (storage) => {
        const outcomes = await Promise.all(Array.from({ length: 200 }, (_, n) => storage.put(`/k${n}`, bytes("v"), 0)));
        const revisions = outcomes.map((outcome) => (outcome.kind === "written" ? outcome.revision : -1));
        expect(new Set(revisions).size).toBe(200);
        const rivals = await Promise.all([storage.put("/r", bytes("1"), 0), storage.put("/r", bytes("2"), 0)]);
        expect(rivals.map((outcome) => outcome.kind).sort()).toEqual(["conflict", "written"]);
      }),
    );

    test("after close every call is refused", async () => {
      const storage = await open();
      await storage.close();
      await expect(storage.get("/a")).rejects.toMatchObject({ name: "StorageClosedError" });
      await expect(storage.put("/a", bytes("1"))).rejects.toMatchObject({ name: "StorageClosedError" });
      await storage.close();
    });

    test("a random history reads, replays and reads back in time as a plain map does", async () => {
      const step = fc.record({
        kind: fc.constantFrom("put", "put", "delete", "compact"),
        key: fc.constantFrom("/a", "/b", "/c/1", "/c/2"),
        stale: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const storage = await open();
          try {
            await playHistory(storage, steps);
          } finally {
            await storage.close();
          }
        }),
        { numRuns: 25, seed: 20261122 },
      );
    });
  });
}

interface Step {
  readonly kind: string;
  readonly key: string;
  readonly stale: boolean;
}

async function playHistory(storage: Storage, steps: readonly Step[]): Promise<void> {
  const start = await storage.revision();
  const history: History = { compacted: start, model: new Map(), past: new Map([[start, new Map()]]) };
  for (const [index, step] of steps.entries()) {
    if (step.kind === "compact") await compactSome(storage, history);
    else await playWrite(storage, history, { step, value: `${step.key}#${index}` });
  }
  for (const [at, then] of history.past) {
    if (at < history.compacted) continue;
    const found = await storage.range(all, { at });
    const wanted = [...then].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { value }]) => [key, value]);
    expect(found.items.map((item) => [item.key, text(item.value)])).toEqual(wanted);
  }
  const missed = (await storage.revision()) - history.compacted;
  if (missed === 0) return;
  const events = await take(storage, history.compacted, missed);
  const wanted = Array.from({ length: missed }, (_, n) => history.compacted + 1 + n);
  expect(events.map((event) => event.revision)).toEqual(wanted);
}

type Model = ReadonlyMap<string, { readonly value: string; readonly revision: number }>;
interface History {
  compacted: number;
  model: Model;
  readonly past: Map<number, Model>;
}

async function compactSome(storage: Storage, history: History): Promise<void> {
  history.compacted = Math.max(history.compacted, (await storage.revision()) - 2);
  await storage.compact(history.compacted);
}

async function playWrite(
  storage: Storage,
  history: History,
  { step, value }: { readonly step: Step; readonly value: string },
): Promise<void> {
  const revision = await storage.revision();
  const held = history.model.get(step.key)?.revision ?? 0;
  const expected = step.stale ? held + 1000 : held;
  const put = step.kind === "put";
  const outcome = put ? await storage.put(step.key, bytes(value), expected) : await storage.delete(step.key, expected);
  expect(outcome.kind).toBe(step.stale || (!put && held === 0) ? "conflict" : "written");
  if (outcome.kind === "conflict") return;
  expect(outcome.revision).toBe(revision + 1);
  const model = new Map(history.model);
  if (put) model.set(step.key, { value, revision: outcome.revision });
  else model.delete(step.key);
  history.model = model;
  history.past.set(outcome.revision, model);
}
