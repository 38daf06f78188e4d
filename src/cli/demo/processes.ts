import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { TerminalError } from "#base";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { loadKubeconfig } from "#client/kubeconfig";
import { systemClock } from "#runtime";

/** One Drover process that the demo started. */
export interface Started {
  readonly kubeconfig: string;
  readonly client: KubeClient;
  stop(): Promise<void>;
}

/** A port of loopback that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

/** Runs this program with other arguments; the terminal's Ctrl-C reaches only the demo, which ends its children itself. */
function droverProcess(args: readonly string[]): ChildProcess {
  const program = process.argv[1] ?? "";
  return spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
}

/** Runs a command of this program to its end and gives back what it printed. */
export function droverOutput(args: readonly string[], kubeconfig: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = droverProcess([...args, "--kubeconfig", kubeconfig]);
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once("error", fail);
    child.once("close", (code) =>
      code === 0
        ? done(stdout)
        : fail(
            new TerminalError("DemoStepFailed", `drover ${args.join(" ")}: ${stderr.trim()}`, { hint: "report this" }),
          ),
    );
  });
}

/** Starts `drover up` or `drover sim` and waits until it is ready. */
export async function startProcess(
  name: string,
  args: readonly string[],
  kubeconfig: string,
  signal: AbortSignal,
): Promise<Started> {
  const child = droverProcess(args);
  let said = "";
  const keep = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-2000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const stop = (): Promise<void> => stopProcess(child);
  try {
    const client = await whenReady(name, { child, kubeconfig, said: () => said }, signal);
    return {
      kubeconfig,
      client,
      stop: async () => {
        await client.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Starting {
  readonly child: ChildProcess;
  readonly kubeconfig: string;
  readonly said: () => string;
}

async function whenReady(name: string, starting: Starting, signal: AbortSignal): Promise<KubeClient> {
  const end = systemClock.monotonicMs() + 20_000;
  for (;;) {
    if (starting.child.exitCode !== null || systemClock.monotonicMs() > end) {
      throw new TerminalError("DemoStepFailed", `${name} did not start: ${starting.said().trim()}`, {
        hint: "run it by hand to see more",
      });
    }
    if (existsSync(starting.kubeconfig)) {
      const { http } = await loadKubeconfig({ path: starting.kubeconfig });
      const client = createClient({ name, transport: httpTransport(http) });
      const answer = await client.raw({ method: "GET", path: "/readyz" }, signal).catch(() => undefined);
      if (answer?.status === 200) return client;
      await client.close();
    }
    await systemClock.sleep(40, signal);
  }
}

function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const giveUp = systemClock.after(5_000, () => child.kill("SIGKILL"));
    child.once("exit", () => {
      giveUp();
      done();
    });
    child.kill("SIGTERM");
  });
}
