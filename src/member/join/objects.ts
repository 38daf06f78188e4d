import { label } from "#api";
import type { Cluster } from "#api/cluster";
import type { HttpOptions } from "#client/http";
import type { KubeObject } from "#machinery";

export const impersonator = "karmada-impersonator";
export const accountFor = (cluster: string): string => `karmada-${cluster}`;
export const roleFor = (cluster: string): string => `karmada-controller-manager:${accountFor(cluster)}`;
export const impersonatorSecretFor = (cluster: string): string => `${cluster}-impersonator`;

const system = { [label.system]: "true" };

export const namespaceObject = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: system },
});

export const serviceAccount = (namespace: string, name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { namespace, name, labels: system },
});

/** A token that lives as long as its account. The same object works on every version: v1.24 ended only the automatic ones. */
export const tokenSecret = (namespace: string, account: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    namespace,
    name: account,
    labels: system,
    annotations: { "kubernetes.io/service-account.name": account },
  },
  type: "kubernetes.io/service-account-token",
});

export const clusterRole = (name: string): KubeObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name, labels: system },
  rules: [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["get"] },
  ],
});

/**
 * Lets the hub pass requests on in its users' own names. Who may use the proxy is decided by the hub (`clusters/proxy`), what
 * they may do by the member's own roles for that user and group.
 */
export const impersonatorRole: KubeObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: impersonator, labels: system },
  rules: [{ apiGroups: [""], resources: ["users", "groups", "serviceaccounts"], verbs: ["impersonate"] }],
};

export const clusterRoleBinding = (name: string, account: { namespace: string; name: string }): KubeObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name, labels: system },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
  subjects: [{ kind: "ServiceAccount", namespace: account.namespace, name: account.name }],
});

export const hubSecret = (
  key: { readonly namespace: string; readonly name: string },
  data: Readonly<Record<string, string | undefined>>,
): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { ...key, labels: system },
  type: "Opaque",
  data: Object.fromEntries(
    Object.entries(data).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, Buffer.from(text).toString("base64")]],
    ),
  ),
});

export interface ClusterFacts {
  readonly name: string;
  readonly id: string;
  readonly namespace: string;
  /** How the joining user reaches the member; the hub must reach it the same way. */
  readonly connection: Pick<HttpOptions, "server" | "insecureSkipTlsVerify" | "proxy">;
  readonly provider?: string;
  readonly region?: string;
  readonly zones?: readonly string[];
}

export function clusterObject(facts: ClusterFacts): Cluster {
  const { connection, name, namespace, provider, region, zones } = facts;
  return {
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: { name },
    spec: {
      id: facts.id,
      syncMode: "Push",
      apiEndpoint: connection.server,
      secretRef: { namespace, name },
      impersonatorSecretRef: { namespace, name: impersonatorSecretFor(name) },
      ...(connection.insecureSkipTlsVerify === true ? { insecureSkipTLSVerification: true } : {}),
      ...(connection.proxy === undefined ? {} : { proxyURL: connection.proxy }),
      ...(provider === undefined || provider === "" ? {} : { provider }),
      ...(region === undefined || region === "" ? {} : { region }),
      ...(zones === undefined || zones.length === 0 ? {} : { zones }),
    },
  };
}
