import { expect, test } from "vitest";
import { type StructuralSchema, schema as s } from "#api/schema";
import { parseJson } from "#machinery";
import { kindSchemaFor } from "./kind-schema.ts";

const kindOf = (properties: Readonly<Record<string, StructuralSchema>>) =>
  kindSchemaFor(s.rootSchema({ spec: s.object(properties) }));
const widget = (spec: unknown) => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "a" }, spec });

function told(properties: Readonly<Record<string, StructuralSchema>>, spec: unknown, old?: unknown): readonly string[] {
  const causes = kindOf(properties).validate(widget(spec), old === undefined ? undefined : widget(old));
  return causes.map(({ field, message }) => `${field}: ${message}`);
}

test("wrong types are told as a real API server tells them", () => {
  const types = {
    "s*": s.string,
    n: { type: "number" },
    i: s.integer,
    b: s.boolean,
    l: s.list(s.string),
    o: s.object({ "x*": s.string }),
  };
  expect([
    ...told(types, {}),
    ...told(types, { s: 1, n: "x", i: 1.5, b: "true", l: {}, o: [] }),
    ...told(types, { s: "x", o: {}, l: [1, "a", null] }),
  ]).toEqual([
    "spec.s: Required value",
    'spec.b: Invalid value: "string": spec.b in body must be of type boolean: "string"',
    'spec.i: Invalid value: "number": spec.i in body must be of type integer: "number"',
    '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.i',
    'spec.l: Invalid value: "object": spec.l in body must be of type array: "object"',
    'spec.n: Invalid value: "string": spec.n in body must be of type number: "string"',
    'spec.o: Invalid value: "array": spec.o in body must be of type object: "array"',
    'spec.s: Invalid value: "integer": spec.s in body must be of type string: "integer"',
    'spec.l[0]: Invalid value: "integer": spec.l[0] in body must be of type string: "integer"',
    'spec.l[2]: Invalid value: "null": spec.l[2] in body must be of type string: "null"',
    "spec.o.x: Required value",
  ]);
});

test("bounds, lengths, sizes, patterns, enums and formats are told as a real API server tells them", () => {
  const bounded = {
    a: { ...s.integer, minimum: 1, maximum: 5 },
    b: { type: "number", minimum: 0, exclusiveMinimum: true },
    c: { ...s.integer, multipleOf: 5 },
    color: s.oneOfStrings("red", "green"),
    date: s.dateTime,
    l: s.list(s.integer, { minItems: 1, maxItems: 2 }),
    m: { type: "object", additionalProperties: s.string, maxProperties: 1 },
    n: { ...s.integer, enum: [1, 2] },
    p: { ...s.string, pattern: "^x" },
    q: { ...s.string, maxLength: 3 },
    r: { ...s.string, minLength: 2 },
  };
  const spec = {
    a: 6,
    b: 0,
    c: 7,
    color: "blue",
    date: "2020",
    l: [],
    m: { a: "1", b: "2" },
    n: 3,
    p: "yx",
    q: "äöüß",
    r: "ß",
  };
  expect(told(bounded, spec)).toEqual([
    "spec.a: Invalid value: 6: spec.a in body should be less than or equal to 5",
    "spec.b: Invalid value: 0: spec.b in body should be greater than 0",
    "spec.c: Invalid value: 7: spec.c in body should be a multiple of 5",
    'spec.color: Unsupported value: "blue": supported values: "red", "green"',
    'spec.date: Invalid value: "2020": spec.date in body must be of type date-time: "2020"',
    "spec.l: Invalid value: 0: spec.l in body should have at least 1 items",
    "spec.m: Too many: 2: must have at most 1 items",
    'spec.n: Unsupported value: 3: supported values: "1", "2"',
    "spec.p: Invalid value: \"yx\": spec.p in body should match '^x'",
    "spec.q: Too long: may not be more than 3 bytes",
    'spec.r: Invalid value: "ß": spec.r in body should be at least 2 chars long',
  ]);
});

test("anyOf, oneOf, allOf and not say which failed, with the errors of the nearest alternative", () => {
  const combined = {
    all: { ...s.integer, allOf: [{ multipleOf: 2 }, { minimum: 3 }] },
    any: { ...s.string, anyOf: [{ enum: ["x"] }, { minLength: 4, pattern: "^y" }] },
    none: { ...s.string, not: { enum: ["bad"] } },
    one: {
      type: "object",
      properties: { a: s.string, b: s.string },
      oneOf: [{ required: ["a"] }, { required: ["b"] }],
    },
  };
  expect([
    ...told(combined, { all: 1, any: "z", none: "bad", one: {} }),
    ...told(combined, { one: { a: "x", b: "y" } }),
    ...told(combined, { all: 4, any: "x", none: "good", one: { a: "x" } }),
  ]).toEqual([
    '<nil>: Invalid value: "": "spec.all" must validate all the schemas (allOf). None validated',
    "spec.all: Invalid value: 1: spec.all in body should be a multiple of 2",
    "spec.all: Invalid value: 1: spec.all in body should be greater than or equal to 3",
    '<nil>: Invalid value: "": "spec.any" must validate at least one schema (anyOf)',
    'spec.any: Unsupported value: "z": supported values: "x"',
    '<nil>: Invalid value: "": "spec.none" must not validate the schema (not)',
    '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
    "spec.one.a: Required value",
    '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ]);
});

test("int-or-string takes integers and strings, and integers keep within their format", () => {
  const port = { "x-kubernetes-int-or-string": true };
  expect([
    ...told({ port }, { port: 80 }),
    ...told({ port }, { port: "80%" }),
    ...told({ port }, { port: true }),
    ...told({ a: s.int32 }, { a: 2147483648 }),
    ...told({ a: s.int64 }, parseJson('{"a":9223372036854775807}')),
  ]).toEqual([
    'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a',
  ]);
});

test("duplicates in sets and keyed lists are told by their later place", () => {
  const item = s.object({ "name*": s.string, "proto*": s.string });
  const lists = {
    map: s.listByKeys(item, "name", "proto"),
    set: s.list(s.string, { "x-kubernetes-list-type": "set" }),
  };
  const x = { name: "x", proto: "TCP" };
  expect(told(lists, { map: [x, { ...x, proto: "UDP" }, x], set: ["a", "b", "a"] })).toEqual([
    'spec.map[2]: Duplicate value: {"name":"x","proto":"TCP"}',
    'spec.set[2]: Duplicate value: "a"',
  ]);
});

test("what was stored before the schema became stricter stays until it is touched", () => {
  const strict = { a: { ...s.string, maxLength: 3 }, b: { ...s.string, maxLength: 3 } };
  const old = { a: "loooong", b: "x" };
  expect([told(strict, { a: "loooong", b: "y" }, old), told(strict, { a: "longer", b: "x" }, old)]).toEqual([
    [],
    ["spec.a: Too long: may not be more than 3 bytes"],
  ]);
});

test("unknown fields are pruned and named at every level, preserved ones are kept", () => {
  const kind = kindOf({
    a: s.object({ b: s.string }),
    free: { ...s.freeObject, properties: { known: s.object({ x: s.integer }) } },
    list: s.list(s.object({ x: s.integer })),
    map: s.map(s.object({ x: s.integer })),
  });
  const object = {
    ...widget({
      a: { b: "x", c: 1 },
      free: { known: { x: 1, gone: 2 }, other: { kept: true } },
      list: [{ x: 1, more: 2 }],
      map: { k: { x: 1, y: 2 } },
      z: 1,
    }),
    metadata: { name: "a", custom: 1 },
    top: 1,
  };
  expect([kind.check(object).map(({ field }) => field), kind.prune(object)]).toEqual([
    ["metadata.custom", "spec.a.c", "spec.free.known.gone", "spec.list[0].more", "spec.map.k.y", "spec.z", "top"],
    widget({ a: { b: "x" }, free: { known: { x: 1 }, other: { kept: true } }, list: [{ x: 1 }], map: { k: { x: 1 } } }),
  ]);
  const clean = widget({ a: { b: "x" } });
  expect(kind.prune(clean)).toBe(clean);
});

test("defaults fill missing fields and null, in lists and maps too; null without a default is dropped", () => {
  const kind = kindOf({
    d: s.withDefault(s.string, "x"),
    list: s.list(s.object({ n: s.withDefault(s.integer, 1) })),
    nested: s.withDefault(s.object({ inner: s.withDefault(s.boolean, true) }), {}),
    nullable: { ...s.withDefault(s.string, "y"), nullable: true },
    plain: s.string,
  });
  const complete = kind.applyDefaults(widget({ d: null, list: [{}], nullable: null, plain: null }));
  expect(complete).toEqual(widget({ d: "x", list: [{ n: 1 }], nested: { inner: true }, nullable: null }));
  expect(kind.applyDefaults(complete)).toBe(complete);
});

test("a pattern that is slow in a backtracking engine is not slow here", () => {
  const causes = told({ a: { ...s.string, pattern: "^(a+)+$" } }, { a: `${"a".repeat(2000)}b` });
  expect(causes).toHaveLength(1);
});

test("metadata of the wrong type is a decoding problem with its path", () => {
  const object = { ...widget({}), metadata: { name: "a", labels: { a: 1 } } };
  expect(kindOf({}).check(object as never)).toEqual([
    { field: "metadata.labels.a", kind: "type", message: "metadata.labels.a: expected string" },
  ]);
});
