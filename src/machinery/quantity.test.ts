import { expect, test } from "vitest";
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityText,
  sameQuantity,
} from "./quantity.ts";

function of(text: string | number): Quantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw new Error(`${text} is no quantity`);
  return quantity;
}

test.each([
  ["1000m", "1"],
  ["1Ki", "1024"],
  ["1.5Gi", "1536Mi"],
  ["1e3", "1k"],
  ["1E3", "1000"],
  ["0.5", "500m"],
  [2, "2"],
  ["1E", "1000P"],
])("%s equals %s", (one, other) => {
  expect(sameQuantity(one, other)).toBe(true);
});

test.each(["", "1KiB", "abc", "1 Gi", "--1", "1e", "."])("%o is no quantity", (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});

test.each([
  ["1500m", "1500m"],
  ["2000m", "2"],
  ["3000M", "3G"],
  ["0", "0"],
  ["1Ki", "1024"],
  ["100n", "100n"],
])("%s is written %s", (text, written) => {
  expect(quantityText(of(text))).toBe(written);
});

test("sums and comparisons are exact across suffixes", () => {
  expect(quantityText(addQuantities(of("1"), of("250m")))).toBe("1250m");
  expect(compareQuantities(of("1Gi"), of("1G"))).toBeGreaterThan(0);
  expect(compareQuantities(of("-1"), of("0"))).toBeLessThan(0);
});
