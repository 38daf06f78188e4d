import type { Cluster } from "#api/cluster";
import { TerminalError } from "#base";
import type { HttpOptions } from "#client/http";
import type { KubeObject } from "#machinery";

/**
 * How to reach a cluster, from its object and Secret.
 *
 * @throws TerminalError ClusterEndpointMissing, ClusterSecretMissing, ClusterSecretInvalid.
 */
export function connectionFor(cluster: Cluster, secret: KubeObject | undefined): HttpOptions {
  const { spec } = cluster;
  const name = cluster.metadata.name ?? "";
  if (spec.apiEndpoint === undefined || spec.apiEndpoint === "") {
    throw new TerminalError("ClusterEndpointMissing", `cluster ${name} has no spec.apiEndpoint`, {
      hint: `join it again, or set the endpoint: kubectl edit cluster ${name}`,
    });
  }
  const { token, ca } = credentialsOf(cluster, secret);
  return {
    server: spec.apiEndpoint,
    token,
    ...(ca === undefined || spec.insecureSkipTLSVerification === true ? {} : { ca }),
    ...(spec.insecureSkipTLSVerification === true ? { insecureSkipTlsVerify: true } : {}),
    ...(spec.proxyURL === undefined || spec.proxyURL === "" ? {} : { proxy: spec.proxyURL }),
    ...(spec.proxyHeader === undefined ? {} : { proxyHeaders: spec.proxyHeader }),
  };
}

function credentialsOf(
  cluster: Cluster,
  secret: KubeObject | undefined,
): { readonly token: string; readonly ca: string | undefined } {
  const ref = cluster.spec.secretRef;
  const name = cluster.metadata.name ?? "";
  const hint = `join it again with: drover join ${name} --cluster-kubeconfig FILE`;
  if (ref === undefined) {
    throw new TerminalError("ClusterSecretMissing", `cluster ${name} has no spec.secretRef`, { hint });
  }
  const where = `Secret ${ref.namespace}/${ref.name} of cluster ${name}`;
  if (secret === undefined) throw new TerminalError("ClusterSecretMissing", `${where} does not exist`, { hint });
  const data = (secret.data ?? {}) as Readonly<Record<string, string>>;
  const token = decoded(data.token);
  if (token === undefined) throw new TerminalError("ClusterSecretInvalid", `${where} has no token`, { hint });
  return { token, ca: decoded(data.caBundle) };
}

function decoded(base64: string | undefined): string | undefined {
  const text = Buffer.from(base64 ?? "", "base64")
    .toString("utf8")
    .trim();
  return text === "" ? undefined : text;
}
