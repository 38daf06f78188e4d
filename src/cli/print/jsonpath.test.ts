import { describe, expect, test } from "vitest";
import { customColumnCells, parseCustomColumns, printJsonPath } from "./jsonpath.ts";

const list = {
  items: [
    { metadata: { name: "a", labels: { "app.io/name": "x" } }, spec: { replicas: 2, ports: [80, 443] } },
    { metadata: { name: "b" }, spec: { replicas: 5, ports: [8080] } },
  ],
};

describe("a jsonpath template", () => {
  test.for([
    ["{.items[0].metadata.name}", "a"],
    ["{.items[*].metadata.name}", "a b"],
    ["{.items[-1].metadata.name}", "b"],
    ["{.items[0:1].metadata.name}", "a"],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.spec.replicas}{"\\n"}{end}', "a\t2\nb\t5\n"],
    ['{.items[?(@.metadata.name=="b")].spec.replicas}', "5"],
    ["{.items[?(@.spec.replicas>2)].metadata.name}", "b"],
    ["{.items[0].metadata.labels.app\\.io/name}", "x"],
    ["{.items[0].metadata.labels['app.io/name']}", "x"],
    ["{..name}", "a b"],
    ["names: {.items[*].metadata.name}!", "names: a b!"],
    ["{.items[0].spec.ports}", "[80,443]"],
    ["{.items[0].missing.deep}", ""],
    ["{.items[?(@.metadata.labels)].metadata.name}", "a"],
  ] as const)("%s prints what kubectl prints", ([template, expected]) => {
    expect(printJsonPath(template, list)).toBe(expected);
  });

  test.for(["{.items[}", "{range .items[*]}x", "{end}", "{.a", "{.items[?(@.a==]}"])("%s is refused", (template) => {
    expect(() => printJsonPath(template, list)).toThrow(/^jsonpath /);
  });
});

test("custom columns join several values and mark missing ones", () => {
  const columns = parseCustomColumns("NAME:.metadata.name,PORTS:.spec.ports[*],NONE:.spec.x,NAME2:metadata.name");
  expect(columns.map((column) => column.header)).toEqual(["NAME", "PORTS", "NONE", "NAME2"]);
  expect(customColumnCells(columns, list.items[0])).toEqual(["a", "80,443", "<none>", "a"]);
  expect(() => parseCustomColumns("NAME")).toThrow(/expected HEADER:PATH/);
});
