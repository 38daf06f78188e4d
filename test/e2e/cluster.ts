/**
 * Real things for end-to-end tests: Kubernetes clusters of `../shared/real-cluster`, a hub as its own process, kubectl.
 * Everything started here is stopped by its handle, by process id.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const root = resolve(import.meta.dirname, "../..");

/** Where the real cluster's scripts and the recorded exchanges are: beside the checkout unless DROVER_SHARED says otherwise. */
export const shared = process.env.DROVER_SHARED ?? resolve(root, "../shared");

/** Why end-to-end tests cannot run here; undefined where they can. */
export const unavailable = existsSync(join(shared, "real-cluster/up.sh"))
  ? undefined
  : `no real cluster at ${shared}/real-cluster`;

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; never throws for an exit code. */
export function run(
  command: string,
  args: readonly string[],
  options: {
    readonly stdin?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  } = {},
): Promise<CommandResult> {
  return new Promise((done) => {
    const child = execFile(
      command,
      args,
      { env: { ...process.env, ...options.env }, maxBuffer: 256 << 20, timeout: options.timeoutMs ?? 120_000 },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.stdin ?? "");
  });
}

/** Like run, but anything but exit code 0 throws with what was said. */
export async function must(
  command: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const result = await run(command, args, options);
  if (result.code === 0) return result.stdout;
  throw new Error(`${command} ${args.join(" ")}: exit ${result.code}\n${result.stdout}${result.stderr}`);
}

/** A Kubernetes API as kubectl sees it. */
export interface Kubectl {
  readonly kubeconfig: string;
  /** Runs kubectl and returns stdout; throws unless it succeeds. */
  (...args: readonly string[]): Promise<string>;
  run(args: readonly string[], stdin?: string): Promise<CommandResult>;
  apply(manifests: string | readonly object[]): Promise<string>;
  json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T>;
}

/** kubectl with a kubeconfig of its own and an empty home, so that no cache or context of the user's is touched. */
export function kubectlFor(kubeconfig: string): Kubectl {
  const home = mkdtempSync(join(tmpdir(), "drover-kubectl-"));
  const env = { KUBECONFIG: kubeconfig, HOME: home };
  const call = (...args: readonly string[]): Promise<string> => must("kubectl", args, { env });
  return Object.assign(call, {
    kubeconfig,
    run: (args: readonly string[], stdin?: string) => run("kubectl", args, { env, stdin }),
    apply: (manifests: string | readonly object[]) =>
      must("kubectl", ["apply", "-f", "-"], {
        env,
        stdin: typeof manifests === "string" ? manifests : manifestsText(manifests),
      }),
    json: async <T>(...args: readonly string[]) => JSON.parse(await call(...args, "-o", "json")) as T,
  });
}

const manifestsText = (objects: readonly object[]): string =>
  JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });

export interface RealCluster {
  readonly name: string;
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
  stop(): Promise<void>;
}

/** v1.20 opens plain-text ports of fixed numbers beside its own, which a second cluster on the machine would miss. */
const ownPortsOnly = { KCM_FLAGS: "--port=0", SCHEDULER_FLAGS: "--port=0" };

/** Starts a real Kubernetes v1.20. Of the port also +1000 to +4000 must be free. */
export async function startRealCluster(
  name: string,
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<RealCluster> {
  const dir = mkdtempSync(join(tmpdir(), `drover-real-${name}-`));
  const out = await must("bash", [join(shared, "real-cluster/up.sh"), name, String(port), dir], {
    env: { ...ownPortsOnly, ...env },
    timeoutMs: 120_000,
  });
  const kubeconfig = out.trim().split("\n").at(-1) ?? "";
  return {
    name,
    kubeconfig,
    kubectl: kubectlFor(kubeconfig),
    stop: async () => {
      await run("bash", [join(shared, "real-cluster/down.sh"), name, dir]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface Hub {
  readonly dataDir: string;
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
  readonly pid: number;
  /** Runs `drover` against this hub. */
  drover(...args: readonly string[]): Promise<CommandResult>;
  /** SIGTERM and wait. */
  stop(): Promise<number | null>;
  /** SIGKILL and wait. */
  kill(): Promise<void>;
  /** A new process on the same data and port. */
  restart(): Promise<Hub>;
  /** Stops and forgets the data. */
  remove(): Promise<void>;
}

export interface HubOptions {
  readonly dataDir?: string;
  readonly port?: number;
  readonly args?: readonly string[];
  /** For Node itself, as `--import`. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A free port on loopback. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? done(address.port) : fail(new Error("no port")),
      );
    });
  });
}

/** Starts `drover up` as its own process and waits until /readyz answers. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "drover-hub-"));
  const port = options.port ?? (await freePort());
  const args = ["up", "--data-dir", dataDir, "--listen", `127.0.0.1:${port}`, ...(options.args ?? [])];
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", ...(options.nodeArgs ?? []), join(root, "bin/drover.ts"), ...args],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...options.env } },
  );
  const said = collect(child);
  const kubeconfig = join(dataDir, "kubeconfig");
  const kubectl = kubectlFor(kubeconfig);
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`drover up ended with ${child.exitCode}: ${said()}`);
      return existsSync(kubeconfig) && (await kubectl.run(["get", "--raw", "/readyz"])).stdout === "ok";
    },
    { what: () => `the hub to be ready: ${said()}`, timeoutMs: 30_000, everyMs: 50 },
  );
  return hubHandle(child, { options: { ...options, dataDir, port }, dataDir, kubeconfig, kubectl });
}

function hubHandle(
  child: ChildProcess,
  at: {
    readonly options: HubOptions;
    readonly dataDir: string;
    readonly kubeconfig: string;
    readonly kubectl: Kubectl;
  },
): Hub {
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
    child.kill(signal);
    return await ended;
  };
  return {
    dataDir: at.dataDir,
    kubeconfig: at.kubeconfig,
    kubectl: at.kubectl,
    pid: child.pid ?? -1,
    drover: (...args) => drover(args, { KUBECONFIG: at.kubeconfig }),
    stop: () => end("SIGTERM"),
    kill: async () => {
      await end("SIGKILL");
    },
    restart: () => startHub(at.options),
    remove: async () => {
      await end("SIGTERM");
      rmSync(at.dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs the CLI of this checkout. */
export function drover(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return run(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "bin/drover.ts"), ...args], {
    env,
  });
}

function collect(child: ChildProcess): () => string {
  let text = "";
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4000);
  };
  child.stdout?.on("data", add);
  child.stderr?.on("data", add);
  return () => text;
}

/** Waits until the condition holds: polls, and fails with `what` when the time is over. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  options: { readonly what: string | (() => string); readonly timeoutMs?: number; readonly everyMs?: number },
): Promise<void> {
  const end = performance.now() + (options.timeoutMs ?? 60_000);
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`waited in vain for ${typeof options.what === "string" ? options.what : options.what()}`);
    }
    await delay(options.everyMs ?? 100);
  }
}

/** One counter of an API server's /metrics, summed over all label sets that contain every given `name="value"`. */
export async function requestCount(kubectl: Kubectl, labels: Readonly<Record<string, string>>): Promise<number> {
  const text = await kubectl("get", "--raw", "/metrics");
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  let sum = 0;
  for (const line of text.split("\n")) {
    if (!line.startsWith("apiserver_request_total{") || !wanted.every((part) => line.includes(part))) continue;
    sum += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return sum;
}
