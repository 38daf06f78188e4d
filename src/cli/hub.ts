import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { TerminalError } from "#base";
import { type ApiTransport, createClient, isTransportError, type KubeClient, type TransportError } from "#client";
import { CliError } from "./failure.ts";
import type { CliIo } from "./io.ts";

export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly karmadaContext?: string;
}

/** The hub as a command sees it: typed requests by `client`, tables and streams by `transport`. */
export interface Hub {
  readonly server: string;
  readonly client: KubeClient;
  readonly transport: ApiTransport;
  /** Of the kubeconfig's context, else `default`. */
  readonly namespace: string;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where `drover up` keeps its data unless told otherwise. */
export function defaultDataDir(env: Environment): string {
  const base = env.XDG_DATA_HOME;
  const data = base === undefined || base === "" ? join(env.HOME ?? homedir(), ".local", "share") : base;
  return join(data, "drover");
}

/** --kubeconfig, else $KUBECONFIG, else the file that `drover up` wrote in its own data directory. */
function hubKubeconfigPath(flags: ConnectionFlags, env: Environment): string | undefined {
  if (flags.kubeconfig !== undefined && flags.kubeconfig !== "") return flags.kubeconfig;
  if (env.KUBECONFIG !== undefined && env.KUBECONFIG !== "") return undefined;
  return join(defaultDataDir(env), "kubeconfig");
}

/**
 * Connects to the hub; no request is sent yet.
 *
 * @throws CliError when there is no kubeconfig, or it cannot be used.
 */
export async function connectHub(flags: ConnectionFlags, io: CliIo): Promise<Hub> {
  const [{ loadKubeconfig }, { httpTransport }] = await Promise.all([
    import("#client/kubeconfig"),
    import("#client/http"),
  ]);
  const path = hubKubeconfigPath(flags, io.env);
  if (path !== undefined && !existsSync(path)) throw noKubeconfig(path, flags);
  const connection = await withOwnHint(() => loadKubeconfig({ path, context: flags.karmadaContext, env: io.env }));
  const transport = hubTransport(connection.http.server, httpTransport(connection.http));
  return {
    server: connection.http.server,
    client: createClient({ name: "hub", transport }),
    transport,
    namespace: connection.namespace ?? "default",
    close: () => transport.close(),
  };
}

function noKubeconfig(path: string, flags: ConnectionFlags): CliError {
  if (flags.kubeconfig !== undefined)
    return new CliError(`no such kubeconfig: ${path}`, { hint: "give the path that drover up printed" });
  return new CliError(`no hub found: KUBECONFIG is not set and ${path} does not exist`, {
    hint: "start one with: drover up",
  });
}

async function withOwnHint<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof TerminalError && error.reason === "KubeconfigContextMissing")
      throw new CliError(error.message, { hint: "choose one with --karmada-context", cause: error });
    throw error;
  }
}

/** A transport whose failures say which hub did not answer and how to start it. */
function hubTransport(server: string, inner: ApiTransport): ApiTransport {
  return {
    async request(request, signal) {
      try {
        return await inner.request(request, signal);
      } catch (error) {
        throw isTransportError(error) ? unreachable(server, error) : error;
      }
    },
    async *stream(request, signal) {
      try {
        yield* inner.stream(request, signal);
      } catch (error) {
        throw isTransportError(error) ? unreachable(server, error) : error;
      }
    },
    close: () => inner.close(),
  };
}

function unreachable(server: string, error: TransportError): CliError {
  const why = error.message.startsWith(`${server}: `) ? error.message.slice(server.length + 2) : error.message;
  const hint =
    error.kind === "tls"
      ? "its certificate is not the one of this kubeconfig: use the kubeconfig that drover up printed"
      : "start it with: drover up";
  return new CliError(`cannot reach the hub at ${server} (${why})`, { hint, cause: error });
}

/** A member's API through the hub: its own paths below the cluster's proxy path, the hub's credentials. */
export function memberTransport(hub: ApiTransport, cluster: string): ApiTransport {
  const prefix = `/apis/cluster.karmada.io/v1alpha1/clusters/${encodeURIComponent(cluster)}/proxy`;
  return {
    request: (request, signal) => hub.request({ ...request, path: `${prefix}${request.path}` }, signal),
    stream: (request, signal) => hub.stream({ ...request, path: `${prefix}${request.path}` }, signal),
    close: async () => undefined,
  };
}
