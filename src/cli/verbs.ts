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

export function addUp(program: Command, io: CliIo): void {
  program
    .command("up")
    .description("run a hub: API server, storage and controllers in one process")
    .option("--data-dir <dir>", "where its state, keys and kubeconfig live (default: ~/.local/share/drover)")
    .option("--listen <host:port>", "address to serve on", "127.0.0.1:7443")
    .addOption(
      new Option("--takeover-guard <mode>", "what to do with a takeover that would restart or remove Pods")
        .choices(["refuse", "warn", "off"])
        .default("refuse"),
    )
    .addOption(new Option("--log-level <level>").choices(["debug", "info", "warn", "error"]).default("info"))
    .addHelpText(
      "after",
      examples("drover up", "drover up --data-dir ./hub --listen 127.0.0.1:7500", "drover up --takeover-guard=warn"),
    )
    .action(async (flags) => (await import("./serve.ts")).up(flags, io));
}

export function addJoin(program: Command, io: CliIo): void {
  withConnection(program.command("join").argument("<name>", "the cluster's name in the hub"))
    .description("register a member cluster with the hub")
    .option("--cluster-kubeconfig <file>", "the member's kubeconfig (default: $KUBECONFIG, ~/.kube/config)")
    .option("--cluster-context <name>", "context of that kubeconfig (default: its current one)")
    .option("--cluster-namespace <namespace>", "namespace for credentials, in hub and member", "karmada-cluster")
    .option("--cluster-provider <name>", "provider of the cluster")
    .option("--cluster-region <name>", "region of the cluster")
    .option("--cluster-zones <names>", "zones of the cluster, separated by commas", list)
    .option("--dry-run", "show what would be created, and create nothing")
    .addHelpText(
      "after",
      examples(
        "drover join member1 --cluster-kubeconfig ./member1.kubeconfig",
        "drover join prod-eu --cluster-kubeconfig ~/.kube/config --cluster-context prod-eu --cluster-region eu-west",
      ),
    )
    .action(async (name, flags) => (await import("./join.ts")).join(name, flags, io));
}

export function addUnjoin(program: Command, io: CliIo): void {
  withConnection(program.command("unjoin").argument("<name>"))
    .description("let a member cluster go; what runs there stays unless told otherwise")
    .option("--cluster-kubeconfig <file>", "the member's kubeconfig, to remove the hub's own account there")
    .option("--cluster-context <name>", "context of that kubeconfig (default: its current one)")
    .option("--cluster-namespace <namespace>", "namespace of the credentials", "karmada-cluster")
    .option("--delete-resources", "also delete from the member what the hub put or took there")
    .option("--force", "strip finalizers when the wait is over instead of failing")
    .option("--wait <duration>", "how long to wait for the cluster to be gone", "60s")
    .option("-y, --yes", "do not ask")
    .option("--dry-run", "show what would be deleted and kept, and write nothing")
    .addHelpText(
      "after",
      examples(
        "drover unjoin member1 --cluster-kubeconfig ./member1.kubeconfig",
        "drover unjoin member1 --dry-run",
        "drover unjoin member1 --yes --delete-resources",
      ),
    )
    .action(async (name, flags) => (await import("./unjoin.ts")).unjoin(name, flags, io));
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

export function addSim(program: Command, io: CliIo): void {
  program
    .command("sim")
    .argument("<name>", "the cluster's name")
    .description("serve a simulated cluster: a Kubernetes API that runs what it is given, without containers")
    .option("--listen <address>", "127.0.0.1:PORT; port 0 takes a free one", "127.0.0.1:0")
    .option("--kubeconfig <file>", "where its kubeconfig is written (default: NAME.kubeconfig)")
    .option("--nodes <count>", "how many nodes it has", "2")
    .option("--load <files>", "files of objects to begin with, separated by commas", list)
    .addHelpText("after", examples("drover sim member1", "drover sim member1 --listen 127.0.0.1:7501 --load shop.yaml"))
    .action(async (name, flags) => (await import("./sim.ts")).sim(name, flags, io));
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
