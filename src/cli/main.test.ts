import { expect, test } from "vitest";
import { main } from "./main.ts";

async function run(...args: readonly string[]) {
  const said = { out: "", err: "" };
  const status = await main(args, {
    env: { HOME: "/nowhere" },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    interactive: false,
    signal: new AbortController().signal,
  });
  return { status, ...said };
}

test.for(["bash", "zsh", "fish"])("the completion script for %s knows the commands and their flags", async (shell) => {
  const { status, out } = await run("completion", shell);
  expect(status).toBe(0);
  expect(out).toMatch(/get/);
  expect(out).toMatch(/operation-scope/);
});

test.for([
  [["completion", "csh"], `drover: no completion for shell "csh"; use bash, zsh or fish\n`],
  [["frob"], "drover: unknown command 'frob'; see: drover --help\n"],
  [
    ["get", "deploy"],
    "drover: no hub found: KUBECONFIG is not set and /nowhere/.local/share/drover/kubeconfig does not exist; start one with: drover up\n",
  ],
  [["get", "deploy", "-s", "both"], "drover: not support OperationScope: both; use karmada, members or all\n"],
  [
    ["get", "deploy", "-o", "go-template=x"],
    `drover: unable to match a printer suitable for the output format "go-template=x"; use json, yaml, name, wide, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...\n`,
  ],
  [
    ["get", "deploy", "--output-watch-events"],
    "drover: --output-watch-events option can only be used with --watch or --watch-only\n",
  ],
] as const)("%s fails with one line and the next step", async ([args, line]) => {
  expect(await run(...args)).toEqual({ status: 1, out: "", err: line });
});
