import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

test("no layer imports what the table does not allow, and no import goes in a circle", () => {
  const script = resolve(import.meta.dirname, "../../scripts/check-layers.ts");
  expect(execFileSync(process.execPath, [script], { encoding: "utf8" })).toMatch(/no problem/);
});
