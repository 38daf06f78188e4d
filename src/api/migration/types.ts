import type { Condition, KubeObject } from "#machinery";

/** How far one member object has come. `Refused` was never written to; `Released` is the member's own again. */
export type AdoptionState = "Pending" | "Adopted" | "Created" | "Refused" | "Released" | "Deleted";

/** Counts and identities of what must not change when an object is taken over. */
export interface AdoptionEvidence {
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  /** Hash of spec and data (all but metadata and status). */
  readonly contentHash?: string;
}

/**
 * migration.drover.io/v1alpha1: the ledger row of one member object, in the member's execution namespace, named like its
 * Work. Written before the first write to the object; never deleted while the object is managed; outlives the template.
 */
export interface Adoption extends KubeObject {
  readonly spec: {
    readonly cluster: string;
    /** UID of the hub that wrote the row. */
    readonly hub: string;
    readonly target: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly namespace?: string;
      readonly name: string;
      readonly uid?: string;
    };
    /** Whether the object was there before us. */
    readonly origin: "Adopted" | "Created";
    /** The live object, whole, as it was before the first write. Absent for Created. */
    readonly original?: KubeObject;
    readonly adoptedAt?: string;
  };
  readonly status?: {
    readonly state?: AdoptionState;
    readonly reason?: string;
    readonly message?: string;
    /** The manifest as it was last written or found equal; what rule 2 of the merge compares with. */
    readonly lastApplied?: KubeObject;
    /** Fingerprint of the desired manifest at that time. */
    readonly desiredHash?: string;
    /** Fingerprint of the live object (bookkeeping, status and server-owned metadata left out) after that write. */
    readonly liveHash?: string;
    readonly observedResourceVersion?: string;
    /** Writes sent to the member for this object so far. */
    readonly writes?: number;
    readonly before?: AdoptionEvidence;
    readonly after?: AdoptionEvidence;
    /** Fields that only the live object has, as paths; shown, never touched. */
    readonly unmanagedFields?: readonly string[];
    readonly lastWriteTime?: string;
    readonly releasedAt?: string;
    readonly conditions?: readonly Condition[];
  };
}
