import { isAbort } from "#base";
import { isExpired, type KubeObject, statusErrorFrom } from "#machinery";
import { CliError, failureLines } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { columnWidths, formatRow } from "../print/columns.ts";
import { type Ask, queriesOf, sourceError } from "./collect.ts";
import { asTable, fetchTable, pathOf, type Query } from "./fetch.ts";
import { type Output, rowOptions } from "./options.ts";
import { printWatched } from "./print-objects.ts";
import { qualifiedSingular } from "./resources.ts";
import { headerCells, type RowOptions, rowCells } from "./rows.ts";
import type { Source } from "./sources.ts";
import { type ColumnDefinition, type Table, tableAccept } from "./table.ts";

interface Watched {
  readonly source: Source;
  readonly query: Query;
}

/** Prints rows as they change, of all sources, until interrupted. Errors of single clusters are told at once. */
export async function watchRows(ask: Ask, output: Output, io: CliIo): Promise<void> {
  const errors: CliError[] = [];
  const fail = (source: Source, error: unknown): void => {
    if (isAbort(error)) return;
    const told = sourceError(source, error);
    errors.push(told);
    io.err(
      failureLines(told)
        .map((line) => `${line}\n`)
        .join(""),
    );
  };
  const watched = await watchedOf(ask, fail);
  if (new Set(watched.map(({ query }) => `${query.resource.group}/${query.resource.resource}`)).size > 1)
    throw new CliError(
      "watch is only supported on individual resources and resource collections - more than 1 resource was found",
    );
  if (watched.length === 0 && errors.length === 0) throw new CliError("not to find obj that is watched");
  const printer = printerFor(ask, output, io);
  await Promise.all(
    watched.map((one) =>
      follow(one, ask, { printer, signal: io.signal }).catch((error: unknown) => fail(one.source, error)),
    ),
  );
  if (errors.length > 0) throw new CliError(`${errors.length} of ${ask.sources.length} clusters could not be watched`);
}

async function watchedOf(ask: Ask, fail: (source: Source, error: unknown) => void): Promise<readonly Watched[]> {
  const perSource = await Promise.all(
    ask.sources.map(async (source) => {
      try {
        const lists = await Promise.all(
          ask.wanted.map(async (wanted) =>
            (await source.resources(wanted.type)).flatMap((resource) => queriesOf(resource, wanted, ask)),
          ),
        );
        return lists.flat().map((query) => ({ source, query }));
      } catch (error) {
        fail(source, error);
        return [];
      }
    }),
  );
  return perSource.flat();
}

interface Printer {
  print(of: Watched, type: string, table: Table, own: readonly ColumnDefinition[]): Promise<void>;
}

/** Lists once, then watches from there; a watch that ends is opened again, one that is too old begins with a new list. */
async function follow(
  of: Watched,
  ask: Ask,
  into: { readonly printer: Printer; readonly signal: AbortSignal },
): Promise<void> {
  let first = ask.flags.watchOnly !== true;
  while (!into.signal.aborted) {
    const list = await fetchTable(of.source.transport, { ...of.query, wholeObjects: true }, into.signal);
    const columns = list.columnDefinitions ?? [];
    if (first) await into.printer.print(of, "ADDED", list, columns);
    first = false;
    const from = versionOf(list) ?? "";
    try {
      await followFrom(of, { from, columns }, into);
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
  }
}

async function followFrom(
  of: Watched,
  start: { readonly from: string; readonly columns: readonly ColumnDefinition[] },
  into: { readonly printer: Printer; readonly signal: AbortSignal },
): Promise<void> {
  let { from, columns } = start;
  while (!into.signal.aborted) {
    for await (const event of of.source.transport.stream(watchRequest(of.query, from), into.signal)) {
      const table = tableOfEvent(event);
      columns = columnsOf(table, columns);
      from = versionOf(table) ?? from;
      if (event.type !== "BOOKMARK") await into.printer.print(of, event.type, table, columns);
    }
  }
}

function tableOfEvent(event: { readonly type: string; readonly object: unknown }): Table {
  if (event.type !== "ERROR") return asTable(event.object);
  throw statusErrorFrom((event.object as { readonly code?: number }).code ?? 500, event.object);
}

function columnsOf(table: Table, before: readonly ColumnDefinition[]): readonly ColumnDefinition[] {
  const own = table.columnDefinitions ?? [];
  return own.length > 0 ? own : before;
}

const versionOf = (table: Table): string | undefined =>
  table.metadata?.resourceVersion ?? table.rows?.at(-1)?.object?.metadata?.resourceVersion;

function watchRequest(query: Query, from: string) {
  const path = pathOf({ ...query, name: undefined });
  return {
    method: "GET" as const,
    path,
    accept: tableAccept,
    query: {
      watch: "true",
      resourceVersion: from,
      allowWatchBookmarks: "true",
      includeObject: "Object",
      labelSelector: query.labelSelector,
      fieldSelector: query.name === undefined ? undefined : `metadata.name=${query.name}`,
    },
  };
}

function printerFor(ask: Ask, output: Output, io: CliIo): Printer {
  if (output.kind === "table") return tablePrinter(ask, output.wide, io);
  return {
    async print(of, _type, table) {
      for (const row of table.rows ?? []) {
        const object = row.object as KubeObject;
        if (output.kind === "name") io.out(`${qualifiedSingular(of.query.resource)}/${object.metadata.name}\n`);
        else io.out(await printWatched(object, output.kind === "json" ? "json" : "yaml"));
      }
    },
  };
}

/** Columns only ever grow, so that lines stay aligned as far as they can be. */
function tablePrinter(ask: Ask, wide: boolean, io: CliIo): Printer {
  let widths: readonly number[] = [];
  let header = ask.flags.headers !== false;
  const { flags } = ask;
  const options: RowOptions = { ...rowOptions(flags, wide), event: flags.outputWatchEvents === true };
  return {
    async print(of, type, table, own) {
      const { resource } = of.query;
      const kind = {
        namespaced: resource.namespaced,
        isPods: resource.group === "" && resource.resource === "pods",
        prefix: flags.showKind === true ? `${qualifiedSingular(resource)}/` : undefined,
      };
      const source = { source: of.source.name, member: of.source.member };
      const event = options.event === true ? type : undefined;
      const rows = (table.rows ?? []).map((row) => rowCells(row, { kind, source, own, columns: own, event }, options));
      if (rows.length === 0) return;
      if (header) rows.unshift(headerCells(kind, own, options));
      header = false;
      widths = columnWidths([widths.map((width) => " ".repeat(width)), ...rows]);
      io.out(rows.map((row) => formatRow(row, widths)).join(""));
    },
  };
}
