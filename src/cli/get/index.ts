import { type CliError, CliErrors } from "../failure.ts";
import { connectHub, type Hub } from "../hub.ts";
import type { CliIo } from "../io.ts";
import { formatColumns } from "../print/columns.ts";
import { type Ask, type Collected, collectObjects, collectTables } from "./collect.ts";
import { checkGetFlags, type GetFlags, type Output, parseOutput, parseScope, rowOptions } from "./options.ts";
import { printObjects } from "./print-objects.ts";
import { parseWanted, qualifiedSingular } from "./resources.ts";
import { type KindTables, kindRows, type SourceTable } from "./rows.ts";
import { sortedRows } from "./sort.ts";
import { sourcesFor } from "./sources.ts";
import type { Table } from "./table.ts";
import { watchRows } from "./watch.ts";

/** `drover get`: one table per kind over the hub and its members. */
export async function get(args: readonly string[], flags: GetFlags, io: CliIo): Promise<void> {
  const output = parseOutput(flags.output);
  const scope = parseScope(flags.operationScope);
  checkGetFlags(flags, output);
  const wanted = parseWanted(args);
  const hub = await connectHub(flags, io);
  try {
    const sources = await sourcesFor(hub, scope, flags.clusters ?? [], io.signal);
    if (sources.length === 0) {
      io.err("No member Clusters found in Karmada control plane\n");
      return;
    }
    await run({ wanted, flags, sources, namespace: namespaceOf(flags, hub) }, output, io);
  } finally {
    await hub.close();
  }
}

const namespaceOf = (flags: GetFlags, hub: Hub): string | undefined =>
  flags.allNamespaces === true ? undefined : (flags.namespace ?? hub.namespace);

async function run(ask: Ask, output: Output, io: CliIo): Promise<void> {
  if (ask.flags.watch === true || ask.flags.watchOnly === true) return watchRows(ask, output, io);
  const errors = output.kind === "table" ? await showTables(ask, output.wide, io) : await showObjects(ask, output, io);
  if (errors.length > 0) throw new CliErrors(errors);
}

async function showObjects(
  ask: Ask,
  output: Exclude<Output, { readonly kind: "table" }>,
  io: CliIo,
): Promise<readonly CliError[]> {
  const { found, errors } = await collectObjects(ask, io.signal);
  io.out(await printObjects(found, output, ask));
  return errors;
}

async function showTables(ask: Ask, wide: boolean, io: CliIo): Promise<readonly CliError[]> {
  const { found, errors } = await collectTables(ask, io.signal);
  const options = rowOptions(ask.flags, wide);
  const groups = kindsOf(found, ask.flags);
  const blocks = groups.map((kind) => kindRows(kind, options));
  if (blocks.length === 0) sayEmpty(ask, found, errors, io);
  const headers = ask.flags.headers !== false;
  const texts = blocks.map((rows) => formatColumns(headers ? rows : rows.slice(1)));
  io.out(texts.join(headers ? "\n" : ""));
  return errors;
}

function sayEmpty(ask: Ask, found: readonly Collected<Table>[], errors: readonly CliError[], io: CliIo): void {
  if (errors.length > 0 || ask.flags.ignoreNotFound === true) return;
  const everywhere = ask.namespace === undefined || !found.some((item) => item.resource.namespaced);
  io.err(everywhere ? "No resources found\n" : `No resources found in ${ask.namespace} namespace.\n`);
}

/** One group per kind that has rows, sorted by group and resource; tables of one kind in the order of the sources. */
function kindsOf(found: readonly Collected<Table>[], flags: GetFlags): readonly KindTables[] {
  const byKind = new Map<string, Collected<Table>[]>();
  for (const item of found) {
    const key = `${item.resource.group}/${item.resource.resource}`;
    byKind.set(key, [...(byKind.get(key) ?? []), item]);
  }
  const groups = [...byKind.entries()]
    .filter(([, items]) => items.some((item) => (item.result.rows ?? []).length > 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const prefixed = groups.length > 1 || flags.showKind === true;
  return groups.flatMap(([, items]) => {
    const [first] = items;
    if (first === undefined) return [];
    return [
      {
        namespaced: first.resource.namespaced,
        isPods: first.resource.group === "" && first.resource.resource === "pods",
        prefix: prefixed ? `${qualifiedSingular(first.resource)}/` : undefined,
        tables: sourceTables(items, flags.sortBy),
      },
    ];
  });
}

function sourceTables(items: readonly Collected<Table>[], sortBy: string | undefined): readonly SourceTable[] {
  return items.map(({ source, result }) => ({
    source: source.name,
    member: source.member,
    table: sortBy === undefined ? result : { ...result, rows: sortedRows(result.rows ?? [], sortBy) },
  }));
}
