import { type Clock, TerminalError } from "#base";
import { createClient, isTransportError, type KubeClient } from "#client";
import type { HttpOptions } from "#client/http";
import { joinCluster, planJoin } from "#member";
import { systemClock } from "#runtime";
import { CliError } from "./failure.ts";
import { type ConnectionFlags, connectHub } from "./hub.ts";
import type { CliIo } from "./io.ts";

export interface JoinFlags extends ConnectionFlags {
  readonly clusterKubeconfig?: string;
  readonly clusterContext?: string;
  readonly clusterNamespace?: string;
  readonly clusterProvider?: string;
  readonly clusterRegion?: string;
  readonly clusterZones?: readonly string[];
  readonly dryRun?: boolean;
}

/** A member reached with a kubeconfig of its own. */
export interface DirectMember {
  readonly client: KubeClient;
  readonly http: HttpOptions;
}

/**
 * @param context undefined: the file's current context.
 * @throws TerminalError when the kubeconfig cannot be used.
 */
export async function connectMember(
  name: string,
  from: { readonly path: string | undefined; readonly context: string | undefined },
  io: CliIo,
): Promise<DirectMember> {
  const [{ loadKubeconfig }, { httpTransport }] = await Promise.all([
    import("#client/kubeconfig"),
    import("#client/http"),
  ]);
  try {
    const { http } = await loadKubeconfig({ path: from.path, context: from.context, env: io.env });
    return { http, client: createClient({ name, transport: httpTransport(http) }) };
  } catch (error) {
    if (error instanceof TerminalError && error.reason === "KubeconfigContextMissing")
      throw new CliError(error.message, { hint: "choose one with --cluster-context", cause: error });
    throw error;
  }
}

/** `drover join`: shows what it is about to create, on both sides, and creates it. */
export async function join(name: string, flags: JoinFlags, io: CliIo, clock: Clock = systemClock): Promise<void> {
  const member = await connectMember(name, { path: flags.clusterKubeconfig, context: flags.clusterContext }, io);
  const hub = await connectHub(flags, io);
  const options = {
    hub: hub.client,
    member: member.client,
    name,
    connection: member.http,
    ...(flags.clusterNamespace === undefined ? {} : { namespace: flags.clusterNamespace }),
    ...(flags.clusterProvider === undefined ? {} : { provider: flags.clusterProvider }),
    ...(flags.clusterRegion === undefined ? {} : { region: flags.clusterRegion }),
    ...(flags.clusterZones === undefined ? {} : { zones: flags.clusterZones }),
  };
  try {
    const plan = await withMemberNamed(name, member.http.server, () => planJoin(options, io.signal));
    io.err(plan.steps.map((step) => `${step.where === "hub" ? "hub:    " : "member: "}${step.text}\n`).join(""));
    if (flags.dryRun === true) {
      io.out(`cluster(${name}) can be joined; dry run: nothing was written\n`);
      return;
    }
    await withMemberNamed(name, member.http.server, () => joinCluster({ ...options, clock }, plan, io.signal));
    io.out(`cluster(${name}) is joined successfully\n`);
  } finally {
    await Promise.all([member.client.close(), hub.close()]);
  }
}

/** A failure to reach the member says so: the hub's own failures name the hub already. */
export async function withMemberNamed<T>(name: string, server: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isTransportError(error)) throw error;
    throw new CliError(`cannot reach cluster ${name} at ${error.message}`, {
      hint: `check that ${server} is reachable from here and that the kubeconfig is right`,
      cause: error,
    });
  }
}
