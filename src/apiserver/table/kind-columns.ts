import type { KubeObject } from "#machinery";
import type { ColumnDefinition } from "../kinds/definition.ts";

/** The columns of a kind and the cells of one row. */
export interface KindColumns {
  readonly columns: readonly ColumnDefinition[];
  cells(object: KubeObject, nowMs: number): readonly unknown[];
}

export type Cells = (object: KubeObject, nowMs: number) => readonly unknown[];

const nameColumn: ColumnDefinition = {
  name: "Name",
  type: "string",
  format: "name",
  description: "The object's name, unique among its kind in its namespace.",
  priority: 0,
};

/** Columns by name, separated by `|`; those in brackets are shown with `-o wide` only, `:date` and the like give the type. */
export function column(text: string): ColumnDefinition {
  const [, wide, name = "", type = "string"] = /^(\[)?([^:\]]+)(?::(\w+))?\]?$/.exec(text) ?? [];
  return { name, type, format: "", description: name, priority: wide === undefined ? 0 : 1 };
}

/** Columns after the name. */
export function table(columns: string, cells: Cells): KindColumns {
  return {
    columns: [nameColumn, ...columns.split("|").map(column)],
    cells: (object, nowMs) => [object.metadata.name ?? "", ...cells(object, nowMs)],
  };
}
