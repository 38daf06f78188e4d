/**
 * Loaded into the hub's process by `--import`: on SIGUSR2 writes what was observed since the last time to the file that
 * BENCH_OBSERVE names, and begins anew.
 */
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

const file = process.env.BENCH_OBSERVE;
const resolutionMs = 5;

if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let rounds = 0;
  let peakHeap = 0;
  setInterval(() => {
    peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed);
  }, 250).unref();
  process.on("SIGUSR2", () => {
    const ms = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 1e6 - resolutionMs));
    const { user, system } = process.cpuUsage();
    rounds += 1;
    const seen = {
      rounds,
      loopDelayMs: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
      heapPeakMb: Math.round(peakHeap / 2 ** 20),
      cpuMs: Math.round((user + system) / 1000),
    };
    delay.reset();
    peakHeap = 0;
    writeFileSync(`${file}.new`, JSON.stringify(seen));
    renameSync(`${file}.new`, file);
  });
}
