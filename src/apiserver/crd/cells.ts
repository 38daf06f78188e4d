import type { PrinterColumn } from "#api/schema";
import { encodeJson, type KubeObject } from "#machinery";
import type { ColumnDefinition } from "../kinds/definition.ts";
import { ageOf, jsonPath } from "../table/index.ts";

const nameColumn: ColumnDefinition = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace.",
  priority: 0,
};

const defaultColumns: readonly PrinterColumn[] = [
  {
    name: "Age",
    type: "date",
    jsonPath: ".metadata.creationTimestamp",
    description: "CreationTimestamp is the time when the object was created on the server.",
  },
];

export interface Table {
  readonly columns: readonly ColumnDefinition[];
  readonly cells: (object: KubeObject, nowMs: number) => readonly unknown[];
}

/** The table of a custom kind: its name, then its own columns, or its age where it names none. */
export function tableFor(columns: readonly PrinterColumn[] | undefined): Table {
  const shown = columns === undefined || columns.length === 0 ? defaultColumns : columns;
  const finders = shown.map((column) => ({ type: column.type, find: jsonPath(column.jsonPath) }));
  const cellsOf = (object: KubeObject, nowMs: number): readonly unknown[] =>
    finders.map(({ type, find }) => cellFor(type, find(object)[0], (time) => ageOf(time, nowMs)));
  return {
    columns: [nameColumn, ...shown.map(columnDefinition)],
    cells: (object, nowMs) => [object.metadata.name, ...cellsOf(object, nowMs)],
  };
}

const columnDefinition = (column: PrinterColumn): ColumnDefinition => ({
  name: column.name,
  type: column.type,
  format: column.format ?? "",
  description: column.description ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
  priority: column.priority ?? 0,
});

/** A cell of the column's type; null where the value is missing or of another type. */
function cellFor(type: string, value: unknown, age: (time: string) => string): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case "string":
      return typeof value === "string" ? value : encodeJson(value);
    case "date":
      return typeof value === "string" ? age(value) : null;
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : numberOrNull(value);
    case "number":
      return numberOrNull(value);
    case "boolean":
      return typeof value === "boolean" ? value : null;
    default:
      return null;
  }
}

const numberOrNull = (value: unknown): unknown =>
  typeof value === "number" || typeof value === "bigint" ? value : null;
