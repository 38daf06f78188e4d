import { readFileSync } from "node:fs";
import { startHub } from "../test/e2e/cluster.ts";

/** Time from nothing to the first request served, with new data and with old; resident memory when idle. */
export async function benchStartup(): Promise<unknown> {
  const rounds: { readonly firstMs: number; readonly againMs: number; readonly idleMb: number }[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const first = await startHub();
    const firstMs = Math.round(performance.now() - start);
    await first.stop();
    const restart = performance.now();
    const second = await first.restart();
    const againMs = Math.round(performance.now() - restart);
    const status = readFileSync(`/proc/${second.pid}/status`, "utf8");
    const idleMb = Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    await second.remove();
    rounds.push({ firstMs, againMs, idleMb });
  }
  return rounds;
}
