import { afterEach, beforeEach, expect, test } from "vitest";
import { TerminalError } from "#base";
import { conflict, tooManyRequests } from "#machinery";
import { again, createRunner, done, type Outcome, type Runner, type RunnerOptions, stuck } from "#reconcile";
import { createLifecycle, type FakeClock, fakeClock, type Lifecycle, silentLogger } from "#runtime";

let clock: FakeClock;
let lifecycle: Lifecycle;
beforeEach(() => {
  clock = fakeClock();
  lifecycle = createLifecycle(silentLogger);
});
afterEach(() => lifecycle.stop());

function runnerOf(reconcile: RunnerOptions["reconcile"], more: Partial<RunnerOptions> = {}): Runner {
  return createRunner({ name: "test", reconcile, clock, logger: silentLogger, lifecycle, ...more });
}

test("adds that come while a key is worked on bring it back once, and never two at a time", async () => {
  const gates: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const runner = runnerOf(
    async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running--;
      return done();
    },
    { concurrency: 4 },
  );
  runner.enqueue("a");
  runner.enqueue("a");
  await clock.advance(0);
  for (let n = 0; n < 5; n++) runner.enqueue("a");
  gates[0]?.();
  await clock.advance(0);
  gates[1]?.();
  await runner.idle();
  expect([gates.length, most]).toEqual([2, 1]);
});

test("as many keys are worked on at once as allowed", async () => {
  const gates: (() => void)[] = [];
  const runner = runnerOf(() => new Promise<Outcome>((resolve) => gates.push(() => resolve(done()))), {
    concurrency: 3,
  });
  for (const key of ["a", "b", "c", "d", "e"]) runner.enqueue(key);
  await clock.advance(0);
  expect([gates.length, runner.depth]).toEqual([3, 5]);
  for (let n = 0; n < 5; n++) {
    gates[n]?.();
    await clock.advance(0);
  }
  await runner.idle();
  expect([gates.length, runner.depth]).toEqual([5, 0]);
});

test("a queue that yields goes on one key at a time, and with all its workers again afterwards", async () => {
  const gates: (() => void)[] = [];
  let busy = true;
  const runner = runnerOf(() => new Promise<Outcome>((resolve) => gates.push(() => resolve(done()))), {
    concurrency: 3,
    yields: () => busy,
  });
  for (const key of ["a", "b", "c", "d", "e"]) runner.enqueue(key);
  await clock.advance(0);
  const yielding = gates.length;
  gates[0]?.();
  await clock.advance(0);
  const next = gates.length;
  busy = false;
  gates[1]?.();
  await clock.advance(0);
  expect([yielding, next, gates.length]).toEqual([1, 2, 5]);
  for (const open of gates) open();
  await runner.idle();
});

test("a failing key is tried again after 5, 10, 20 ms, and starts anew after a success", async () => {
  const times: number[] = [];
  const start = clock.monotonicMs();
  const runner = runnerOf(async () => {
    times.push(clock.monotonicMs() - start);
    if (times.length < 4 || times.length === 5) throw new Error("broken");
    return done();
  });
  runner.enqueue("a");
  await clock.advance(100);
  runner.enqueue("a");
  await clock.advance(100);
  expect(times).toEqual([0, 5, 15, 35, 100, 105]);
});

test("a conflict is a retry too, and a 429 waits as long as the server asks", async () => {
  const errors = [conflict({ group: "", resource: "pods" }, "a", "changed"), tooManyRequests("slow down", 7)];
  const times: number[] = [];
  const runner = runnerOf(async () => {
    times.push(clock.monotonicMs());
    const error = errors.shift();
    if (error !== undefined) throw error;
    return done();
  });
  runner.enqueue("a");
  await clock.advance(10_000);
  expect(times).toEqual([0, 5, 7005]);
});

test("again comes back after its time, and an earlier turn replaces it", async () => {
  const times: number[] = [];
  const runner = runnerOf(async () => {
    times.push(clock.monotonicMs());
    return times.length < 4 ? again(1000, "not ready") : done();
  });
  runner.enqueue("a");
  await clock.advance(1500);
  runner.enqueue("a");
  await clock.advance(5000);
  expect(times).toEqual([0, 1000, 1500, 2500]);
  await runner.idle();
});

test("of several delays from outside the earliest counts", async () => {
  const times: number[] = [];
  const runner = runnerOf(async () => {
    times.push(clock.monotonicMs());
    return done();
  });
  runner.enqueueAfter("a", 500);
  runner.enqueueAfter("a", 100);
  runner.enqueueAfter("a", 300);
  await clock.advance(1000);
  expect(times).toEqual([100]);
});

test("a stuck key is reported, not retried; so is one that fails for good", async () => {
  const reported: unknown[] = [];
  let calls = 0;
  const runner = runnerOf(
    async (key) => {
      calls++;
      if (key === "a") return stuck("NoSuchThing", "make one");
      throw new TerminalError("Refused", "refused", { hint: "allow it" });
    },
    { onStuck: (key, { reason, hint }) => void reported.push([key, reason, hint]) },
  );
  runner.enqueue("a");
  runner.enqueue("b");
  await clock.advance(10_000_000);
  expect([calls, reported]).toEqual([
    2,
    [
      ["a", "NoSuchThing", "make one"],
      ["b", "Refused", "allow it"],
    ],
  ]);
});

test("nothing is worked on before the caches it needs are filled", async () => {
  const filled = Promise.withResolvers<void>();
  const seen: string[] = [];
  const runner = runnerOf(
    async (key) => {
      seen.push(key);
      return done();
    },
    { waitFor: [{ whenSynced: () => filled.promise }] },
  );
  runner.enqueue("a");
  await clock.advance(1000);
  expect(seen).toEqual([]);
  filled.resolve();
  await clock.advance(0);
  expect(seen).toEqual(["a"]);
});

test("stopping aborts what is running, waits for it and takes no more", async () => {
  const seen: string[] = [];
  const runner = runnerOf(async (key, signal) => {
    seen.push(key);
    await clock.sleep(1_000_000, signal);
    return done();
  });
  runner.enqueue("a");
  runner.enqueue("b");
  await clock.advance(0);
  await lifecycle.stop();
  runner.enqueue("c");
  await clock.advance(10);
  expect([seen, runner.depth]).toEqual([["a"], 0]);
});

test("every turn is counted by how it ended", async () => {
  const counts: string[] = [];
  const outcomes: (() => Outcome)[] = [
    () => {
      throw new Error("broken");
    },
    () => again(10, "wait"),
    () => done(),
  ];
  const runner = runnerOf(async () => (outcomes.shift() ?? done)(), {
    metrics: {
      depth: () => undefined,
      finished: (_runner, how) => counts.push(how),
      retried: () => counts.push("retried"),
    },
  });
  runner.enqueue("a");
  await clock.advance(100);
  expect(counts).toEqual(["retried", "failed", "again", "done"]);
});
