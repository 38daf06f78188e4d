import type { RequestOptions } from "node:https";
import { errorText, TerminalError } from "#base";
import type { HttpOptions } from "../http/transport.ts";
import type { ClusterEntry, UserEntry } from "./types.ts";

/**
 * Credentials of an exec plugin or auth provider. The library keeps a token until it expires, so asking before each request
 * is cheap; a client certificate is taken once.
 *
 * @throws TerminalError KubeconfigPluginFailed when the plugin does not give any.
 */
export async function pluginCredentials(entry: {
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}): Promise<Partial<HttpOptions>> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "member", cluster: entry.cluster }],
      users: [{ name: "member", user: entry.user }],
      contexts: [{ name: "member", context: { cluster: "member", user: "member" } }],
      "current-context": "member",
    }),
  );
  const ask = async (): Promise<RequestOptions> => {
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new TerminalError(
        "KubeconfigPluginFailed",
        `the kubeconfig's credential plugin failed: ${errorText(cause)}`,
        {
          hint: "run the plugin's command by hand, or use a kubeconfig with a token or certificate",
          cause,
        },
      );
    }
    return options;
  };
  const first = await ask();
  return {
    ...(first.cert === undefined ? {} : { cert: String(first.cert) }),
    ...(first.key === undefined ? {} : { key: String(first.key) }),
    tokenProvider: async () => bearerOf(await ask()),
  };
}

function bearerOf(options: RequestOptions): string | undefined {
  const { Authorization: header } = (options.headers ?? {}) as Readonly<Record<string, unknown>>;
  return typeof header === "string" && header.startsWith("Bearer ") ? header.slice("Bearer ".length) : undefined;
}
