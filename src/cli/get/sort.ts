import { selectValues } from "../print/jsonpath.ts";
import { parsePath } from "../print/jsonpath-parse.ts";
import type { TableRow } from "./table.ts";

/** Rows by a field of their objects, numbers as numbers, everything else as text; rows without it come first. */
export function sortedRows(rows: readonly TableRow[], path: string): readonly TableRow[] {
  const steps = parsePath(path.replace(/^\{(.*)\}$/, "$1"));
  const keyed = rows.map((row) => ({ row, value: selectValues(steps, row.object)[0] }));
  return keyed.sort((a, b) => compareValues(a.value, b.value)).map(({ row }) => row);
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : String(a) === String(b) ? 0 : 1;
}
