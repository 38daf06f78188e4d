import { expect, test } from "vitest";
import { encodeJson, parseJson } from "./json.ts";

test("an integer beyond 2^53 keeps all its digits through parse and encode", () => {
  const text = '{"a":9007199254740993,"b":-9223372036854775808,"c":1,"d":1.5,"e":"9007199254740993"}';
  expect(encodeJson(parseJson(text))).toBe(text);
});

test("ordinary numbers stay numbers", () => {
  expect(parseJson('{"a":12,"long":"0000000000000000"}')).toEqual({ a: 12, long: "0000000000000000" });
});
