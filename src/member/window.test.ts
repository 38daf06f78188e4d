import { expect, test } from "vitest";
import { RequestWindow } from "#member";
import { fakeClock } from "#runtime";

test("the window grows by one for each round of fast answers, up to its maximum", async () => {
  const window = new RequestWindow({ clock: fakeClock(), initial: 2, max: 4 });
  for (let n = 0; n < 3; n++) {
    await window.enter();
    window.finish({ kind: "answered", ms: 5 });
  }
  expect(window.limit).toBe(3);
  for (let n = 0; n < 100; n++) {
    await window.enter();
    window.finish({ kind: "answered", ms: 5 });
  }
  expect([window.limit, window.inFlight]).toEqual([4, 0]);
});

test("answers much slower than the fastest do not make it grow", async () => {
  const window = new RequestWindow({ clock: fakeClock(), initial: 2 });
  await window.enter();
  window.finish({ kind: "answered", ms: 20 });
  const before = window.limit;
  for (let n = 0; n < 50; n++) {
    await window.enter();
    window.finish({ kind: "answered", ms: 500 });
  }
  expect(window.limit).toBe(before);
});

test("overload halves it once, however many answers say so together", async () => {
  const window = new RequestWindow({ clock: fakeClock(), initial: 16 });
  for (let n = 0; n < 10; n++) await window.enter();
  for (let n = 0; n < 10; n++) window.finish({ kind: "overloaded" });
  expect(window.limit).toBe(8);
});

test("Retry-After holds every request until then, in order of arrival", async () => {
  const clock = fakeClock();
  const window = new RequestWindow({ clock, initial: 8 });
  await window.enter();
  window.finish({ kind: "overloaded", retryAfterMs: 3000 });
  const seen: number[] = [];
  const entering = [1, 2].map((n) => window.enter().then(() => seen.push(n)));
  await clock.advance(2900);
  expect([seen, window.waiting]).toEqual([[], 2]);
  await clock.advance(200);
  await Promise.all(entering);
  expect(seen).toEqual([1, 2]);
});

test("one who gives up waiting leaves the queue and takes no place", async () => {
  const window = new RequestWindow({ clock: fakeClock(), initial: 1 });
  await window.enter();
  const controller = new AbortController();
  const waiting = window.enter(controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  window.finish({ kind: "neutral" });
  expect([window.waiting, window.inFlight]).toEqual([0, 0]);
});
