import { label } from "#api";
import type { ColumnDefinition, Table, TableRow } from "./table.ts";

/** The tables of one kind, in the order their rows are to appear. */
export interface KindTables {
  readonly namespaced: boolean;
  readonly isPods: boolean;
  /** Before each name as `deployment.apps/`; undefined where only one kind is shown. */
  readonly prefix: string | undefined;
  readonly tables: readonly SourceTable[];
}

export interface SourceTable {
  /** A member's name, or `Karmada`. */
  readonly source: string;
  readonly member: boolean;
  readonly table: Table;
}

export interface RowOptions {
  readonly wide: boolean;
  readonly allNamespaces: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** Only while watching. */
  readonly event?: boolean;
}

/** What all tables of a kind are shown under: the first table's columns, then whatever others add, by name. */
function unionColumns(tables: readonly Table[]): readonly ColumnDefinition[] {
  const columns: ColumnDefinition[] = [];
  for (const table of tables) {
    for (const column of table.columnDefinitions ?? []) {
      if (!columns.some((known) => known.name === column.name)) columns.push(column);
    }
  }
  return columns;
}

export function headerCells(
  kind: Pick<KindTables, "namespaced" | "isPods">,
  columns: readonly ColumnDefinition[],
  options: RowOptions,
): readonly string[] {
  const [first, ...rest] = shown(columns, options);
  return [
    ...(options.event === true ? ["EVENT"] : []),
    ...(options.allNamespaces && kind.namespaced ? ["NAMESPACE"] : []),
    ...(first === undefined ? [] : [first.name]),
    "CLUSTER",
    ...rest.map((column) => column.name),
    ...(showsAdoption(kind, options) ? ["ADOPTION"] : []),
    ...options.labelColumns.map((key) => key.split("/").at(-1) ?? key),
    ...(options.showLabels ? ["LABELS"] : []),
  ].map((name) => name.toUpperCase());
}

export function rowCells(
  row: TableRow,
  of: {
    readonly kind: Pick<KindTables, "namespaced" | "isPods" | "prefix">;
    readonly source: Pick<SourceTable, "source" | "member">;
    readonly own: readonly ColumnDefinition[];
    readonly columns: readonly ColumnDefinition[];
    readonly event?: string;
  },
  options: RowOptions,
): readonly string[] {
  const [first, ...rest] = shown(of.columns, options);
  const cell = (column: ColumnDefinition): string => {
    const index = of.own.findIndex((own) => own.name === column.name);
    return index < 0 ? "<none>" : cellText(row.cells[index]);
  };
  const labels = row.object?.metadata?.labels ?? {};
  const prefix = of.kind.prefix ?? "";
  return [
    ...(of.event === undefined ? [] : [of.event]),
    ...(options.allNamespaces && of.kind.namespaced ? [row.object?.metadata?.namespace ?? ""] : []),
    ...(first === undefined ? [] : [`${prefix}${cell(first)}`]),
    of.source.source,
    ...rest.map(cell),
    ...(showsAdoption(of.kind, options) ? [adoptionOf(row, of.source.member)] : []),
    ...options.labelColumns.map((key) => labels[key] ?? ""),
    ...(options.showLabels ? [labelsText(labels)] : []),
  ];
}

/** Header and rows of one kind. */
export function kindRows(kind: KindTables, options: RowOptions): readonly (readonly string[])[] {
  const columns = unionColumns(kind.tables.map((source) => source.table));
  const rows = kind.tables.flatMap((source) =>
    (source.table.rows ?? []).map((row) =>
      rowCells(row, { kind, source, own: source.table.columnDefinitions ?? [], columns }, options),
    ),
  );
  return [headerCells(kind, columns, options), ...rows];
}

const shown = (columns: readonly ColumnDefinition[], options: RowOptions): readonly ColumnDefinition[] =>
  columns.filter((column) => options.wide || (column.priority ?? 0) === 0);

/** For Pods adoption is a wide column: a Pod is owned by its workload, which tells already. */
const showsAdoption = (kind: { readonly isPods: boolean }, options: RowOptions): boolean =>
  !kind.isPods || options.wide;

/** `Y` where the hub manages the member's object, `N` where it does not, `-` for the hub's own objects. */
function adoptionOf(row: TableRow, member: boolean): string {
  if (!member) return "-";
  return row.object?.metadata?.labels?.[label.managed] === "true" ? "Y" : "N";
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`);
  return pairs.length === 0 ? "<none>" : pairs.join(",");
}

/** One line: a cell with several is cut at the first, as kubectl does. */
function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  const text = String(cell);
  const end = text.search(/[\n\r\f]/);
  return end < 0 ? text : `${text.slice(0, end)}...`;
}
