import { describe, expect, test } from "vitest";
import {
  backoffMs,
  createLifecycle,
  createLogger,
  exponentialBackoff,
  fakeClock,
  silentLogger,
  systemClock,
} from "#runtime";

describe("fake clock", () => {
  test("fires timers in order of time and wakes a loop as often as it falls due", async () => {
    const clock = fakeClock(0);
    const seen: string[] = [];
    clock.after(30, () => seen.push(`b@${clock.now()}`));
    clock.after(10, () => seen.push(`a@${clock.now()}`));
    const controller = new AbortController();
    const loop = (async () => {
      for await (const _ of clock.every(20, controller.signal)) seen.push(`tick@${clock.now()}`);
    })();
    await clock.advance(45);
    controller.abort();
    await loop;
    expect(seen).toEqual(["a@10", "tick@20", "b@30", "tick@40"]);
  });

  test("a sleep that is aborted rejects with the signal's reason and leaves no timer", async () => {
    const clock = fakeClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(1000, controller.signal);
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});

test("a sleep on the system clock ends as soon as it is aborted", async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort();
  await expect(sleeping).rejects.toThrow("aborted");
});

describe("lifecycle", () => {
  test("stop ends every loop, waits for it, and then closes in reverse order", async () => {
    const lifecycle = createLifecycle(silentLogger);
    const seen: string[] = [];
    lifecycle.onStop(() => void seen.push("first closed"));
    lifecycle.onStop(() => void seen.push("second closed"));
    lifecycle.run("loop", async (signal) => {
      await systemClock.sleep(60_000, signal).catch(() => undefined);
      seen.push("loop ended");
    });
    lifecycle.child().run("child", async (signal) => {
      await systemClock.sleep(60_000, signal).catch(() => undefined);
      seen.push("child ended");
    });
    await lifecycle.stop();
    expect(seen.slice(0, 2).sort()).toEqual(["child ended", "loop ended"]);
    expect(seen.slice(2)).toEqual(["second closed", "first closed"]);
    expect(lifecycle.running()).toEqual([]);
  });

  test("a loop that throws is reported once by name and leaves the others running", async () => {
    const lines: string[] = [];
    const lifecycle = createLifecycle(
      createLogger({ level: "error", destination: { write: (line) => lines.push(line) } }),
    );
    lifecycle.run("bad", () => Promise.reject(new Error("broken")));
    lifecycle.run("good", (signal) => systemClock.sleep(60_000, signal));
    await expect.poll(() => lifecycle.running()).toEqual(["good"]);
    await lifecycle.stop();
    expect(lines.map((line) => JSON.parse(line) as { reason: string }).map((line) => line.reason)).toEqual(["bad"]);
  });
});

test("backoff doubles to its maximum and starts again after a reset", () => {
  const backoff = exponentialBackoff({ initialMs: 5, maxMs: 30 });
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([5, 10, 20, 30]);
  backoff.reset();
  expect(backoff.next()).toBe(5);
  expect(backoffMs(0, { initialMs: 100, maxMs: 1000, jitter: 0.5, random: () => 0.5 })).toBe(75);
});

test("a log line carries the message, the fields of its parents and the error with its cause", () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "info", destination: { write: (line) => lines.push(line) } });
  logger.debug("not written");
  logger
    .with({ controller: "work-sync" })
    .error("failed", { key: "a/b", error: new Error("x", { cause: new Error("y") }) });
  const { time: _time, error, ...rest } = JSON.parse(lines[0] ?? "{}") as { error: { message: string }; time: string };
  expect([lines.length, rest, error.message]).toEqual([
    1,
    { level: "error", controller: "work-sync", key: "a/b", msg: "failed" },
    "x",
  ]);
});
