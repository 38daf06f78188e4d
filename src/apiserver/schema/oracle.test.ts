import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type StructuralSchema, schema as s } from "#api/schema";
import { compileSchema, violations } from "./index.ts";

const schemas: readonly StructuralSchema[] = [
  s.object({ "a*": s.integer, b: { ...s.string, minLength: 1, maxLength: 2 }, c: s.list(s.boolean, { maxItems: 2 }) }),
  { type: "object", additionalProperties: { type: "number", minimum: 0, multipleOf: 2 }, maxProperties: 2 },
  { type: "array", items: { ...s.string, enum: ["a", "b", ""] }, minItems: 1 },
  { ...s.integer, anyOf: [{ minimum: 5 }, { multipleOf: 3 }], not: { enum: [6] } },
  { ...s.object({ a: s.string, b: s.string }), oneOf: [{ required: ["a"] }, { required: ["b"] }] },
  { ...s.string, pattern: "^[ab]+$", allOf: [{ minLength: 2 }, { maxLength: 3 }] },
];

const leaf = fc.oneof(
  fc.constantFrom<unknown>("a", "b", "", "ab", "aab", "abc", true, false),
  fc.integer({ min: -10, max: 10 }),
  fc.constantFrom(0.5, 2.5),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("any"), { maxKeys: 3 }),
  ),
})).any;

test("what we accept is what a JSON schema validator accepts", () => {
  const ajv = new Ajv({ strict: false });
  const pairs = schemas.map((schema) => [compileSchema(schema), ajv.compile(schema as object)] as const);
  fc.assert(
    fc.property(value, fc.nat({ max: schemas.length - 1 }), (candidate, index) => {
      const pair = pairs[index];
      if (pair === undefined) return;
      expect(violations(pair[0], candidate).length === 0).toBe(pair[1](candidate));
    }),
    { numRuns: 3000, seed: 7 },
  );
});
