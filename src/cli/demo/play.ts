import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { systemClock } from "#runtime";
import {
  byApplication,
  byKind,
  evidence,
  extend,
  legacyShop,
  type Narrator,
  refusals,
  rollBack,
  type Stage,
  templates,
} from "./chapters.ts";
import { freePort, type Started, startProcess } from "./processes.ts";

export interface DemoOptions {
  /** Leave everything running until Ctrl-C. */
  readonly keep: boolean;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * A hub and two simulated members in processes of their own, a migration by the guide, and what became of every Pod.
 * Everything is stopped and removed at the end, also after a failure or Ctrl-C.
 *
 * @returns the exit code: 1 if a Pod was touched.
 */
export async function playDemo(options: DemoOptions): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "drover-demo-"));
  const started: Started[] = [];
  try {
    const stage = await raise(dir, started, options);
    const code = await tell(stage, options);
    if (options.keep) await explore(stage, options);
    return code;
  } finally {
    await Promise.all(started.map((one) => one.stop()));
    await rm(dir, { recursive: true, force: true });
  }
}

async function raise(dir: string, started: Started[], options: DemoOptions): Promise<Stage> {
  options.write(`${pc.bold("Starting")} a hub and two simulated members …\n`);
  const simulated = async (name: string): Promise<Started> => {
    const kubeconfig = join(dir, `${name}.kubeconfig`);
    const args = ["sim", name, "--listen", `127.0.0.1:${await freePort()}`, "--kubeconfig", kubeconfig];
    const one = await startProcess(name, args, kubeconfig, options.signal);
    started.push(one);
    return one;
  };
  const hubUp = async (): Promise<Started> => {
    const data = join(dir, "hub");
    const args = ["up", "--data-dir", data, "--listen", `127.0.0.1:${await freePort()}`];
    const one = await startProcess("hub", args, join(data, "kubeconfig"), options.signal);
    started.push(one);
    return one;
  };
  const [hub, member1, member2] = await Promise.all([hubUp(), simulated("member1"), simulated("member2")]);
  return {
    hub: hub.client,
    hubKubeconfig: hub.kubeconfig,
    member1: member1.client,
    member1Kubeconfig: member1.kubeconfig,
    member2: member2.client,
    member2Kubeconfig: member2.kubeconfig,
    say: narrator(options.write),
  };
}

/** The last line is for people and scripts alike; its figures come from what was observed. */
async function tell(stage: Stage, options: DemoOptions): Promise<number> {
  const start = systemClock.monotonicMs();
  const before = await legacyShop(stage);
  await templates(stage);
  await byKind(stage);
  await byApplication(stage);
  await refusals(stage);
  await extend(stage);
  const givenBack = await rollBack(stage);
  const verdict = await evidence(stage, before, givenBack);
  const touched = verdict.restarted + verdict.replaced > 0;
  stage.say.line(`time      ${((systemClock.monotonicMs() - start) / 1000).toFixed(1)} s`);
  options.write("\n");
  options.write(
    `demo: ${verdict.takenOver} objects taken over, ${givenBack} given back, ${verdict.restarted} Pods restarted, ${verdict.replaced} Pods replaced\n`,
  );
  return touched ? 1 : 0;
}

function narrator(write: (text: string) => void): Narrator {
  let number = 0;
  return {
    chapter: (title) => {
      number += 1;
      write(`\n${pc.bold(`${number}. ${title}`)}\n`);
    },
    command: (text) => write(`  ${pc.cyan("$")} ${pc.cyan(text)}\n`),
    line: (text) => write(`  ${text}\n`),
    output: (text) => write(`${text.replace(/^/gm, "    ")}\n`),
  };
}

async function explore(stage: Stage, options: DemoOptions): Promise<void> {
  options.write(
    [
      "",
      "Everything keeps running. In another terminal:",
      `  export KUBECONFIG=${stage.hubKubeconfig}`,
      "  kubectl get clusters; kubectl get pp,rb -A; kubectl get works,adoptions -n karmada-es-member1",
      `  kubectl --kubeconfig ${stage.member1Kubeconfig} get deploy,pods -A`,
      "Ctrl-C ends and removes it all.",
      "",
    ].join("\n"),
  );
  await new Promise<void>((done) => options.signal.addEventListener("abort", () => done(), { once: true }));
}
