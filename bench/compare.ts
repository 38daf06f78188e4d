/** Compares two result documents number by number: `node bench/compare.ts OLD.json NEW.json`. Ratios, new to old. */
import { readFileSync } from "node:fs";

const [oldFile, newFile] = process.argv.slice(2);
if (oldFile === undefined || newFile === undefined) throw new Error("usage: node bench/compare.ts OLD.json NEW.json");

function numbers(value: unknown, path: string, into: Map<string, number>): Map<string, number> {
  if (typeof value === "number") into.set(path, value);
  else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) numbers(child, path === "" ? key : `${path}.${key}`, into);
  }
  return into;
}

const read = (file: string): Map<string, number> =>
  numbers((JSON.parse(readFileSync(file, "utf8")) as { results: unknown }).results, "", new Map());
const before = read(oldFile);
for (const [path, value] of read(newFile)) {
  const old = before.get(path);
  if (old === undefined) continue;
  console.log(
    `${path.padEnd(60)} ${String(old).padStart(10)} ${String(value).padStart(10)}  ${old === 0 ? "-" : `x${(value / old).toFixed(2)}`}`,
  );
}
