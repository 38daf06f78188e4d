import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Hub, run, shared, startHub, unavailable } from "./cluster.ts";

/** Of the recorded answers of a real API server, how many the hub must give at least; raised whenever more pass. */
const floors = { sequences: 140, transcripts: 58 };

function countOf(output: string): { readonly passed: number; readonly failed: number } {
  const line = /(\d+) passed, (\d+) failed/.exec(output);
  return { passed: Number(line?.[1] ?? 0), failed: Number(line?.[2] ?? Number.NaN) };
}

describe.skipIf(unavailable !== undefined)("the hub answers as a real API server does", () => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub?.remove());

  test("recorded request sequences: create, read, update, patch, delete", async () => {
    const args = ["--kubeconfig", hub.kubeconfig, "--without-managed-fields", "crud", "reads", "patches"];
    const result = await run(process.execPath, [join(shared, "api-exchanges/play.mjs"), ...args], {
      timeoutMs: 300_000,
    });
    expect(countOf(result.stdout).passed).toBeGreaterThanOrEqual(floors.sequences);
  });

  test("recorded kubectl transcripts", async () => {
    const result = await run(
      process.execPath,
      [join(shared, "api-exchanges/kubectl.mjs"), "--kubeconfig", hub.kubeconfig],
      { timeoutMs: 500_000 },
    );
    expect(countOf(result.stdout).passed).toBeGreaterThanOrEqual(floors.transcripts);
  });
});
