import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { loadAll } from "js-yaml";
import { isJsonObject, TerminalError } from "#base";
import type { KubeObject } from "#machinery";
import { aborted, createLogger } from "#runtime";
import { type Sim, startSim } from "#sim";
import type { CliIo } from "./io.ts";

export interface SimFlags {
  readonly listen: string;
  readonly kubeconfig?: string;
  readonly nodes: string;
  readonly load?: readonly string[];
}

/** `drover sim`: serves a simulated cluster until it is told to stop. */
export async function sim(name: string, flags: SimFlags, io: CliIo): Promise<void> {
  const port = portOf(flags.listen);
  const nodes = nodesOf(flags.nodes);
  const objects = (await Promise.all((flags.load ?? []).map(readObjects))).flat();
  const cluster = await started(name, { port, nodes, listen: flags.listen });
  try {
    const kubeconfig = resolve(flags.kubeconfig ?? `${name}.kubeconfig`);
    await cluster.load(objects);
    await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
    io.out(greeting(cluster, { kubeconfig, loaded: objects.length }));
    await aborted(io.signal);
  } finally {
    await cluster.stop();
  }
}

async function started(
  name: string,
  options: { readonly port: number; readonly nodes: number; readonly listen: string },
): Promise<Sim> {
  try {
    return await startSim({ name, port: options.port, nodes: options.nodes, logger: createLogger({ level: "warn" }) });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== "EADDRINUSE") throw cause;
    throw new TerminalError("PortInUse", `cannot listen on ${options.listen}`, {
      hint: "choose another port with --listen, or leave it out for a free one",
      cause,
    });
  }
}

/** Only loopback: whoever reaches a simulated cluster with its kubeconfig may do everything there. */
function portOf(listen: string): number {
  const match = /^(?:(?:127\.0\.0\.1|localhost):)?(\d{1,5})$/.exec(listen);
  const port = Number(match?.[1] ?? -1);
  if (port >= 0 && port <= 65_535) return port;
  throw new TerminalError("ListenInvalid", `--listen ${listen}: a simulated cluster listens on loopback only`, {
    hint: "write it as 127.0.0.1:PORT; port 0 takes a free one",
  });
}

function nodesOf(text: string): number {
  const nodes = Number(text);
  if (Number.isInteger(nodes) && nodes >= 0 && nodes <= 1000) return nodes;
  throw new TerminalError("NodesInvalid", `--nodes ${text}: not a number from 0 to 1000`, {
    hint: "leave it out for two nodes",
  });
}

async function readObjects(path: string): Promise<readonly KubeObject[]> {
  try {
    const documents: readonly unknown[] = loadAll(await readFile(path, "utf8"));
    const objects = documents.filter((document) => document !== null && document !== undefined);
    return objects.flatMap((object) => objectsIn(path, object));
  } catch (cause) {
    if (cause instanceof TerminalError) throw cause;
    throw new TerminalError("LoadFailed", `cannot load ${path}`, {
      hint: "name a file of Kubernetes objects in YAML or JSON",
      cause,
    });
  }
}

function objectsIn(path: string, value: unknown): readonly KubeObject[] {
  if (!isJsonObject(value) || typeof value.kind !== "string" || typeof value.apiVersion !== "string") {
    throw new TerminalError("LoadFailed", `--load ${path}: a document is no Kubernetes object`, {
      hint: "each needs apiVersion, kind and metadata.name",
    });
  }
  if (value.kind !== "List" || !Array.isArray(value.items)) return [value as unknown as KubeObject];
  return value.items.flatMap((item: unknown) => objectsIn(path, item));
}

function greeting(
  { name, url, kubernetesVersion }: Sim,
  { kubeconfig, loaded }: { readonly kubeconfig: string; readonly loaded: number },
): string {
  return [
    `Simulated cluster ${name} (${kubernetesVersion}) is ready at ${url}${loaded === 0 ? "" : `; ${loaded} objects loaded`}`,
    "",
    `  kubectl --kubeconfig ${kubeconfig} get all -A`,
    `  drover join ${name} --cluster-kubeconfig ${kubeconfig}`,
    "",
    "It keeps everything in memory and runs until you stop it (Ctrl-C).",
    "",
  ].join("\n");
}
