import { expect, test } from "vitest";
import { contentHash, seededRandom, stableText } from "./names.ts";

test("the same seed gives the same sequence, another seed another", () => {
  const draw = (seed: number): readonly number[] => Array.from({ length: 3 }, seededRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("a content hash does not depend on the order of keys, nor on null and empty lists", () => {
  expect(contentHash({ a: 1, b: { c: "x", d: null } })).toBe(contentHash({ b: { c: "x", e: [] }, a: 1 }));
  expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: 2 }));
  expect(contentHash({ a: 1 })).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
});

test("an empty object is told apart from none", () => {
  expect(stableText({ emptyDir: {} })).not.toBe(stableText({}));
});
