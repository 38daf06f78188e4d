import type { KubeObject, LabelSelector, LabelSelectorRequirement } from "#machinery";

export type { LabelSelector, LabelSelectorRequirement };

/** On `provider`, `region` and `zone` of a Cluster. */
export interface FieldSelector {
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface ResourceSelector {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

export interface ClusterAffinity {
  readonly labelSelector?: LabelSelector;
  readonly fieldSelector?: FieldSelector;
  readonly clusterNames?: readonly string[];
  readonly exclude?: readonly string[];
}

export interface NamedClusterAffinity extends ClusterAffinity {
  readonly affinityName: string;
}

export interface ClusterAffinityTerm extends NamedClusterAffinity {
  readonly overflowAffinities?: readonly NamedClusterAffinity[];
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

export interface SpreadConstraint {
  readonly spreadByField?: "cluster" | "region" | "zone" | "provider";
  readonly spreadByLabel?: string;
  readonly minGroups?: number;
  readonly maxGroups?: number;
}

export interface StaticClusterWeight {
  readonly targetCluster: ClusterAffinity;
  readonly weight: number;
}

export interface ReplicaScheduling {
  readonly replicaSchedulingType?: "Duplicated" | "Divided";
  readonly replicaDivisionPreference?: "Aggregated" | "Weighted";
  readonly weightPreference?: {
    readonly staticWeightList?: readonly StaticClusterWeight[];
    readonly dynamicWeight?: "AvailableReplicas";
  };
}

export interface Placement {
  readonly clusterAffinity?: ClusterAffinity;
  readonly clusterAffinities?: readonly ClusterAffinityTerm[];
  readonly clusterTolerations?: readonly Toleration[];
  readonly spreadConstraints?: readonly SpreadConstraint[];
  readonly replicaScheduling?: ReplicaScheduling;
  readonly workloadAffinity?: { readonly [field: string]: unknown };
}

export type ConflictResolution = "Abort" | "Overwrite";

export interface Suspension {
  readonly dispatching?: boolean;
  readonly dispatchingOnClusters?: { readonly clusterNames?: readonly string[] };
}

export interface PropagationSpec {
  readonly resourceSelectors: readonly ResourceSelector[];
  readonly association?: boolean;
  readonly propagateDeps?: boolean;
  readonly placement?: Placement;
  readonly priority?: number;
  readonly preemption?: "Always" | "Never";
  readonly dependentOverrides?: readonly string[];
  readonly schedulerName?: string;
  readonly failover?: { readonly [field: string]: unknown };
  readonly conflictResolution?: ConflictResolution;
  readonly activationPreference?: "Lazy";
  readonly suspension?: Suspension;
  readonly preserveResourcesOnDeletion?: boolean;
  readonly schedulePriority?: { readonly priorityClassSource: string; readonly priorityClassName: string };
}

/** A PropagationPolicy, or, without a namespace, a ClusterPropagationPolicy: one shape, the scope differs. */
export interface PropagationPolicy extends KubeObject {
  readonly spec: PropagationSpec;
}

export type OverrideOperator = "add" | "remove" | "replace";

export interface ImageOverrider {
  readonly predicate?: { readonly path: string };
  readonly component: "Registry" | "Repository" | "Tag";
  readonly operator: OverrideOperator;
  readonly value?: string;
}

export interface CommandArgsOverrider {
  readonly containerName: string;
  readonly operator: "add" | "remove";
  readonly value?: readonly string[];
}

export interface LabelAnnotationOverrider {
  readonly operator: OverrideOperator;
  readonly value: Readonly<Record<string, string>>;
}

export interface FieldPatchOperation {
  readonly subPath: string;
  readonly operator: OverrideOperator;
  readonly value?: unknown;
}

export interface FieldOverrider {
  readonly fieldPath: string;
  readonly json?: readonly FieldPatchOperation[];
  readonly yaml?: readonly FieldPatchOperation[];
}

export interface PlaintextOverrider {
  readonly path: string;
  readonly operator: OverrideOperator;
  readonly value?: unknown;
}

export interface Overriders {
  readonly imageOverrider?: readonly ImageOverrider[];
  readonly commandOverrider?: readonly CommandArgsOverrider[];
  readonly argsOverrider?: readonly CommandArgsOverrider[];
  readonly labelsOverrider?: readonly LabelAnnotationOverrider[];
  readonly annotationsOverrider?: readonly LabelAnnotationOverrider[];
  readonly fieldOverrider?: readonly FieldOverrider[];
  readonly plaintext?: readonly PlaintextOverrider[];
}

export interface OverrideRule {
  readonly targetCluster?: ClusterAffinity;
  readonly overriders: Overriders;
}

export interface OverrideSpec {
  readonly resourceSelectors?: readonly ResourceSelector[];
  readonly overrideRules?: readonly OverrideRule[];
  /** Deprecated single rule, used only where overrideRules is empty. */
  readonly targetCluster?: ClusterAffinity;
  readonly overriders?: Overriders;
}

/** An OverridePolicy, or, without a namespace, a ClusterOverridePolicy. */
export interface OverridePolicy extends KubeObject {
  readonly spec: OverrideSpec;
}
