import type { KubeObject } from "#machinery";
import type { ColumnDefinition } from "../kinds/definition.ts";

/** The columns of a kind and the cells of one row. */
export interface KindColumns {
  readonly columns: readonly ColumnDefinition[];
  cells(object: KubeObject, nowMs: number): readonly unknown[];
}

export const nameColumn: ColumnDefinition = {
  name: "Name",
  type: "string",
  format: "name",
  description: "The object's name, unique among its kind in its namespace.",
  priority: 0,
};

/** Kinds without columns of their own show their name and the time they were created at. */
const plain: KindColumns = {
  columns: [
    nameColumn,
    { name: "Created At", type: "date", format: "", description: "When the object was created.", priority: 0 },
  ],
  cells: (object) => [object.metadata.name ?? "", object.metadata.creationTimestamp ?? null],
};

export function columnsFor(_group: string, _resource: string): KindColumns {
  return plain;
}
