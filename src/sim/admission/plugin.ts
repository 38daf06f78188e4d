import type { AdmissionPlugin, AdmissionRequest } from "#apiserver";
import type { JsonObject } from "#base";
import { forbidden, type KubeObject } from "#machinery";
import { filled, objectOf } from "../defaults/fill.ts";
import { completed } from "../defaults/index.ts";
import { type Random, randomSuffix, stableText } from "../names.ts";
import { templateGenerationAnnotation } from "../plan/daemon.ts";
import { immutabilityCauses, selectorCauses } from "./immutable.ts";
import { refused } from "./refusal.ts";
import type { ServiceAllocator } from "./services.ts";

export interface ClusterAdmissionDeps {
  readonly services: ServiceAllocator;
  readonly random: Random;
  hasServiceAccount(namespace: string, name: string): boolean;
}

const workloads = new Set(["apps/deployments", "apps/replicasets", "apps/statefulsets", "apps/daemonsets"]);
const accessPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What an API server of a cluster that runs workloads does beyond storing: fills in, allocates, and guards what is fixed. */
export function clusterAdmission(deps: ClusterAdmissionDeps): AdmissionPlugin {
  return {
    name: "SimulatedCluster",
    admit(request) {
      if (request.object === undefined || request.operation === "DELETE") return undefined;
      if (request.subresource !== "" && request.subresource !== "scale") return undefined;
      const object = completed(request.object);
      return special(`${request.group}/${request.resource}`, { ...request, object }, deps);
    },
    validate(request) {
      if (request.object === undefined || request.operation === "DELETE" || request.subresource !== "") return;
      const resource = `${request.group}/${request.resource}`;
      const selector = workloads.has(resource) ? selectorCauses(request.object) : [];
      const fixedFields = request.old === undefined ? [] : immutabilityCauses(resource, request.object, request.old);
      const causes = [...selector, ...fixedFields];
      if (causes.length > 0) throw refused(request, causes);
    },
  };
}

function special(
  resource: string,
  request: AdmissionRequest & { readonly object: KubeObject },
  deps: ClusterAdmissionDeps,
): KubeObject {
  const isNew = request.operation === "CREATE";
  switch (resource) {
    case "/services":
      return deps.services.admit(request);
    case "/pods":
      return isNew ? admitPod(request, deps) : request.object;
    case "/persistentvolumeclaims":
      return isNew ? admitClaim(request.object) : request.object;
    case "batch/jobs":
      return admitJob(request);
    case "apps/daemonsets":
      return countTemplates(request);
    default:
      return request.object;
  }
}

/** A Pod runs as a ServiceAccount that exists, and gets its token as a volume. */
function admitPod(request: AdmissionRequest & { readonly object: KubeObject }, deps: ClusterAdmissionDeps): KubeObject {
  const spec = objectOf(request.object.spec);
  const account = typeof spec.serviceAccountName === "string" ? spec.serviceAccountName : "default";
  if (account !== "default" && !deps.hasServiceAccount(request.namespace, account)) {
    const why = `error looking up service account ${request.namespace}/${account}: serviceaccount "${account}" not found`;
    throw forbidden({ group: "", resource: "pods" }, request.name, why);
  }
  const named = { ...spec, serviceAccountName: account, serviceAccount: account };
  const isPlain = spec.automountServiceAccountToken === false;
  return { ...request.object, spec: isPlain ? named : withToken(named, deps.random) };
}

function withToken(spec: JsonObject, random: Random): JsonObject {
  const volumes = listOf(spec.volumes);
  const present = volumes.find((volume) => String(volume.name).startsWith("kube-api-access-"));
  const name = String(present?.name ?? `kube-api-access-${randomSuffix(random)}`);
  const mounted = (container: JsonObject): JsonObject => {
    const mounts = listOf(container.volumeMounts);
    if (mounts.some((mount) => mount.mountPath === accessPath)) return container;
    return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath: accessPath }] };
  };
  return {
    ...spec,
    containers: listOf(spec.containers).map(mounted),
    ...(spec.initContainers === undefined ? {} : { initContainers: listOf(spec.initContainers).map(mounted) }),
    volumes: present === undefined ? [...volumes, tokenVolume(name)] : volumes,
  };
}

const listOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonObject[]) : [];

function tokenVolume(name: string): JsonObject {
  const namespace = { apiVersion: "v1", fieldPath: "metadata.namespace" };
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: namespace }] } },
      ],
    },
  };
}

/** Claims are kept until no Pod uses them, and come from the default class. */
function admitClaim(claim: KubeObject): KubeObject {
  const finalizer = "kubernetes.io/pvc-protection";
  const finalizers = [...(claim.metadata.finalizers ?? []).filter((each) => each !== finalizer), finalizer];
  const spec = filled(objectOf(claim.spec), { storageClassName: defaultStorageClass });
  return { ...claim, metadata: { ...claim.metadata, finalizers }, spec };
}

export const defaultStorageClass = "standard";

/** A Job selects its own Pods by its UID, unless its author took that upon himself. */
function admitJob(request: AdmissionRequest & { readonly object: KubeObject }): KubeObject {
  const job = request.object;
  const spec = objectOf(job.spec);
  const oldSpec = objectOf(request.old?.spec);
  const oldLabels = objectOf(objectOf(objectOf(oldSpec.template).metadata).labels);
  const uid =
    request.operation === "CREATE" ? job.metadata.uid : String(oldLabels["batch.kubernetes.io/controller-uid"] ?? "");
  if (spec.manualSelector === true || uid === undefined || uid === "") return job;
  const { name = request.name } = job.metadata;
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const template = objectOf(spec.template);
  const metadata = objectOf(template.metadata);
  const isNew = request.operation === "CREATE";
  return {
    ...job,
    spec: {
      ...spec,
      selector: spec.selector ?? oldSpec.selector ?? { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
      template: isNew
        ? { ...template, metadata: { ...metadata, labels: { ...objectOf(metadata.labels), ...labels } } }
        : template,
    },
  };
}

/** How often the template has changed is written on a DaemonSet. */
function countTemplates(request: AdmissionRequest & { readonly object: KubeObject }): KubeObject {
  const { object, old } = request;
  const before = Number(old?.metadata.annotations?.[templateGenerationAnnotation] ?? 0);
  const isSame =
    old !== undefined && stableText(objectOf(old.spec).template) === stableText(objectOf(object.spec).template);
  const annotations = {
    ...object.metadata.annotations,
    [templateGenerationAnnotation]: `${isSame ? before : before + 1}`,
  };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
