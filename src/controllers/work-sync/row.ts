import { annotation } from "#api";
import type { Adoption, AdoptionEvidence } from "#api/migration";
import type { Work } from "#api/work";
import type { KubeObject } from "#machinery";
import { contentFingerprint, fingerprint } from "#manifest";
import type { StatusChange } from "#migration";

/** The row of a Work's manifest is named like the Work; further manifests get their place as a suffix. */
export const rowNameFor = (work: string, ordinal: number): string => (ordinal === 0 ? work : `${work}-${ordinal}`);

export interface RowInput {
  readonly work: Work;
  readonly ordinal: number;
  readonly cluster: string;
  readonly hub: string;
  readonly manifest: KubeObject;
  /** Undefined: the object is about to be created. */
  readonly live: KubeObject | undefined;
  readonly nowIso: string;
}

/** The row as it is before the first write: who is meant, and the object whole as it was. */
export function newRow(input: RowInput): Adoption {
  const { work, manifest, live } = input;
  const { namespace, name = "" } = manifest.metadata;
  return {
    apiVersion: "migration.drover.io/v1alpha1",
    kind: "Adoption",
    metadata: { name: rowNameFor(work.metadata.name ?? "", input.ordinal), namespace: work.metadata.namespace },
    spec: {
      cluster: input.cluster,
      hub: input.hub,
      target: {
        apiVersion: manifest.apiVersion,
        kind: manifest.kind,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        ...(live?.metadata.uid === undefined ? {} : { uid: live.metadata.uid }),
      },
      origin: live === undefined ? "Created" : "Adopted",
      ...(live === undefined ? {} : { original: withoutManagedFields(live) }),
      adoptedAt: input.nowIso,
    },
  };
}

/** managedFields say who wrote which field; they are no part of the object that a person wants back. */
function withoutManagedFields(live: KubeObject): KubeObject {
  const { managedFields: _writers, ...metadata } = live.metadata;
  return { ...live, metadata };
}

function evidenceOf(live: KubeObject): AdoptionEvidence {
  const { uid, generation, resourceVersion } = live.metadata;
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(generation === undefined ? {} : { generation }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    contentHash: contentFingerprint(live),
  };
}

/**
 * Whether a row still speaks of this live object. One that was released or deleted, or whose object was replaced by
 * another of its name, does not: what it says of last writes would be wrong of the new object.
 */
export function isCurrent(row: Adoption | undefined, live: KubeObject | undefined): row is Adoption {
  if (row === undefined || row.status?.state === "Released" || row.status?.state === "Deleted") return false;
  if (live === undefined) return true;
  const known = row.status?.after?.uid ?? row.spec.target.uid;
  // Opened to create the object, and somebody else has made it: that is a takeover, of which this row knows nothing.
  if (known === undefined) return live.metadata.annotations?.[annotation.hub] === row.spec.hub;
  return known === live.metadata.uid;
}

/** What the ledger is told once the object is as it should be; undefined where it knows. */
export function settledChange(
  row: Adoption,
  settled: {
    readonly desired: KubeObject;
    readonly live: KubeObject;
    readonly unmanaged: readonly string[];
    readonly wrote: boolean;
    readonly nowIso: string;
  },
): StatusChange | undefined {
  const desiredHash = fingerprint(settled.desired, { bookkeeping: true });
  const known = row.status?.desiredHash === desiredHash && isSettled(row.status?.state);
  if (known && !settled.wrote) return undefined;
  const before = row.status?.before ?? (row.spec.original === undefined ? undefined : evidenceOf(row.spec.original));
  return {
    state: row.spec.origin,
    lastApplied: settled.desired,
    desiredHash,
    liveHash: fingerprint(settled.live),
    observedResourceVersion: settled.live.metadata.resourceVersion,
    writes: (row.status?.writes ?? 0) + (settled.wrote ? 1 : 0),
    ...(before === undefined ? {} : { before }),
    after: evidenceOf(settled.live),
    unmanagedFields: settled.unmanaged,
    ...(settled.wrote ? { lastWriteTime: settled.nowIso } : {}),
    reason: null,
    message: null,
  };
}

const isSettled = (state: string | undefined): boolean => state === "Adopted" || state === "Created";
