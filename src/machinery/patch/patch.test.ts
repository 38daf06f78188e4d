import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { describe, expect, test } from "vitest";
import { deepFreeze } from "#base";
import { StatusError } from "../status-error.ts";
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  createMergePatch,
  type PatchSchema,
} from "./index.ts";

/** Code and message of the error that `act` throws. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return `${error.code} ${error.reason} ${error.message}`;
    throw error;
  }
  return "accepted";
}

const rejected = "422 Invalid the server rejected our request due to an error in our request";
const add = (path: string, value?: unknown) => ({ op: "add", path, value });

describe("JSON patch", () => {
  test("adds, replaces, removes, copies and moves", () => {
    const patch = [
      add("/data/three", "3"),
      { op: "replace", path: "/data/one", value: "uno" },
      { op: "copy", from: "/data/one", path: "/data/copy" },
      { op: "move", from: "/data/two", path: "/data/moved" },
      { op: "remove", path: "/labels" },
    ];
    expect(applyJsonPatch({ data: { one: "1", two: "2" }, labels: {} }, patch)).toEqual({
      data: { one: "uno", three: "3", copy: "uno", moved: "2" },
    });
  });

  test("takes list indices, the end, and negative ones", () => {
    expect(applyJsonPatch({ l: ["a", "b"] }, [add("/l/-", "z"), add("/l/0", "first"), add("/l/2", "third")])).toEqual({
      l: ["first", "a", "third", "b", "z"],
    });
    expect(
      applyJsonPatch({ l: ["a", "b"] }, [{ op: "replace", path: "/l/-1", value: "c" }, add("/l/-1", "end")]),
    ).toEqual({
      l: ["a", "c", "end"],
    });
  });

  test("escapes slash and tilde in pointers", () => {
    expect(applyJsonPatch({ "a/b": 1, "c~d": 2 }, [{ op: "remove", path: "/a~1b" }, add("/c~0d", 3)])).toEqual({
      "c~d": 3,
    });
  });

  test("is as lax as Kubernetes with missing keys and values", () => {
    const patch = [
      { op: "replace", path: "/new", value: 1 },
      { op: "test", path: "/none", value: null },
      { op: "copy", from: "/none", path: "/copied" },
      { op: "add", path: "/null" },
    ];
    expect(applyJsonPatch({}, patch)).toEqual({ new: 1, copied: null, null: null });
  });

  test.each([
    ["a failed test", [{ op: "test", path: "/a", value: 2 }]],
    ["a missing key to remove", [{ op: "remove", path: "/b" }]],
    ["a missing key to move", [{ op: "move", from: "/b", path: "/c" }]],
    ["a missing parent", [add("/b/c", 1)]],
    ["an index out of bounds", [add("/l/2", 1)]],
    ["the end, to replace", [{ op: "replace", path: "/l/-", value: 1 }]],
    ["a word for an index", [{ op: "remove", path: "/l/x" }]],
    ["a parent that is a scalar", [add("/a/b", 1)]],
    ["an unknown operation", [{ op: "frobnicate", path: "/a" }]],
    ["no operation", [{ path: "/a", value: 1 }]],
  ])("refuses %s without saying why", (_what, patch) => {
    expect(refusal(() => applyJsonPatch({ a: 1, l: [0] }, patch))).toBe(rejected);
  });

  test("what is no list of operations cannot be decoded", () => {
    expect(refusal(() => applyJsonPatch({}, { a: 1 }))).toBe(
      "400 BadRequest error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
    expect(refusal(() => applyJsonPatch({}, "text"))).toContain("cannot unmarshal string into Go value of type");
    expect(refusal(() => applyJsonPatch({}, Array(10_001).fill(add("/a"))))).toBe(
      "413 RequestEntityTooLarge The allowed maximum operations in a JSON patch is 10000, got 10001",
    );
  });

  test("keeps and compares integers beyond 2^53", () => {
    const big = 9007199254740993n;
    const patch = [
      { op: "test", path: "/a", value: 9007199254740993n },
      { op: "copy", from: "/a", path: "/b" },
    ];
    expect(applyJsonPatch({ a: big }, patch)).toEqual({ a: big, b: big });
    expect(refusal(() => applyJsonPatch({ a: big }, [{ op: "test", path: "/a", value: 9007199254740992n }]))).toBe(
      rejected,
    );
  });

  test("turns any document into any other by the patch that fast-json-patch finds", () => {
    const document = fc.dictionary(
      fc.constantFrom("a", "b/c", "d~e", "0", ""),
      fc.jsonValue({ maxDepth: 3, stringUnit: fc.constantFrom("a", "/", "~", "1") }),
    );
    fc.assert(
      fc.property(document, document, (from, to) => {
        const patch = jsonPatch.compare(from, to);
        const frozen = deepFreeze(structuredClone(from));
        const wanted = jsonPatch.applyPatch(structuredClone(from), patch).newDocument;
        expect(applyJsonPatch(frozen, patch)).toEqual(wanted);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("merge patch", () => {
  test("deletes by null, creates parents, replaces lists and keeps the rest", () => {
    const document = { a: { keep: 1, drop: 2 }, list: [1, 2], b: "x" };
    const patch = { a: { drop: null, fresh: { n: null, m: 1 } }, list: [{ name: null, v: 1 }], b: { o: 1 } };
    expect(applyMergePatch(document, patch)).toEqual({
      a: { keep: 1, fresh: { m: 1 } },
      list: [{ v: 1 }],
      b: { o: 1 },
    });
  });

  test("refuses what is no object", () => {
    expect(refusal(() => applyMergePatch({}, null))).toBe("400 BadRequest Invalid JSON Patch");
    expect(refusal(() => applyMergePatch({}, []))).toBe(
      "400 BadRequest error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  });

  test("the created patch is minimal", () => {
    const from = { a: { x: 1, y: { z: 1 } }, l: [1, 2], same: { deep: [{ k: 1 }] }, gone: 1 };
    const to = { a: { x: 1, y: { z: 2 } }, l: [2], same: { deep: [{ k: 1 }] }, fresh: {} };
    expect(createMergePatch(from, to)).toEqual({ a: { y: { z: 2 } }, l: [2], gone: null, fresh: {} });
    expect(createMergePatch(from, from)).toEqual({});
  });

  test("applying the created patch gives the wanted document", () => {
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(1, "a", true, 12345678901234567890n),
        fc.array(fc.constantFrom(1, "x"), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("node"), { maxKeys: 3 }),
      ),
    })).node;
    const document = fc.dictionary(fc.constantFrom("a", "b", "c"), value);
    fc.assert(
      fc.property(document, document, (from, to) => {
        expect(applyMergePatch(deepFreeze(from), createMergePatch(from, to))).toEqual(to);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});

const scalar: PatchSchema = {};
const object = (fields: Readonly<Record<string, PatchSchema>>): PatchSchema => ({ field: (name) => fields[name] });
const listBy = (mergeKey: string, values: PatchSchema): PatchSchema => ({
  values,
  merge: { mergeKey, strategies: ["merge"] },
});
const setOf: PatchSchema = { values: scalar, merge: { strategies: ["merge"] } };
const container = object({ env: listBy("name", object({})), ports: listBy("containerPort", object({})) });
const schema = object({
  data: { values: scalar },
  finalizers: setOf,
  containers: listBy("name", container),
  tolerations: { values: object({}) },
  strategy: object({ rollingUpdate: object({}) }),
});
const strategic = (document: Record<string, unknown>, patch: unknown) =>
  applyStrategicMergePatch(deepFreeze(document), patch, schema);

describe("strategic merge patch", () => {
  test("merges lists by key, deletes elements, and puts new ones before", () => {
    const document = {
      containers: [
        { name: "one", image: "1" },
        { name: "two", image: "2", env: [{ name: "A", value: "1" }] },
      ],
    };
    const patch = {
      containers: [
        { name: "two", image: "3", env: [{ name: "B", value: "2" }] },
        { name: "three", image: "4" },
        { name: "one", $patch: "delete" },
      ],
    };
    expect(strategic(document, patch)).toEqual({
      containers: [
        {
          name: "two",
          image: "3",
          env: [
            { name: "B", value: "2" },
            { name: "A", value: "1" },
          ],
        },
        { name: "three", image: "4" },
      ],
    });
  });

  test("keeps the server's order between elements that it knew", () => {
    const document = { containers: [{ name: "one" }, { name: "two" }] };
    const names = (result: Record<string, unknown>) =>
      (result.containers as { name: string }[]).map((element) => element.name);
    expect(names(strategic(document, { containers: [{ name: "two" }, { name: "three" }] }))).toEqual([
      "one",
      "two",
      "three",
    ]);
    const ordered = { "$setElementOrder/containers": [{ name: "two" }, { name: "one" }] };
    expect(names(strategic(document, ordered))).toEqual(["two", "one"]);
  });

  test("merges sets of scalars and deletes from them", () => {
    expect(strategic({ finalizers: ["a", "b"] }, { finalizers: ["c", "a"] })).toEqual({ finalizers: ["c", "a", "b"] });
    expect(
      strategic({ finalizers: ["c", "a", "b"] }, { "$deleteFromPrimitiveList/finalizers": ["a", "none"] }),
    ).toEqual({
      finalizers: ["c", "b"],
    });
    const ordered = { "$setElementOrder/finalizers": ["c", "d", "b"], finalizers: ["d"] };
    expect(strategic({ finalizers: ["c", "b"] }, ordered)).toEqual({ finalizers: ["c", "d", "b"] });
    expect(strategic({ finalizers: ["c"] }, { finalizers: null })).toEqual({});
  });

  test("replaces lists without a merge strategy", () => {
    expect(strategic({ tolerations: [{ key: "a" }] }, { tolerations: [{ key: "b" }] })).toEqual({
      tolerations: [{ key: "b" }],
    });
  });

  test("replaces and deletes maps and lists by directive", () => {
    expect(strategic({ data: { one: "1" } }, { data: { $patch: "replace", two: "2" } })).toEqual({
      data: { two: "2" },
    });
    expect(strategic({ data: { one: "1" } }, { data: { $patch: "delete" } })).toEqual({ data: {} });
    expect(strategic({ containers: [{ name: "a" }] }, { containers: [{ $patch: "replace" }, { name: "b" }] })).toEqual({
      containers: [{ name: "b" }],
    });
  });

  test("retains only the keys that the patch names", () => {
    const document = { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } };
    expect(strategic(document, { strategy: { $retainKeys: ["type"], type: "Recreate" } })).toEqual({
      strategy: { type: "Recreate" },
    });
    const wrong = { strategy: { $retainKeys: ["type"], type: "Recreate", rollingUpdate: {} } };
    expect(refusal(() => strategic(document, wrong))).toBe("400 BadRequest invalid patch format of retainKeys");
  });

  test("drops nulls and directives where there is nothing to merge with", () => {
    expect(strategic({}, { data: { a: null, b: "1", $patch: "replace" }, finalizers: null })).toEqual({
      data: { b: "1" },
    });
  });

  test.each([
    [{ data: { $patch: "merge", four: "4" } }, "unknown patch type: merge in map: map[$patch:merge four:4]"],
    [{ containers: [{ image: "x" }] }, "map: map[image:x] does not contain declared merge key: name"],
    [
      { "$setElementOrder/containers": [{ name: "b" }], containers: [{ name: "a" }] },
      "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
  ])("refuses %j", (patch, message) => {
    expect(refusal(() => strategic({ data: {}, containers: [{ name: "a" }] }, patch))).toBe(`500  ${message}`);
  });
});
