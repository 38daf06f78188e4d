import { dump } from "js-yaml";

export interface KubeconfigEntry {
  readonly server: string;
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** Name of context, cluster and user alike. */
  readonly context: string;
}

/** The text of a kubeconfig with one context, everything inline. */
export function kubeconfigText(entry: KubeconfigEntry): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return dump({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: entry.context,
        cluster: {
          server: entry.server,
          ...(entry.ca === undefined ? {} : { "certificate-authority-data": base64(entry.ca) }),
        },
      },
    ],
    users: [
      {
        name: entry.context,
        user: {
          ...(entry.cert === undefined ? {} : { "client-certificate-data": base64(entry.cert) }),
          ...(entry.key === undefined ? {} : { "client-key-data": base64(entry.key) }),
          ...(entry.token === undefined ? {} : { token: entry.token }),
        },
      },
    ],
    contexts: [{ name: entry.context, context: { cluster: entry.context, user: entry.context } }],
    "current-context": entry.context,
  });
}
