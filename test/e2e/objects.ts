/** Manifests of the tests, and what is looked at to say that nothing was touched. Valid on v1.20 and on later versions. */
import type { Kubectl } from "./cluster.ts";

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly [field: string]: unknown;
}

export interface LiveObject extends Manifest {
  readonly metadata: Manifest["metadata"] & {
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
  };
}

export function deployment(
  name: string,
  namespace: string,
  change: { readonly image?: string; readonly replicas?: number } = {},
): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      replicas: change.replicas ?? 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: "web", image: change.image ?? "nginx:1.25", resources: { requests: { cpu: "10m" } } }],
        },
      },
    },
  };
}

export function service(name: string, namespace: string, spec: Record<string, unknown> = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec },
  };
}

export function configMap(name: string, namespace: string, data: Record<string, string> = { key: "value" }): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
}

export function policy(
  name: string,
  namespace: string,
  selectors: readonly { readonly apiVersion: string; readonly kind: string; readonly name?: string }[],
  more: Record<string, unknown> = {},
): Manifest {
  return {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "PropagationPolicy",
    metadata: { name, namespace },
    spec: {
      conflictResolution: "Overwrite",
      placement: { clusterAffinity: { clusterNames: ["member1"] } },
      resourceSelectors: selectors,
      ...more,
    },
  };
}

interface PodLook {
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly { readonly id: string; readonly restarts: number }[];
}

/** Everything of a namespace that must not change when its objects are taken over. */
export interface Look {
  readonly pods: readonly PodLook[];
  readonly replicaSets: readonly { readonly name: string; readonly uid: string; readonly replicas: unknown }[];
  /** Kind/name to UID and all content but metadata and status, as text. */
  readonly content: Readonly<Record<string, string>>;
}

interface Listed {
  readonly items: readonly (LiveObject & {
    readonly status?: { readonly containerStatuses?: readonly { containerID: string; restartCount: number }[] };
  })[];
}

const contentKinds =
  "deployments,statefulsets,daemonsets,services,configmaps,secrets,serviceaccounts,persistentvolumeclaims,jobs,ingresses";

/** @param kinds more kinds, comma-separated, as kubectl names them. */
export async function lookAt(kubectl: Kubectl, namespace: string, kinds = ""): Promise<Look> {
  const pods = await kubectl.json<Listed>("get", "pods", "-n", namespace);
  const sets = await kubectl.json<Listed>("get", "replicasets", "-n", namespace);
  const all = await kubectl.json<Listed>(
    "get",
    kinds === "" ? contentKinds : `${contentKinds},${kinds}`,
    "-n",
    namespace,
  );
  return {
    pods: pods.items.map((pod) => ({
      name: pod.metadata.name,
      uid: pod.metadata.uid,
      containers: (pod.status?.containerStatuses ?? []).map((one) => ({
        id: one.containerID,
        restarts: one.restartCount,
      })),
    })),
    replicaSets: sets.items.map((set) => ({
      name: set.metadata.name,
      uid: set.metadata.uid,
      replicas: (set.spec as { replicas?: unknown }).replicas,
    })),
    content: Object.fromEntries(
      all.items.map((object) => {
        const { metadata, status: _status, apiVersion: _version, kind, ...content } = object;
        return [`${kind}/${metadata.name}`, `${metadata.uid} ${JSON.stringify(content)}`];
      }),
    ),
  };
}

/** Keys of Karmada or Drover on an object: what must be gone after a release. */
export function ourKeys(
  object: Manifest & { readonly metadata: { readonly finalizers?: readonly string[] } },
): readonly string[] {
  const keys = [
    ...Object.keys(object.metadata.labels ?? {}),
    ...Object.keys(object.metadata.annotations ?? {}),
    ...(object.metadata.finalizers ?? []),
  ];
  return keys.filter((key) => /(^|\.)(karmada|drover)\.io\//.test(key));
}
