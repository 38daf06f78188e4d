import { isAlreadyExists, type KubeObject } from "#machinery";
import { type PersistentVolumeClaim, type Pod, types } from "../kinds.ts";
import { ownKey } from "./owners.ts";
import type { View } from "./view.ts";
import type { Controller, World } from "./world.ts";

interface PersistentVolume extends KubeObject {
  readonly spec: {
    readonly claimRef?: {
      readonly [field: string]: string;
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
    };
    readonly persistentVolumeReclaimPolicy?: string;
    readonly [field: string]: unknown;
  };
  readonly status?: { readonly phase?: string };
}

const claimProtection = "kubernetes.io/pvc-protection";
const volumeProtection = "kubernetes.io/pv-protection";

/** Claims get a volume each, keep it while a Pod uses them, and take it along when they go. */
export function claimController(world: World): Controller {
  const claims = world.view<PersistentVolumeClaim>(types.claims);
  const volumes = world.view<PersistentVolume>(types.volumes);
  const pods = world.view<Pod>(types.pods);
  return {
    name: "claims",
    sources: [
      { type: types.claims, keys: ownKey },
      { type: types.pods, keys: (pod) => claimsOf(pod as Pod) },
    ],
    reconcile: async (key) => {
      const claim = claims.get(key);
      if (claim === undefined) return undefined;
      if (claim.metadata.deletionTimestamp !== undefined) return release(claim, { claims, pods });
      if (claim.status?.phase === "Bound") return undefined;
      await bind(claim, { claims, volumes });
      return undefined;
    },
  };
}

/** Volumes whose claim is gone: deleted or, as their policy says, kept as Released. */
export function volumeController(world: World): Controller {
  const claims = world.view<PersistentVolumeClaim>(types.claims);
  const volumes = world.view<PersistentVolume>(types.volumes);
  return {
    name: "volumes",
    sources: [
      { type: types.volumes, keys: ownKey },
      { type: types.claims, keys: (claim) => [volumeName(claim)] },
    ],
    reconcile: async (key) => {
      const volume = volumes.get(key);
      const claimRef = volume?.spec.claimRef;
      if (volume === undefined || claimRef === undefined) return undefined;
      const claim = claims.get(`${claimRef.namespace}/${claimRef.name}`);
      if (claim?.metadata.uid === claimRef.uid) return undefined;
      if (volume.spec.persistentVolumeReclaimPolicy === "Retain") {
        if (volume.status?.phase !== "Released")
          await volumes.updateStatus({ ...volume, status: { phase: "Released" } });
        return undefined;
      }
      if (volume.metadata.deletionTimestamp === undefined) await volumes.remove(volume);
      await withoutFinalizer(volumes, key, volumeProtection);
      return undefined;
    },
  };
}

const volumeName = (claim: KubeObject): string => `pvc-${claim.metadata.uid}`;

function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const source = volume.persistentVolumeClaim as { readonly claimName?: string } | undefined;
    return source?.claimName === undefined ? [] : [`${pod.metadata.namespace}/${source.claimName}`];
  });
}

async function release(
  claim: PersistentVolumeClaim,
  { claims, pods }: { readonly claims: View<PersistentVolumeClaim>; readonly pods: View<Pod> },
): Promise<undefined> {
  const key = `${claim.metadata.namespace}/${claim.metadata.name}`;
  const isUsed = pods.list(claim.metadata.namespace).some((pod) => claimsOf(pod).includes(key));
  if (!isUsed) await withoutFinalizer(claims, key, claimProtection);
}

async function withoutFinalizer<T extends KubeObject>(view: View<T>, key: string, finalizer: string): Promise<void> {
  const object = view.get(key);
  if (object?.metadata.finalizers?.includes(finalizer) !== true) return;
  const finalizers = object.metadata.finalizers.filter((each) => each !== finalizer);
  await view.update({ ...object, metadata: { ...object.metadata, finalizers } });
}

async function bind(
  claim: PersistentVolumeClaim,
  { claims, volumes }: { readonly claims: View<PersistentVolumeClaim>; readonly volumes: View<PersistentVolume> },
): Promise<void> {
  const name = claim.spec.volumeName ?? volumeName(claim);
  const capacity = { storage: claim.spec.resources?.requests?.storage ?? "1Gi" };
  if (claim.spec.volumeName === undefined) await provision(claim, name, volumes);
  const annotations = {
    ...claim.metadata.annotations,
    "pv.kubernetes.io/bind-completed": "yes",
    "pv.kubernetes.io/bound-by-controller": "yes",
  };
  const bound = await claims.update({
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: { ...claim.spec, volumeName: name },
  });
  const accessModes = claim.spec.accessModes ?? [];
  await claims.updateStatus({ ...bound, status: { phase: "Bound", accessModes, capacity } });
}

async function provision(claim: PersistentVolumeClaim, name: string, volumes: View<PersistentVolume>): Promise<void> {
  const { accessModes, storageClassName, volumeMode, resources } = claim.spec;
  const { namespace = "", name: claimName = "", uid = "" } = claim.metadata;
  try {
    const made = await volumes.create({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name, finalizers: [volumeProtection] },
      spec: {
        capacity: { storage: resources?.requests?.storage ?? "1Gi" },
        accessModes,
        hostPath: { path: `/simulated/${name}`, type: "" },
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claimName, uid },
        persistentVolumeReclaimPolicy: "Delete",
        volumeMode: volumeMode ?? "Filesystem",
        ...(storageClassName === undefined ? {} : { storageClassName }),
      },
    });
    await volumes.updateStatus({ ...made, status: { phase: "Bound" } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
