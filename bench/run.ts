/**
 * Runs benchmarks and keeps their figures: `node bench/run.ts [takeover|restart|api|startup ...] [--objects N] [--out FILE]`.
 * Prints one JSON document; with --out also writes it. Times are never asserted anywhere; compare two documents with
 * `bench/compare.ts`. The takeover runs on a real API server and beside a bare client in the same run: read the ratio.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchApi } from "./api.ts";
import { benchStartup } from "./startup.ts";
import { benchTakeover } from "./takeover.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    objects: { type: "string", default: "500" },
    concurrency: { type: "string", default: "32" },
    out: { type: "string" },
    profile: { type: "string" },
  },
});
const options = { objects: Number(values.objects), concurrency: Number(values.concurrency) };
const nodeArgs = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  startup: () => benchStartup(),
  api: () => benchApi(options),
  takeover: () => benchTakeover({ ...options, nodeArgs }),
};
const wanted = positionals.length > 0 ? positionals : Object.keys(scenarios);
const results: Record<string, unknown> = {};
for (const name of wanted) {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no benchmark ${name}; there are ${Object.keys(scenarios).join(", ")}`);
  console.error(`bench: ${name} …`);
  results[name] = await scenario();
}
const document = {
  command: `node bench/run.ts ${process.argv.slice(2).join(" ")}`.trim(),
  node: process.version,
  cores: cpus().length,
  ...options,
  results,
};
const text = `${JSON.stringify(document, null, 2)}\n`;
if (values.out !== undefined) writeFileSync(values.out, text);
process.stdout.write(text);
