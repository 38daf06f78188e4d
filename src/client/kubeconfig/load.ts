import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { errorText, TerminalError } from "#base";
import type { HttpOptions } from "../http/transport.ts";
import { pluginCredentials } from "./plugin.ts";
import { type KubeconfigSource, readKubeconfig } from "./read.ts";
import type { ClusterEntry, ContextEntry, KubeconfigFile, UserEntry } from "./types.ts";

/** What a kubeconfig's context says about one API server. */
export interface Connection {
  readonly context: string;
  /** The context's namespace, where it names one. */
  readonly namespace: string | undefined;
  /** For `httpTransport`. */
  readonly http: HttpOptions;
}

export interface LoadOptions extends KubeconfigSource {
  /** Default: the file's current context. */
  readonly context?: string;
}

/**
 * Finds a context and what its cluster and user say. Exec plugins and auth providers are run by
 * @kubernetes/client-node, which is loaded only for them: it takes a second to import.
 *
 * @throws TerminalError with a reason beginning with `Kubeconfig`.
 */
export async function loadKubeconfig(options: LoadOptions): Promise<Connection> {
  const file = readKubeconfig(options);
  const { name, context } = contextOf(file, options.context);
  const cluster = file.clusters?.find((entry) => entry.name === context.cluster)?.cluster;
  const user = file.users?.find((entry) => entry.name === context.user)?.user ?? {};
  const server = cluster?.server;
  if (cluster === undefined || server === undefined || server === "") {
    throw new TerminalError("KubeconfigNoServer", `context ${name}: cluster "${context.cluster}" has no server`, {
      hint: "add clusters[].cluster.server to the kubeconfig, or choose another context",
    });
  }
  const external = user.exec !== undefined || user["auth-provider"] !== undefined;
  return {
    context: name,
    namespace: context.namespace,
    http: {
      ...clusterOptions(server, cluster),
      ...userOptions(user),
      ...(external ? await pluginCredentials({ cluster, user }) : {}),
    },
  };
}

function contextOf(
  file: KubeconfigFile,
  wanted: string | undefined,
): { readonly name: string; readonly context: ContextEntry } {
  const contexts = file.contexts ?? [];
  const name = wanted === undefined || wanted === "" ? file["current-context"] : wanted;
  const found = contexts.find((entry) => entry.name === name)?.context;
  if (name !== undefined && found !== undefined) return { name, context: found };
  const problem = name === undefined ? "the kubeconfig has no current context" : `no context ${name} in the kubeconfig`;
  const names = contexts.map((entry) => entry.name).join(", ");
  throw new TerminalError("KubeconfigContextMissing", `${problem}; it has: ${names === "" ? "none" : names}`, {
    hint: "choose one with --context",
  });
}

function clusterOptions(server: string, cluster: ClusterEntry): HttpOptions {
  const ca = pem(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  return {
    server,
    ...(ca === undefined ? {} : { ca }),
    ...(cluster["insecure-skip-tls-verify"] === true ? { insecureSkipTlsVerify: true } : {}),
    ...(cluster["tls-server-name"] === undefined ? {} : { tlsServerName: cluster["tls-server-name"] }),
    ...(cluster["proxy-url"] === undefined ? {} : { proxy: cluster["proxy-url"] }),
  };
}

function userOptions(user: UserEntry): Partial<HttpOptions> {
  const cert = pem(user["client-certificate-data"], user["client-certificate"]);
  const key = pem(user["client-key-data"], user["client-key"]);
  const headers = { ...basicHeader(user), ...impersonation(user) };
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(user.token === undefined ? {} : { token: user.token }),
    ...(user.token === undefined && user.tokenFile !== undefined ? { tokenProvider: tokenFrom(user.tokenFile) } : {}),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

/** Read at each request: a mounted ServiceAccount token is replaced every hour. */
function tokenFrom(path: string): () => Promise<string> {
  return async () => (await readFile(path, "utf8")).trim();
}

function basicHeader(user: UserEntry): Record<string, string> {
  if (user.username === undefined) return {};
  const pair = Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

/** One header per group: a list in one header would be one group with commas in its name. */
function impersonation(user: UserEntry): Record<string, string | string[]> {
  const groups = user["as-groups"];
  return {
    ...(user.as === undefined ? {} : { "impersonate-user": user.as }),
    ...(user["as-uid"] === undefined ? {} : { "impersonate-uid": user["as-uid"] }),
    ...(groups === undefined ? {} : { "impersonate-group": [...groups] }),
  };
}

/** Inline data wins over a file, as in kubectl. */
function pem(data: string | undefined, path: string | undefined): string | undefined {
  if (data !== undefined && data !== "") return Buffer.from(data, "base64").toString("utf8");
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new TerminalError(
      "KubeconfigInvalid",
      `${path}, named by the kubeconfig, cannot be read: ${errorText(cause)}`,
      {
        hint: "put the file back, or inline it with: kubectl config view --flatten",
        cause,
      },
    );
  }
}
