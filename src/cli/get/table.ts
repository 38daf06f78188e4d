import type { KubeObject } from "#machinery";

export interface ColumnDefinition {
  readonly name: string;
  /** Above 0: only with `-o wide`. */
  readonly priority?: number;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  /** Metadata, or the whole object where it was asked for. */
  readonly object?: Partial<KubeObject>;
}

/** meta.k8s.io Table. Events of a watch after the first carry no column definitions. */
export interface Table {
  readonly kind: "Table";
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions?: readonly ColumnDefinition[] | null;
  readonly rows?: readonly TableRow[] | null;
}

export const tableAccept =
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

export const isTable = (body: unknown): body is Table => (body as { kind?: unknown } | null)?.kind === "Table";

/** A table of names and creation times, for servers that answer with plain objects. */
export function tableOf(items: readonly KubeObject[], resourceVersion?: string): Table {
  return {
    kind: "Table",
    metadata: resourceVersion === undefined ? {} : { resourceVersion },
    columnDefinitions: [{ name: "Name" }, { name: "Created At" }],
    rows: items.map((object) => ({
      cells: [object.metadata.name, object.metadata.creationTimestamp ?? ""],
      object: { metadata: object.metadata },
    })),
  };
}
