import { resolve } from "node:path";
import { aborted, createLogger, systemClock } from "#runtime";
import { parseListen, startHub } from "#server";
import { defaultDataDir } from "./hub.ts";
import type { CliIo } from "./io.ts";
import { ownVersion } from "./version.ts";

export interface UpFlags {
  readonly dataDir?: string;
  readonly listen: string;
  readonly takeoverGuard: "refuse" | "warn" | "off";
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** `drover up`: runs a hub until it is told to stop. */
export async function up(flags: UpFlags, io: CliIo): Promise<void> {
  const dataDir = resolve(flags.dataDir ?? io.env.DROVER_DATA_DIR ?? defaultDataDir(io.env));
  const logger = createLogger({ level: flags.logLevel });
  const started = systemClock.monotonicMs();
  const hub = await startHub(
    {
      dataDir,
      ...parseListen(flags.listen),
      takeoverGuard: flags.takeoverGuard,
      version: `v1.36.0+drover-${ownVersion()}`,
    },
    { clock: systemClock, logger },
  );
  const ms = Math.round(systemClock.monotonicMs() - started);
  io.out(greeting({ ...hub, dataDir, ms }));
  await aborted(io.signal);
  io.err("stopping; press Ctrl-C again to stop at once\n");
  await hub.stop();
}

function greeting(hub: {
  readonly url: string;
  readonly kubeconfig: string;
  readonly dataDir: string;
  readonly ms: number;
}): string {
  return [
    `Drover is ready at ${hub.url} (after ${hub.ms} ms; data in ${hub.dataDir})`,
    "",
    `  export KUBECONFIG=${hub.kubeconfig}`,
    "  drover join member1 --cluster-kubeconfig FILE",
    "",
    "",
  ].join("\n");
}
