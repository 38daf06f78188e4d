import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { TerminalError } from "#base";
import { DirectoryInUseError } from "#storage";
import { prepareDataDir, startError, writePrivateFile } from "./data-dir.ts";

const folder = mkdtempSync(join(tmpdir(), "drover-data-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a data directory and what is written in it are its owner's only", () => {
  const path = join(folder, "a", "b");
  prepareDataDir(path);
  prepareDataDir(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(writePrivateFile(path, "kubeconfig", "x")).mode & 0o777).toBe(0o600);
});

test("a place that cannot be a data directory is refused with the next step", () => {
  expect(() => prepareDataDir("/proc/drover/data")).toThrow(/data directory \/proc\/drover\/data cannot be used/);
  prepareDataDir(folder);
  writeFileSync(join(folder, "file"), "");
  expect(() => prepareDataDir(join(folder, "file", "x"))).toThrow(/cannot be used: ENOTDIR/);
});

test("what stops a start is told in words", () => {
  const at = { host: "127.0.0.1", port: 7443 };
  const told = [
    new DirectoryInUseError("/d"),
    Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE" }),
  ].map((error) => startError(error, at));
  expect(told.map((error) => error instanceof TerminalError && [error.reason, error.message])).toEqual([
    ["DataDirInUse", "data directory /d is in use by another process"],
    ["CannotListen", "cannot listen on 127.0.0.1:7443: the port is in use"],
  ]);
  const unknown = new Error("x");
  expect(startError(unknown, at)).toBe(unknown);
});
