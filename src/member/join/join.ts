import { clusterNamespace } from "#api";
import type { Cluster } from "#api/cluster";
import { type Clock, TerminalError } from "#base";
import type { KubeClient } from "#client";
import type { HttpOptions } from "#client/http";
import { isNotFound, type KubeObject } from "#machinery";
import { ensureFields, ensureObject } from "./ensure.ts";
import {
  accountFor,
  clusterObject,
  clusterRole,
  clusterRoleBinding,
  hubSecret,
  impersonator,
  impersonatorRole,
  impersonatorSecretFor,
  namespaceObject,
  roleFor,
  serviceAccount,
  tokenSecret,
} from "./objects.ts";
import { clusterRoleBindings, clusterRoles, clusters, namespaces, secrets, serviceAccounts } from "./types.ts";

export interface JoinOptions {
  readonly hub: KubeClient;
  readonly member: KubeClient;
  readonly name: string;
  /** How `member` is reached: the hub will use the same address, CA and proxy. */
  readonly connection: Pick<HttpOptions, "server" | "ca" | "insecureSkipTlsVerify" | "proxy">;
  /** Default `karmada-cluster`; in the member and in the hub alike. */
  readonly namespace?: string;
  readonly provider?: string;
  readonly region?: string;
  readonly zones?: readonly string[];
}

/** One thing that joining does, for printing: `member: create ServiceAccount karmada-cluster/karmada-east`. */
export interface JoinStep {
  readonly where: "member" | "hub";
  readonly text: string;
}

export interface JoinPlan {
  readonly name: string;
  /** UID of the member's kube-system namespace. */
  readonly id: string;
  readonly namespace: string;
  readonly steps: readonly JoinStep[];
}

const maxNameLength = 48;
const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** A token controller answers within milliseconds; a member without one never does. */
const tokenTimeoutMs = 30_000;
const tokenPollMs = 100;

/**
 * Reads what joining needs to know and writes nothing.
 *
 * @throws TerminalError InvalidClusterName, ClusterRegistered, NotACluster.
 */
export async function planJoin(options: JoinOptions, signal?: AbortSignal): Promise<JoinPlan> {
  const { hub, member, name } = options;
  checkClusterName(name);
  const id = await clusterId(member, signal);
  const registered = await hub.list<Cluster>(clusters, {}, signal);
  const twin = registered.items.find((cluster) => cluster.metadata.name === name || cluster.spec.id === id);
  if (twin !== undefined) {
    throw new TerminalError(
      "ClusterRegistered",
      `the cluster ID ${id} or the cluster name ${name} has been registered`,
      {
        hint: `it is cluster ${twin.metadata.name} (ID ${twin.spec.id}); unjoin it first, or choose another name`,
      },
    );
  }
  const namespace = options.namespace ?? clusterNamespace;
  return { name, id, namespace, steps: stepsOf(name, namespace) };
}

function stepsOf(name: string, namespace: string): readonly JoinStep[] {
  const member = [
    `Namespace ${namespace}`,
    `ServiceAccount ${namespace}/${impersonator} and its token Secret`,
    `ServiceAccount ${namespace}/${accountFor(name)} and its token Secret`,
    `ClusterRole ${roleFor(name)} (all verbs on all resources)`,
    `ClusterRoleBinding ${roleFor(name)}`,
    `ClusterRole ${impersonator} (impersonate users, for requests through the hub) and its binding`,
  ];
  const hub = [
    `Namespace ${namespace}`,
    `Secret ${namespace}/${name}`,
    `Secret ${namespace}/${impersonatorSecretFor(name)}`,
    `Cluster ${name}`,
  ];
  return [
    ...member.map((text): JoinStep => ({ where: "member", text: `create ${text}` })),
    ...hub.map((text): JoinStep => ({ where: "hub", text: `create ${text}` })),
  ];
}

/** @throws TerminalError InvalidClusterName. */
export function checkClusterName(name: string): void {
  const reasons = [
    ...(name.length > maxNameLength ? [`must be no more than ${maxNameLength} characters`] : []),
    ...(namePattern.test(name)
      ? []
      : [
          "must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
        ]),
  ];
  if (reasons.length === 0) return;
  throw new TerminalError("InvalidClusterName", `invalid cluster name(${name}): ${reasons.join("; ")}`, {
    hint: "choose a name like east or prod-eu-1",
  });
}

async function clusterId(member: KubeClient, signal: AbortSignal | undefined): Promise<string> {
  try {
    const system = await member.get(namespaces, { name: "kube-system" }, signal);
    return system.metadata.uid ?? "";
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new TerminalError("NotACluster", "the member has no namespace kube-system", {
      hint: "check that the kubeconfig's context is a Kubernetes cluster's",
      cause: error,
    });
  }
}

/**
 * Carries out a plan. Each step may be repeated: a join that failed half-way is simply run again.
 *
 * @throws TerminalError TokenNotIssued.
 */
export async function joinCluster(
  options: JoinOptions & { readonly clock: Clock },
  plan: JoinPlan,
  signal?: AbortSignal,
): Promise<Cluster> {
  const tokens = await prepareMember(options, plan, signal);
  const { hub, connection } = options;
  const { name, namespace } = plan;
  await ensureObject(hub, namespaces, namespaceObject(namespace), signal);
  const caBundle = connection.insecureSkipTlsVerify === true ? undefined : connection.ca;
  const secretObjects = [
    hubSecret({ namespace, name }, { caBundle, token: tokens.account }),
    hubSecret({ namespace, name: impersonatorSecretFor(name) }, { token: tokens.impersonator }),
  ];
  for (const secret of secretObjects) await ensureFields(hub, secrets, secret, signal);
  const cluster = await ensureObject(hub, clusters, clusterObject({ ...options, ...plan }), signal);
  for (const secret of secretObjects) await ownBy(hub, secret, { cluster, signal });
  return cluster;
}

async function prepareMember(
  { member, clock }: JoinOptions & { readonly clock: Clock },
  { name, namespace }: JoinPlan,
  signal: AbortSignal | undefined,
): Promise<{ readonly account: string; readonly impersonator: string }> {
  await ensureObject(member, namespaces, namespaceObject(namespace), signal);
  const account = accountFor(name);
  for (const each of [impersonator, account]) {
    await ensureObject(member, serviceAccounts, serviceAccount(namespace, each), signal);
    await ensureObject(member, secrets, tokenSecret(namespace, each), signal);
  }
  await ensureFields(member, clusterRoles, clusterRole(roleFor(name)), signal);
  const binding = clusterRoleBinding(roleFor(name), { namespace, name: account });
  await ensureObject(member, clusterRoleBindings, binding, signal);
  await ensureFields(member, clusterRoles, impersonatorRole, signal);
  const impersonatorBinding = clusterRoleBinding(impersonator, { namespace, name: impersonator });
  await ensureObject(member, clusterRoleBindings, impersonatorBinding, signal);
  const tokenOf = (secret: string): Promise<string> =>
    waitForToken({ member, clock }, { namespace, name: secret }, signal);
  return { account: await tokenOf(account), impersonator: await tokenOf(impersonator) };
}

async function waitForToken(
  { member, clock }: { readonly member: KubeClient; readonly clock: Clock },
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal | undefined,
): Promise<string> {
  const untilMs = clock.monotonicMs() + tokenTimeoutMs;
  while (clock.monotonicMs() < untilMs) {
    const secret = await member.get(secrets, key, signal);
    const { token } = (secret.data ?? {}) as { readonly token?: string };
    if (token !== undefined && token !== "") return Buffer.from(token, "base64").toString("utf8");
    await clock.sleep(tokenPollMs, signal);
  }
  throw new TerminalError(
    "TokenNotIssued",
    `the member did not fill Secret ${key.namespace}/${key.name} with a token`,
    {
      hint: "check that kube-controller-manager runs in the member with its token controller, then join again",
    },
  );
}

/** The hub's garbage collector removes the Secrets with their Cluster. */
async function ownBy(
  hub: KubeClient,
  secret: KubeObject,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { apiVersion, kind, metadata } = cluster;
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  const { namespace, name = "" } = secret.metadata;
  const body = { metadata: { ownerReferences: [owner] } };
  await hub.patch({ type: secrets, key: { namespace, name } }, { type: "merge", body }, {}, signal);
}
