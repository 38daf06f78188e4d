import type { Cluster } from "#api/cluster";
import type { ConflictResolution, OverridePolicy } from "#api/policy";
import type { Binding } from "#api/work";
import type { GroupVersionKind, KubeObject } from "#machinery";
import type { AppliedOverride } from "#override";

/** Hub-side inputs of one manifest. */
export interface RenderInput {
  readonly template: KubeObject;
  readonly binding: Binding;
  readonly cluster: Cluster;
  /** UID of this hub. */
  readonly hub: string;
  /** Replicas that the scheduler gave this cluster; undefined where the object is no workload. */
  readonly replicas?: number;
  /** This cluster's share of a Job's completions; undefined where they are not divided. */
  readonly completions?: number;
  readonly clusterPolicies: readonly OverridePolicy[];
  readonly policies: readonly OverridePolicy[];
  /** `work.karmada.io/permanent-id` of the Work, where it is known already; its admission adds it otherwise. */
  readonly workId?: string;
}

export interface Rendered {
  readonly manifest: KubeObject;
  /** The Work's own annotation of this name, and the manifest's. */
  readonly conflictResolution: EffectiveResolution;
  readonly appliedClusterOverrides: readonly AppliedOverride[];
  readonly appliedOverrides: readonly AppliedOverride[];
}

/** Whose an object in a member is, judged by its labels and annotations alone. */
export type Ownership =
  | { readonly kind: "unmanaged" }
  | { readonly kind: "ours" }
  /** The same hub, another Work. */
  | { readonly kind: "otherWork"; readonly work: string }
  /** Another control plane: its hub UID where it left one, else `unknown`; the Work that it names there. */
  | { readonly kind: "otherHub"; readonly hub: string; readonly work: string };

export type GuardMode = "refuse" | "warn" | "off";
export type ApplyMode = "Merge" | "Replace";

/** A change that would stop or replace running Pods. Values are as shown to a person; Secrets never get here. */
export interface GuardFinding {
  /** `spec.template.spec.containers[name=web].image` */
  readonly field: string;
  readonly live: string;
  readonly wanted: string;
  readonly effect: "PodsReplaced" | "PodsRemoved";
}

/** Everything the decision about one member object depends on. */
export interface WriteInput {
  readonly cluster: string;
  readonly desired: KubeObject;
  /** Undefined: the member has no such object. */
  readonly live: KubeObject | undefined;
  /** What we applied last (ledger); undefined before the takeover. */
  readonly last: KubeObject | undefined;
  readonly hub: string;
  /** `namespace/name` of the Work. */
  readonly work: string;
  readonly guard: GuardMode;
  readonly applyMode: ApplyMode;
  /** True where this hub created the object itself: the takeover guard then has nothing to protect. */
  readonly createdByUs: boolean;
  /** True where an autoscaler in the member sets this object's replicas: they are the member's then. */
  readonly autoscaled?: boolean;
}

/** The printable decision about one member object. */
export type WritePlan =
  | { readonly kind: "create"; readonly object: KubeObject }
  /** Equal in meaning, bookkeeping included: no request. */
  | { readonly kind: "none"; readonly unmanaged: readonly string[] }
  /** One JSON merge patch; carries `metadata.resourceVersion` and `metadata.uid`. */
  | {
      readonly kind: "patch";
      readonly patch: { readonly [field: string]: unknown };
      readonly takeover: boolean;
      /** Paths that change, bookkeeping left out; empty for a metadata-only takeover. */
      readonly changed: readonly string[];
      readonly unmanaged: readonly string[];
      readonly warnings: readonly GuardFinding[];
    }
  | {
      readonly kind: "refused";
      readonly reason:
        | "ConflictResolutionAbort"
        | "ManagedByOtherHub"
        | "ManagedByOtherWork"
        | "TakeoverGuard"
        | "ImmutableField"
        | "Terminating"
        | "ServerOwned";
      readonly message: string;
      readonly findings: readonly GuardFinding[];
    };

/** Per-kind facts the plan needs; given by the interpreter so that rules can be customised later. */
export interface MergeRules {
  /** Copies onto `desired` what the member owns. `retain(retain(d, live), live)` equals `retain(d, live)`. */
  retain(desired: KubeObject, live: KubeObject): KubeObject;
  /** Merge keys of a list at a schema path (`spec.template.spec.containers` gives `["name"]`); undefined: atomic. */
  listKeys(gvk: GroupVersionKind, path: string): readonly string[] | undefined;
}

/** Effective conflict resolution of a template under a binding, by `migration.md` 2.2. */
export type EffectiveResolution = Lowercase<ConflictResolution>;

/** The printable decision to give one member object back, or to undo what we did to it. */
export type ReleasePlan =
  | { readonly kind: "none" }
  /** One JSON merge patch; carries `metadata.resourceVersion` and `metadata.uid`. */
  | {
      readonly kind: "patch";
      readonly patch: { readonly [field: string]: unknown };
      /** Paths that change, bookkeeping left out; always empty for a release. */
      readonly changed: readonly string[];
    }
  | { readonly kind: "refused"; readonly reason: "ManagedByOtherHub" | "ManagedByOtherWork"; readonly message: string };

/** The printable decision to delete one member object. */
export type DeletePlan =
  | { readonly kind: "none" }
  | { readonly kind: "delete"; readonly uid: string | undefined }
  | { readonly kind: "refused"; readonly reason: "ManagedByOtherHub" | "ManagedByOtherWork"; readonly message: string };
