import type { Clock } from "#base";
import { planUnjoin, type UnjoinPlan, unjoinCluster } from "#member";
import { systemClock } from "#runtime";
import { CliError } from "./failure.ts";
import { type ConnectionFlags, connectHub } from "./hub.ts";
import type { CliIo } from "./io.ts";
import { connectMember, withMemberNamed } from "./join.ts";

export interface UnjoinFlags extends ConnectionFlags {
  readonly clusterKubeconfig?: string;
  readonly clusterContext?: string;
  readonly clusterNamespace?: string;
  readonly deleteResources?: boolean;
  readonly force?: boolean;
  readonly wait?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `drover unjoin`: shows what becomes of every object, asks, and lets the cluster go. */
export async function unjoin(name: string, flags: UnjoinFlags, io: CliIo, clock: Clock = systemClock): Promise<void> {
  const waitMs = parseWait(flags.wait);
  const hub = await connectHub(flags, io);
  const member =
    flags.clusterKubeconfig === undefined
      ? undefined
      : await connectMember(name, { path: flags.clusterKubeconfig, context: flags.clusterContext }, io);
  const options = {
    hub: hub.client,
    name,
    waitMs,
    force: flags.force === true,
    deleteResources: flags.deleteResources === true,
    ...(member === undefined ? {} : { member: member.client }),
    ...(flags.clusterNamespace === undefined ? {} : { namespace: flags.clusterNamespace }),
  };
  const server = member?.http.server ?? "";
  try {
    const plan = await withMemberNamed(name, server, () => planUnjoin(options, io.signal));
    io.err(planText(name, plan, member !== undefined));
    if (flags.dryRun === true) {
      io.out(`cluster(${name}) can be unjoined; dry run: nothing was written\n`);
      return;
    }
    await confirm(name, flags, io);
    await withMemberNamed(name, server, () => unjoinCluster({ ...options, clock }, plan, io.signal));
    io.out(`cluster(${name}) is unjoined successfully\n`);
  } finally {
    await Promise.all([member?.client.close(), hub.close()]);
  }
}

/** What happens, counted first, then each object that would be deleted. */
export function planText(name: string, plan: UnjoinPlan, memberReachable: boolean): string {
  const deleted = plan.objects.filter((object) => object.fate === "deleted");
  const kept = plan.objects.length - deleted.length;
  return [
    `cluster ${name}: ${deleted.length} objects deleted from it, ${kept} kept there and given back\n`,
    ...deleted.map(({ object }) => `  delete ${object}\n`),
    ...plan.cleanup.map(({ text }) => `  delete ${text} (the hub's own account)\n`),
    ...(memberReachable
      ? []
      : ["  the hub's own account stays in the member: give --cluster-kubeconfig to have it removed\n"]),
  ].join("");
}

async function confirm(name: string, flags: UnjoinFlags, io: CliIo): Promise<void> {
  if (flags.yes === true) return;
  if (!io.interactive)
    throw new CliError(`unjoin of ${name} is not confirmed; nothing was written`, {
      hint: "look at the plan above and add --yes",
    });
  const { confirm: ask, isCancel } = await import("@clack/prompts");
  const answer = await ask({ message: `Unjoin cluster ${name}?`, initialValue: false });
  if (isCancel(answer) || answer !== true) throw new CliError(`unjoin of ${name} was declined; nothing was written`);
}

/** `60s`, `2m`, `1m30s` or seconds. */
export function parseWait(text: string | undefined): number {
  if (text === undefined) return 60_000;
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text);
  const [hours, minutes, seconds] = [match?.[1], match?.[2], match?.[3]].map((part) => Number(part ?? 0));
  const ms = (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
  if (match !== null && ms > 0) return ms;
  throw new CliError(`--wait ${text} must be a duration greater than 0`, { hint: "for example --wait=2m" });
}
