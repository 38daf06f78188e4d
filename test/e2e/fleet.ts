import { inject } from "vitest";
import { type Hub, type HubOptions, type Kubectl, kubectlFor, must, startHub, until } from "./cluster.ts";
import type { LiveObject } from "./objects.ts";

export interface Fleet {
  readonly hub: Hub;
  readonly member1: Kubectl;
  readonly member2: Kubectl;
  stop(): Promise<void>;
}

/** A hub of its own with the run's real members joined. */
export async function startRealFleet(names: readonly string[] = ["member1"], options: HubOptions = {}): Promise<Fleet> {
  const hub = await startHub(options);
  const members = inject("members");
  const kubectls = members.map((member) => kubectlFor(member.kubeconfig));
  for (const name of names) {
    const member = members.find((one) => one.name === name);
    if (member === undefined) throw new Error(`no real cluster ${name}`);
    await expectOk(hub, "join", name, "--cluster-kubeconfig", member.kubeconfig);
    await until(async () => (await clusterReady(hub, name)) === "True", { what: `cluster ${name} to be Ready` });
  }
  const [member1, member2] = kubectls;
  if (member1 === undefined || member2 === undefined) throw new Error("two real clusters are needed");
  return { hub, member1, member2, stop: () => hub.remove() };
}

async function expectOk(hub: Hub, ...args: readonly string[]): Promise<string> {
  const result = await hub.drover(...args);
  if (result.code !== 0)
    throw new Error(`drover ${args.join(" ")}: exit ${result.code}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

async function clusterReady(hub: Hub, name: string): Promise<string> {
  return (
    await hub.kubectl.run(["get", "cluster", name, "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'])
  ).stdout;
}

interface BindingLook {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
    readonly aggregatedStatus?: readonly {
      readonly clusterName: string;
      readonly applied?: boolean;
      readonly appliedMessage?: string;
      readonly health?: string;
    }[];
  };
}

export async function bindingOf(hub: Hub, namespace: string, name: string): Promise<BindingLook | undefined> {
  const result = await hub.kubectl.run(["get", "resourcebinding", name, "-n", namespace, "-o", "json"]);
  return result.code === 0 ? (JSON.parse(result.stdout) as BindingLook) : undefined;
}

/** Waits until the named bindings of a namespace have the condition FullyApplied with this status. */
export async function untilApplied(
  hub: Hub,
  namespace: string,
  names: readonly string[],
  status = "True",
): Promise<void> {
  let last = "";
  await until(
    async () => {
      const list = await hub.kubectl.json<{ readonly items: readonly BindingLook[] }>(
        "get",
        "resourcebindings",
        "-n",
        namespace,
      );
      const isOther = (name: string): boolean => {
        const binding = list.items.find((item) => item.metadata.name === name);
        return binding?.status?.conditions?.find((one) => one.type === "FullyApplied")?.status !== status;
      };
      const missing = names.filter(isOther);
      last = JSON.stringify(
        missing.map((name) => [name, list.items.find((item) => item.metadata.name === name)?.status]),
      );
      return missing.length === 0;
    },
    { what: () => `${names.join(", ")} in ${namespace} to be FullyApplied=${status}; last seen ${last}` },
  );
}

export async function untilManaged(member: Kubectl, target: readonly string[], managed: boolean): Promise<void> {
  await until(
    async () => {
      const result = await member.run(["get", ...target, "-o", "json"]);
      if (result.code !== 0) return false;
      const object = JSON.parse(result.stdout) as LiveObject;
      return (object.metadata.labels?.["karmada.io/managed"] === "true") === managed;
    },
    { what: `${target.join(" ")} to be ${managed ? "managed" : "unmanaged"}` },
  );
}

/** A namespace on the given servers, under a name no other test has. */
export async function namespaceOn(name: string, ...servers: readonly Kubectl[]): Promise<string> {
  for (const kubectl of servers) await kubectl.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
  return name;
}

/** Waits for every Deployment of a namespace to have all its Pods ready. */
export async function untilRolledOut(member: Kubectl, namespace: string): Promise<void> {
  await must("kubectl", [
    "--kubeconfig",
    member.kubeconfig,
    "wait",
    "deployment",
    "--all",
    "-n",
    namespace,
    "--for=condition=Available",
    "--timeout=60s",
  ]);
}
