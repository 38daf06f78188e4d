import type { ReplicaRequirements } from "#api/work";
import { isJsonObject } from "#base";
import {
  addQuantities,
  compareQuantities,
  fieldAt,
  type GroupVersionKind,
  groupVersionText,
  listAt,
  mapAt,
  parseQuantity,
  quantityText,
  textAt,
} from "#machinery";
import type { DependencyReference } from "./contract.ts";

/** Where each kind keeps its Pod template: `metadata` and `spec` of its Pods are below. */
const templatePaths: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/Deployment": ["spec", "template"],
  "apps/v1/ReplicaSet": ["spec", "template"],
  "apps/v1/StatefulSet": ["spec", "template"],
  "apps/v1/DaemonSet": ["spec", "template"],
  "batch/v1/Job": ["spec", "template"],
  "batch/v1/CronJob": ["spec", "jobTemplate", "spec", "template"],
  "batch/v1beta1/CronJob": ["spec", "jobTemplate", "spec", "template"],
  "v1/ReplicationController": ["spec", "template"],
  "v1/Pod": [],
};

/** The path of the Pod template; empty for a Pod, whose own `spec` it is; undefined for kinds that run no Pods. */
export function podTemplatePathOf(gvk: GroupVersionKind): readonly string[] | undefined {
  return templatePaths[`${groupVersionText(gvk)}/${gvk.kind}`];
}

type Amounts = Readonly<Record<string, string>>;

/** `64Mi` + `64Mi` stays readable where both have the same suffix; else the sum is exact decimal text. */
function sumText(a: string, b: string): string {
  const suffixed = [a, b].map((text) => /^(\d+)(Ki|Mi|Gi|Ti|Pi|Ei)$/.exec(text));
  const [left, right] = suffixed;
  if (left && right && left[2] === right[2]) return `${BigInt(left[1] ?? 0) + BigInt(right[1] ?? 0)}${left[2]}`;
  const [x, y] = [parseQuantity(a), parseQuantity(b)];
  return x && y ? quantityText(addQuantities(x, y)) : a;
}

function largerText(a: string, b: string): string {
  const [x, y] = [parseQuantity(a), parseQuantity(b)];
  return x && y && compareQuantities(x, y) < 0 ? b : a;
}

function merged(all: readonly Amounts[], combine: (a: string, b: string) => string): Amounts {
  const total: Record<string, string> = {};
  for (const amounts of all) {
    for (const [name, amount] of Object.entries(amounts)) {
      const before = total[name];
      total[name] = before === undefined ? String(amount) : combine(before, String(amount));
    }
  }
  return total;
}

const requestsOf = (container: unknown): Amounts => mapAt(container, ["resources", "requests"]) as Amounts;

/** What one Pod asks for: the sum of its containers, or an init container if that is more, plus overhead. */
function resourceRequestOf(spec: unknown): Amounts {
  const running = merged(listAt(spec, ["containers"]).map(requestsOf), sumText);
  const starting = listAt(spec, ["initContainers"]).map(requestsOf);
  return merged([merged([running, ...starting], largerText), mapAt(spec, ["overhead"]) as Amounts], sumText);
}

function nodeClaimOf(spec: unknown): ReplicaRequirements["nodeClaim"] {
  const required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
  const claim = {
    hardNodeAffinity: fieldAt(spec, required),
    nodeSelector: fieldAt(spec, ["nodeSelector"]),
    tolerations: fieldAt(spec, ["tolerations"]),
  };
  const given = Object.entries(claim).filter(([, value]) => value !== undefined && value !== null);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** What one replica asks of a cluster; undefined where it asks nothing. */
export function requirementsOfPod(spec: unknown): ReplicaRequirements | undefined {
  const nodeClaim = nodeClaimOf(spec);
  const resourceRequest = resourceRequestOf(spec);
  if (nodeClaim === undefined && Object.keys(resourceRequest).length === 0) return undefined;
  const priorityClassName = textAt(spec, ["priorityClassName"]);
  return {
    ...(nodeClaim === undefined ? {} : { nodeClaim }),
    ...(Object.keys(resourceRequest).length === 0 ? {} : { resourceRequest }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
  };
}

const volumeSources: readonly (readonly [kind: string, path: readonly string[]])[] = [
  ["ConfigMap", ["configMap", "name"]],
  ["Secret", ["secret", "secretName"]],
  ["PersistentVolumeClaim", ["persistentVolumeClaim", "claimName"]],
  ["Secret", ["azureFile", "secretName"]],
  ["Secret", ["cephfs", "secretRef", "name"]],
  ["Secret", ["cinder", "secretRef", "name"]],
  ["Secret", ["flexVolume", "secretRef", "name"]],
  ["Secret", ["rbd", "secretRef", "name"]],
  ["Secret", ["scaleIO", "secretRef", "name"]],
  ["Secret", ["iscsi", "secretRef", "name"]],
  ["Secret", ["storageos", "secretRef", "name"]],
  ["Secret", ["csi", "nodePublishSecretRef", "name"]],
];

type Found = readonly [kind: string, name: string | undefined];

function volumeReferences(volume: unknown): readonly Found[] {
  const projected = listAt(volume, ["projected", "sources"]).flatMap((source): readonly Found[] => [
    ["ConfigMap", textAt(source, ["configMap", "name"])],
    ["Secret", textAt(source, ["secret", "name"])],
  ]);
  return [...volumeSources.map(([kind, path]): Found => [kind, textAt(volume, path)]), ...projected];
}

function containerReferences(container: unknown): readonly Found[] {
  const env = listAt(container, ["env"]).flatMap((entry): readonly Found[] => [
    ["ConfigMap", textAt(entry, ["valueFrom", "configMapKeyRef", "name"])],
    ["Secret", textAt(entry, ["valueFrom", "secretKeyRef", "name"])],
  ]);
  const from = listAt(container, ["envFrom"]).flatMap((entry): readonly Found[] => [
    ["ConfigMap", textAt(entry, ["configMapRef", "name"])],
    ["Secret", textAt(entry, ["secretRef", "name"])],
  ]);
  return [...env, ...from];
}

/** ConfigMaps, Secrets, ServiceAccount and claims that a Pod names, without doubles, in the order ConfigMap to PVC. */
export function podDependencies(spec: unknown, namespace: string | undefined): readonly DependencyReference[] {
  if (!isJsonObject(spec)) return [];
  const account = textAt(spec, ["serviceAccountName"]) ?? textAt(spec, ["serviceAccount"]);
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((list) => listAt(spec, [list]));
  const found: readonly Found[] = [
    ...containers.flatMap(containerReferences),
    ...listAt(spec, ["volumes"]).flatMap(volumeReferences),
    ...listAt(spec, ["imagePullSecrets"]).map((secret): Found => ["Secret", textAt(secret, ["name"])]),
    ["ServiceAccount", account === "default" ? undefined : account],
  ];
  const order = ["ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"];
  const unique = new Map<string, DependencyReference>();
  for (const [kind, name] of found) {
    if (name !== undefined) unique.set(`${order.indexOf(kind)}/${name}`, { apiVersion: "v1", kind, namespace, name });
  }
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference);
}
