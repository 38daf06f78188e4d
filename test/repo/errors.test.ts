import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** Where reasons of our own are made. The simulator's are Kubernetes' own, which it imitates. */
const everywhere = ["src"];
const ours = ["controllers", "manifest", "member", "migration", "scheduler", "server", "cli", "apiserver/crd"].map(
  (layer) => `src/${layer}`,
);

/** How a reason is written in the code, and in which folders that way of writing means a reason. */
const patterns: readonly { readonly in: readonly string[]; readonly reasons: RegExp }[] = [
  { in: everywhere, reasons: /new TerminalError\(\s*("\w+")/g },
  { in: everywhere, reasons: /\bextends TerminalError \{[^}]*super\(\s*("\w+")/g },
  { in: everywhere, reasons: /\bstuck\(\s*("\w+")/g },
  { in: everywhere, reasons: /\? stuck\([^:]+: stuck\(("\w+")/g },
  { in: ours, reasons: /\breason(?:\??: | = )\|?\s*("[A-Z]\w*"(?:\s*\|\s*"[A-Z]\w*")*)/g },
  { in: ours, reasons: /\.(?:normal|warning)\(\s*[\w.]+,\s*("\w+")/g },
  { in: ours, reasons: /\bready\("\w+", ("\w+")/g },
  { in: ours, reasons: /\brefused\([^;]*?("[A-Z]\w*")/g },
  { in: ours, reasons: /\bfailures = (\{[^}]*\})/g },
  { in: ours, reasons: /new StatusError\(\s*\d+,\s*("\w+")/g },
];

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("src/sim/"));

const wordsOf = (text: string): readonly string[] =>
  [...text.matchAll(/"([A-Z]\w*)"/g)].flatMap(([, word = ""]) => word);

/** Causes of Invalid are Kubernetes' own. */
function reasonsInCode(): ReadonlySet<string> {
  const found = patterns.flatMap((pattern) =>
    pattern.in
      .flatMap(sourcesIn)
      .flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(pattern.reasons)])
      .flatMap(([, text = ""]) => wordsOf(text)),
  );
  return new Set(found.filter((reason) => !reason.startsWith("FieldValue")));
}

/** A row of a table speaks of the reasons in its first cell. */
function reasonsOnPage(): readonly string[] {
  const page = readFileSync(join(root, "docs/errors.md"), "utf8");
  return page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([A-Z]\w*)`/g)].flatMap(([, word = ""]) => word));
}

test("every reason that a user can see is in docs/errors.md, and nothing else is", () => {
  const code = reasonsInCode();
  const page = reasonsOnPage();
  expect({
    missingOnPage: [...code].filter((reason) => !page.includes(reason)).sort(),
    goneFromCode: page.filter((reason) => !code.has(reason)).sort(),
    twice: page.filter((reason, index) => page.indexOf(reason) !== index),
  }).toEqual({ missingOnPage: [], goneFromCode: [], twice: [] });
});

test("every row of docs/errors.md has all its cells", () => {
  const rows = readFileSync(join(root, "docs/errors.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  expect(
    rows.filter((row) => row.split("|").some((cell, at, all) => at > 0 && at < all.length - 1 && !cell.trim())),
  ).toEqual([]);
});
