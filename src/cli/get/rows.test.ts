import { expect, test } from "vitest";
import { formatColumns } from "../print/columns.ts";
import { kindRows } from "./rows.ts";
import type { Table } from "./table.ts";

const columns = [{ name: "Name" }, { name: "Ready" }, { name: "Age" }, { name: "Images", priority: 1 }];
const row = (name: string, ready: string, labels: Record<string, string> = {}) => ({
  cells: [name, ready, "5d", "nginx:1"],
  object: { metadata: { name, namespace: "shop", labels } },
});
const table = (...rows: ReturnType<typeof row>[]): Table => ({ kind: "Table", columnDefinitions: columns, rows });
const plain = { wide: false, allNamespaces: false, showLabels: false, labelColumns: [] };
const managed = { "karmada.io/managed": "true" };

test("a table shows the cluster after the name and the adoption last", () => {
  const rows = kindRows(
    {
      namespaced: true,
      isPods: false,
      prefix: undefined,
      tables: [
        { source: "Karmada", member: false, table: table(row("nginx", "2/2", managed)) },
        { source: "member1", member: true, table: table(row("nginx", "2/2", managed), row("other", "1/1")) },
      ],
    },
    plain,
  );
  expect(formatColumns(rows)).toBe(
    [
      "NAME    CLUSTER   READY   AGE   ADOPTION",
      "nginx   Karmada   2/2     5d    -",
      "nginx   member1   2/2     5d    Y",
      "other   member1   1/1     5d    N",
      "",
    ].join("\n"),
  );
});

test("wide, all namespaces, labels and a prefix add their columns", () => {
  const rows = kindRows(
    {
      namespaced: true,
      isPods: false,
      prefix: "deployment.apps/",
      tables: [
        { source: "member1", member: true, table: table(row("nginx", "2/2", { "app.io/tier": "web", ...managed })) },
      ],
    },
    { wide: true, allNamespaces: true, showLabels: true, labelColumns: ["app.io/tier"] },
  );
  expect(rows).toEqual([
    ["NAMESPACE", "NAME", "CLUSTER", "READY", "AGE", "IMAGES", "ADOPTION", "TIER", "LABELS"],
    [
      "shop",
      "deployment.apps/nginx",
      "member1",
      "2/2",
      "5d",
      "nginx:1",
      "Y",
      "web",
      "app.io/tier=web,karmada.io/managed=true",
    ],
  ]);
});

test("pods show adoption only when wide", () => {
  const kind = {
    namespaced: true,
    isPods: true,
    prefix: undefined,
    tables: [{ source: "member1", member: true, table: table(row("p", "1/1")) }],
  };
  expect(kindRows(kind, plain)[0]).toEqual(["NAME", "CLUSTER", "READY", "AGE"]);
  expect(kindRows(kind, { ...plain, wide: true })[1]).toEqual(["p", "member1", "1/1", "5d", "nginx:1", "N"]);
});

test("servers with different columns share one table", () => {
  const old: Table = {
    kind: "Table",
    columnDefinitions: [{ name: "Name" }, { name: "Age" }],
    rows: [{ cells: ["b", "1d"], object: { metadata: { name: "b" } } }],
  };
  const rows = kindRows(
    {
      namespaced: false,
      isPods: false,
      prefix: undefined,
      tables: [
        { source: "m1", member: true, table: table(row("a", "1/1")) },
        { source: "m2", member: true, table: old },
      ],
    },
    plain,
  );
  expect(rows[2]).toEqual(["b", "m2", "<none>", "1d", "N"]);
});
