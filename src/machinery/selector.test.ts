import { expect, test } from "vitest";
import { matchesLabelSelector, matchesRequirements, parseFieldSelector } from "./selector.ts";
import { parseLabelSelector } from "./selector-parser.ts";

const labels = { a: "1", app: "cart", "k8s.io/x": "y", empty: "" };

test.each([
  ["app=cart", true],
  ["app==cart,a=1", true],
  ["app!=cart", false],
  ["missing!=x", true],
  ["app in (cart, shop)", true],
  ["app notin (cart),a=1", false],
  ["app,!missing", true],
  ["!app", false],
  ["k8s.io/x=y", true],
  ["empty=", true],
  ["a>0,a<2", true],
  ["", true],
])("%s", (text, expected) => {
  expect(matchesRequirements(parseLabelSelector(text), labels)).toBe(expected);
});

test.each(["a=b=c", "app in cart", "app in (x", "=x", "a b", "in (x)", "a=*"])("%s is refused", (text) => {
  expect(() => parseLabelSelector(text)).toThrow(/unable to parse requirement|^found '/);
});

test("a LabelSelector object takes all its terms together", () => {
  const selector = { matchLabels: { app: "cart" }, matchExpressions: [{ key: "a", operator: "NotIn", values: ["2"] }] };
  expect([matchesLabelSelector(selector, labels), matchesLabelSelector(selector, { app: "cart", a: "2" })]).toEqual([
    true,
    false,
  ]);
  expect(matchesLabelSelector({}, undefined)).toBe(true);
  expect(() => matchesLabelSelector({ matchExpressions: [{ key: "a", operator: "Is" }] }, labels)).toThrow(/"Is"/);
});

test("field selectors know both operators and escapes", () => {
  expect(parseFieldSelector("metadata.name=a\\,b,status.phase!=Running")).toEqual([
    { path: "metadata.name", operator: "=", value: "a,b" },
    { path: "status.phase", operator: "!=", value: "Running" },
  ]);
  expect(() => parseFieldSelector("nonsense")).toThrow(/invalid selector/);
});

test.each([
  ["a=b=c", "found '=', expected: ',' or 'end of string'"],
  ["app in x", "unable to parse requirement: found 'x' expected: '('"],
  ["!", "unable to parse requirement: found '', expected: identifier"],
  ["app in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"],
  ["app in (x", "unable to parse requirement: found '', expected: ',' or ')'"],
  ["app,", "found '', expected: identifier after ','"],
  [
    "v>x",
    `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
])("%s is refused in Kubernetes' words", (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ code: 400, message }));
});
