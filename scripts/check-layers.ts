/**
 * Checks the import rules of `layers.json`: layers are entered by their `#door`, may import only what the table lists,
 * form no cycle of files, and pure layers use no Node module, clock or randomness.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

type Table = Readonly<Record<string, readonly string[]>>;
const root = resolve(import.meta.dirname, "..");
const rules = JSON.parse(readFileSync(join(root, "layers.json"), "utf8")) as Table & {
  readonly exceptions: Readonly<Record<string, readonly string[] | Readonly<Record<string, readonly string[]>>>>;
  readonly pure: readonly string[];
};
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly imports: Readonly<Record<string, string>>;
};
const src = join(root, "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const problems: string[] = [];
const graph = new Map<string, string[]>();

function doorFile(specifier: string): string | undefined {
  const exact = manifest.imports[specifier];
  if (exact !== undefined) return join(root, exact);
  const star = /^#controllers\/([\w-]+)$/.exec(specifier);
  return star ? join(src, "controllers", `${star[1]}`, "index.ts") : undefined;
}

function checkDoor(file: string, layer: string, specifier: string): void {
  const target = specifier.slice(1).split("/")[0] ?? "";
  if (target === layer) {
    if (layer === "controllers") problems.push(`${file}: a controller may not import another (${specifier})`);
    return; // a door of the same layer, as api/work uses api/policy
  }
  if (target === "base") return;
  const extra = rules.exceptions[file];
  const allowed = [...(rules[layer] ?? []), ...(Array.isArray(extra) ? (extra as readonly string[]) : [])];
  if (!allowed.includes(target)) problems.push(`${file}: layer ${layer} may not import ${specifier}`);
  const narrowed = rules.exceptions[layer];
  const doors = narrowed !== undefined && !Array.isArray(narrowed) ? (narrowed as Table)[target] : undefined;
  if (doors !== undefined && !doors.includes(specifier))
    problems.push(`${file}: layer ${layer} may only use ${doors.join(", ")} of ${target}`);
}

function checkImport(file: string, layer: string, specifier: string): void {
  const test = file.endsWith(".test.ts");
  if (specifier.startsWith("#")) {
    const door = doorFile(specifier);
    if (door === undefined) problems.push(`${file}: no such door ${specifier}`);
    else graph.get(file)?.push(relative(src, door));
    if (!test) checkDoor(file, layer, specifier);
    return;
  }
  if (specifier.startsWith(".")) {
    const target = relative(src, resolve(src, dirname(file), specifier));
    if (target.split("/")[0] !== layer) problems.push(`${file}: ${specifier} leaves the layer; use its door`);
    graph.get(file)?.push(target);
    return;
  }
  if (rules.pure.includes(layer) && !test && specifier.startsWith("node:"))
    problems.push(`${file}: pure layer ${layer} imports ${specifier}`);
}

const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bprocess\.(env|argv)\b/;
for (const file of files) {
  const layer = file.split("/")[0] ?? "";
  if (!(layer in rules)) problems.push(`${file}: no layer ${layer} in layers.json`);
  const text = readFileSync(join(src, file), "utf8");
  graph.set(file, []);
  for (const match of text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)) checkImport(file, layer, match[1] ?? "");
  if (rules.pure.includes(layer) && !file.endsWith(".test.ts")) {
    const line = text.split("\n").findIndex((row) => impure.test(row) && !row.trimStart().startsWith("*"));
    if (line >= 0)
      problems.push(`${file}:${line + 1}: pure layer ${layer} uses a clock, randomness or the environment`);
  }
}

const state = new Map<string, "open" | "closed">();
function findCycle(file: string, path: readonly string[]): void {
  if (state.get(file) === "closed") return;
  if (state.get(file) === "open") {
    problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`);
    return;
  }
  state.set(file, "open");
  for (const next of graph.get(file) ?? []) findCycle(next, [...path, file]);
  state.set(file, "closed");
}
for (const file of graph.keys()) findCycle(file, []);

for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0 ? `layers: ${files.length} files, no problem` : `layers: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
