import { deepClone, isJsonObject, type Mutable } from "#base";
import { type KubeObject, parseGroupVersion } from "#machinery";

type Fields = Record<string, unknown>;

/** Metadata that belongs to one API server and means nothing to another. */
const serverMetadata = [
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
  "ownerReferences",
  "finalizers",
] as const;

const jobSelectorKeys = ["controller-uid", "batch.kubernetes.io/controller-uid"];
const jobTemplateKeys = [...jobSelectorKeys, "job-name", "batch.kubernetes.io/job-name"];

/**
 * A copy of the object without what only its own cluster can decide: server metadata, status and the fields its
 * controllers fill in. Kinds are told by group and kind: a custom resource called `Service` keeps its `spec.clusterIP`.
 *
 * @param options.jobTtl also drops `spec.ttlSecondsAfterFinished` of Jobs, as Works do and `promote` does not: a Job that a
 * member removed by itself would be created, and run, again.
 */
export function pruneManifest(object: KubeObject, options: { readonly jobTtl: boolean }): KubeObject {
  const manifest = deepClone(object) as Fields & Mutable<KubeObject>;
  const metadata = manifest.metadata as Fields;
  for (const field of serverMetadata) delete metadata[field];
  delete manifest.status;
  const rule = kindRules[`${parseGroupVersion(object.apiVersion).group}/${object.kind}`];
  rule?.(manifest, options.jobTtl);
  return manifest as KubeObject;
}

const kindRules: Readonly<Record<string, (manifest: Fields, jobTtl: boolean) => void>> = {
  "apps/Deployment": (manifest) =>
    dropKeys(
      manifest,
      ["metadata", "annotations"],
      ["deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history"],
    ),
  "batch/Job": pruneJob,
  "/Secret": pruneSecret,
  "/ServiceAccount": pruneServiceAccount,
  "/Service": pruneService,
  "/PersistentVolumeClaim": pruneClaim,
};

function pruneJob(manifest: Fields, jobTtl: boolean): void {
  const spec = at(manifest, ["spec"]);
  if (spec === undefined) return;
  if (spec.manualSelector !== true) {
    dropKeys(spec, ["selector", "matchLabels"], jobSelectorKeys);
    dropKeys(spec, ["template", "metadata", "labels"], jobTemplateKeys);
  }
  if (jobTtl) delete spec.ttlSecondsAfterFinished;
}

function pruneSecret(manifest: Fields): void {
  if (manifest.type !== "kubernetes.io/service-account-token") return;
  dropKeys(manifest, ["metadata", "annotations"], ["kubernetes.io/service-account.uid"]);
  manifest.data = null;
}

/** Token Secrets are made per cluster; their references would point at nothing. */
function pruneServiceAccount(manifest: Fields): void {
  if (!Array.isArray(manifest.secrets)) return;
  const prefix = `${String(at(manifest, ["metadata"])?.name)}-token-`;
  manifest.secrets = manifest.secrets.filter(
    (secret: unknown) => !(isJsonObject(secret) && String(secret.name).startsWith(prefix)),
  );
}

function pruneService(manifest: Fields): void {
  const spec = at(manifest, ["spec"]);
  if (spec === undefined || spec.clusterIP === "None") return;
  delete spec.clusterIP;
  delete spec.clusterIPs;
}

function pruneClaim(manifest: Fields): void {
  const key = "volume.kubernetes.io/selected-node";
  if (at(manifest, ["metadata", "annotations"])?.[key] !== "") dropKeys(manifest, ["metadata", "annotations"], [key]);
}

function at(root: Fields, path: readonly string[]): Fields | undefined {
  let fields: unknown = root;
  for (const name of path) fields = isJsonObject(fields) ? fields[name] : undefined;
  return isJsonObject(fields) ? (fields as Fields) : undefined;
}

function dropKeys(root: Fields, path: readonly string[], keys: readonly string[]): void {
  const fields = at(root, path);
  if (fields !== undefined) for (const key of keys) delete fields[key];
}
