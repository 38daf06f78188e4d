import type { TestProject } from "vitest/node";
import { type RealCluster, startRealCluster, unavailable } from "./cluster.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Kubeconfigs of two real clusters that all end-to-end tests share; each test keeps to namespaces of its own. */
    readonly members: readonly { readonly name: string; readonly kubeconfig: string }[];
  }
}

/** Starts the two clusters once for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (unavailable !== undefined) {
    project.provide("members", []);
    return async () => undefined;
  }
  const started: RealCluster[] = [];
  for (const [name, port] of [
    ["member1", 27100],
    ["member2", 27200],
  ] as const) {
    started.push(await startRealCluster(name, port));
  }
  project.provide(
    "members",
    started.map(({ name, kubeconfig }) => ({ name, kubeconfig })),
  );
  return async () => {
    for (const cluster of started) await cluster.stop();
  };
}
