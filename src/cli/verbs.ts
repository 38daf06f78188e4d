import { type Command, Option } from "commander";
import type { CliIo } from "./io.ts";

const list = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value.split(",").filter((item) => item !== ""),
];

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join("")}`;

function withConnection(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "the hub's kubeconfig (default: $KUBECONFIG, else the local hub's own)")
    .option("--karmada-context <name>", "context of that kubeconfig (default: its current one)");
}

export function addGet(program: Command, io: CliIo): void {
  withConnection(program.command("get").argument("<type...>", "TYPE[.VERSION][.GROUP] [NAME ...] or TYPE/NAME ..."))
    .description("show resources of the hub and its member clusters")
    .option("-s, --operation-scope <scope>", "karmada (the hub), members or all", "karmada")
    .option("-C, --clusters <names>", "member clusters, separated by commas (default: all)", list)
    .option("-n, --namespace <namespace>", "namespace (default: the context's)")
    .option("-A, --all-namespaces", "all namespaces")
    .option("-l, --labels <selector>", "label selector")
    .addOption(new Option("--selector <selector>").hideHelp())
    .option("-o, --output <format>", "wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...")
    .option("-w, --watch", "after listing, watch for changes")
    .option("--watch-only", "watch for changes without listing first")
    .option("--output-watch-events", "show what each watched row is: ADDED, MODIFIED, DELETED")
    .option("--ignore-not-found", "say nothing and succeed when an object does not exist")
    .option("--no-headers", "without the header line")
    .option("--show-labels", "labels as the last column")
    .option("--show-kind", "the kind before each name")
    .option("-L, --label-columns <keys>", "labels as columns, separated by commas", list)
    .option("--sort-by <path>", "sort each cluster's rows by a field, as .metadata.name")
    .option("--show-managed-fields", "keep metadata.managedFields in json and yaml")
    .addHelpText(
      "after",
      examples(
        "drover get deploy --operation-scope=all",
        "drover get deploy,svc -n shop -s members -C member1,member2",
        "drover get deployment/cart service/cart -s all -o wide",
        "drover get pods -A -s members -w",
      ),
    )
    .action(async (args, flags) =>
      (await import("./get/index.ts")).get(args, { ...flags, labels: flags.labels ?? flags.selector }, io),
    );
}

export function addDemo(program: Command, io: CliIo, setStatus: (code: number) => void): void {
  program
    .command("demo")
    .description("a hub, two simulated clusters, a migration and a rollback, in under a minute")
    .option("--keep", "leave everything running until Ctrl-C and show how to explore it")
    .addHelpText("after", examples("drover demo", "drover demo --keep"))
    .action(async (flags) => {
      const { playDemo } = await import("./demo/play.ts");
      setStatus(await playDemo({ keep: flags.keep === true, write: (text) => io.out(text), signal: io.signal }));
    });
}

export function addDescribe(program: Command, io: CliIo): void {
  withConnection(program.command("describe").argument("<type>", "TYPE or TYPE/NAME").argument("[name]"))
    .description("show how a template reaches its members, and why something is not applied")
    .option("-n, --namespace <namespace>", "namespace (default: the context's)")
    .option("-s, --operation-scope <scope>", "karmada (the hub) or members", "karmada")
    .option("-C, --cluster <name>", "the member cluster, with --operation-scope=members")
    .addHelpText(
      "after",
      examples(
        "drover describe deployment cart -n shop",
        "drover describe deploy/cart -n shop -s members -C member1",
        "drover describe cluster member1",
      ),
    )
    .action(async (type, name, flags) => (await import("./describe/index.ts")).describe({ type, name }, flags, io));
}

export function addPromote(program: Command, io: CliIo): void {
  withConnection(program.command("promote").argument("<type>").argument("<name>"))
    .description("bring one resource of a member cluster under the hub: its template and a policy for that cluster")
    .requiredOption("-C, --cluster <name>", "the member cluster that has the resource")
    .option("-n, --namespace <namespace>", "namespace (default: the context's)")
    .option("--cluster-kubeconfig <file>", "read the member directly instead of through the hub")
    .option("--cluster-context <name>", "context of that kubeconfig (default: the cluster's name)")
    .addOption(
      new Option("--auto-create-policy <bool>", "create a policy too").choices(["true", "false"]).default("true"),
    )
    .option("--policy-name <name>", "name of that policy (default: made from the resource)")
    .option("-d, --dependencies", "promote what the resource needs first, and let the policy propagate it")
    .option("-o, --output <format>", "print template and policy as json or yaml and create nothing")
    .option("--dry-run", "say what would be created, and create nothing")
    .addHelpText(
      "after",
      examples(
        "drover promote deployment cart -n shop -C member1",
        "drover promote deployment cart -n shop -C member1 -d --dry-run",
        "drover promote deployment cart -n shop -C member1 -o yaml > cart.yaml",
        "drover promote secret token -n shop -C member1 --cluster-kubeconfig ./member1.kubeconfig",
      ),
    )
    .action(async (type, name, flags) => (await import("./promote/index.ts")).promote({ type, name }, flags, io));
}

export function addSettings(program: Command, io: CliIo): void {
  program
    .command("version")
    .description("print the version of this program")
    .action(async () => {
      io.out(`drover ${(await import("./version.ts")).ownVersion()}\n`);
    });
  program
    .command("completion")
    .argument("<shell>", "bash, zsh or fish")
    .description("print a completion script for a shell")
    .addHelpText(
      "after",
      examples("source <(drover completion bash)", "drover completion fish > ~/.config/fish/completions/drover.fish"),
    )
    .action(async (shell) => {
      io.out((await import("./completion.ts")).completionScript(program, shell));
    });
}
