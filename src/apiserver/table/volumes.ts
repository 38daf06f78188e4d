import type { KubeObject } from "#machinery";
import { ageOf } from "./duration.ts";
import { type KindColumns, table } from "./kind-columns.ts";
import { at, listAt, orNone, textAt } from "./reading.ts";

const age = (object: KubeObject, nowMs: number): string => ageOf(object.metadata.creationTimestamp, nowMs);

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function accessModes(modes: readonly unknown[]): string {
  const present = new Set(modes);
  return Object.entries(shortModes)
    .flatMap(([mode, short]) => (present.has(mode) ? [short] : []))
    .join(",");
}

const betaClass = "volume.beta.kubernetes.io/storage-class";

const className = (object: KubeObject): string =>
  object.metadata.annotations?.[betaClass] ?? textAt(object, "spec", "storageClassName");

function claimText(volume: KubeObject): string {
  const claim = at(volume, "spec", "claimRef");
  return claim === undefined ? "" : `${textAt(claim, "namespace")}/${textAt(claim, "name")}`;
}

const unset = (text: string): string => (text === "" ? "<unset>" : text);

const phaseOf = (object: KubeObject): string =>
  object.metadata.deletionTimestamp === undefined ? textAt(object, "status", "phase") : "Terminating";

const flag = (object: KubeObject, field: string): string => String(at(object, "spec", field) === true);

export const volumeColumns: Readonly<Record<string, KindColumns>> = {
  "/persistentvolumes": table(
    "Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|[VolumeMode]",
    (object, nowMs) => [
      textAt(object, "spec", "capacity", "storage"),
      accessModes(listAt(object, "spec", "accessModes")),
      textAt(object, "spec", "persistentVolumeReclaimPolicy"),
      phaseOf(object),
      claimText(object),
      className(object),
      unset(textAt(object, "spec", "volumeAttributesClassName")),
      textAt(object, "status", "reason"),
      age(object, nowMs),
      unset(textAt(object, "spec", "volumeMode")),
    ],
  ),
  "/persistentvolumeclaims": table(
    "Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|[VolumeMode]",
    (object, nowMs) => {
      const bound = textAt(object, "spec", "volumeName") !== "";
      return [
        phaseOf(object),
        textAt(object, "spec", "volumeName"),
        bound ? textAt(object, "status", "capacity", "storage") : "",
        bound ? accessModes(listAt(object, "status", "accessModes")) : "",
        className(object),
        unset(textAt(object, "spec", "volumeAttributesClassName")),
        age(object, nowMs),
        unset(textAt(object, "spec", "volumeMode")),
      ];
    },
  ),
  "storage.k8s.io/storageclasses": {
    ...table("Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion:boolean|Age", () => []),
    cells: (object, nowMs) => [
      `${object.metadata.name}${isDefaultClass(object) ? " (default)" : ""}`,
      textAt(object, "provisioner"),
      textAt(object, "reclaimPolicy") || "Delete",
      textAt(object, "volumeBindingMode") || "Immediate",
      at(object, "allowVolumeExpansion") === true,
      age(object, nowMs),
    ],
  },
  "storage.k8s.io/volumeattachments": table("Attacher|PV|Node|Attached:boolean|Age", (object, nowMs) => [
    textAt(object, "spec", "attacher"),
    textAt(object, "spec", "source", "persistentVolumeName"),
    textAt(object, "spec", "nodeName"),
    at(object, "status", "attached") === true,
    age(object, nowMs),
  ]),
  "storage.k8s.io/volumeattributesclasses": table("DriverName|Age", (object, nowMs) => [
    textAt(object, "driverName"),
    age(object, nowMs),
  ]),
  "storage.k8s.io/csinodes": table("Drivers:integer|Age", (object, nowMs) => [
    listAt(object, "spec", "drivers").length,
    age(object, nowMs),
  ]),
  "storage.k8s.io/csidrivers": table(
    "AttachRequired|PodInfoOnMount|StorageCapacity|TokenRequests|RequiresRepublish|Modes|Age",
    (object, nowMs) => [
      String(at(object, "spec", "attachRequired") !== false),
      flag(object, "podInfoOnMount"),
      flag(object, "storageCapacity"),
      unset(
        listAt(object, "spec", "tokenRequests")
          .map((one) => textAt(one, "audience"))
          .join(","),
      ),
      flag(object, "requiresRepublish"),
      orNone(listAt(object, "spec", "volumeLifecycleModes").join(",")),
      age(object, nowMs),
    ],
  ),
  "storage.k8s.io/csistoragecapacities": table("StorageClassName|Capacity|Age", (object, nowMs) => [
    textAt(object, "storageClassName"),
    textAt(object, "capacity"),
    age(object, nowMs),
  ]),
};

const isDefaultClass = (object: KubeObject): boolean =>
  ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"].some(
    (annotation) => object.metadata.annotations?.[annotation] === "true",
  );
