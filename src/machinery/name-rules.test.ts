import { expect, test } from "vitest";
import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from "./name-rules.ts";

test("valid names have no problem", () => {
  expect([
    ...dns1123LabelProblems("0-a"),
    ...dns1123SubdomainProblems("a.b-c.d"),
    ...dns1035LabelProblems("a0"),
    ...labelValueProblems(""),
    ...labelValueProblems("Ab_1.c"),
    ...qualifiedNameProblems("example.com/My_Name"),
    ...qualifiedNameProblems("name"),
  ]).toEqual([]);
});

test("invalid names are told in the words of Kubernetes", () => {
  expect(qualifiedNameProblems("/")).toEqual([
    "prefix part must be non-empty",
    "name part must be non-empty",
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  ]);
  expect(dns1123SubdomainProblems("A")).toEqual([
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  expect([...dns1123LabelProblems("a".repeat(64)), ...labelValueProblems("v".repeat(64))]).toEqual([
    "must be no more than 63 characters",
    "must be no more than 63 bytes",
  ]);
});
