import type { ConflictResolution, Placement, Suspension } from "#api/policy";
import type { Condition, KubeObject } from "#machinery";

export type Health = "Healthy" | "Unhealthy" | "Unknown";

export interface ManifestStatus {
  readonly identifier: {
    readonly ordinal: number;
    readonly group?: string;
    readonly version: string;
    readonly kind: string;
    readonly resource: string;
    readonly namespace?: string;
    readonly name: string;
  };
  readonly status?: { readonly [field: string]: unknown };
  readonly health?: Health;
}

/** work.karmada.io/v1alpha1: what one member receives of one template. */
export interface Work extends KubeObject {
  readonly spec: {
    readonly workload?: { readonly manifests?: readonly KubeObject[] };
    readonly suspendDispatching?: boolean;
    readonly preserveResourcesOnDeletion?: boolean;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly manifestStatuses?: readonly ManifestStatus[];
  };
}

export interface TargetCluster {
  readonly name: string;
  readonly replicas?: number;
}

export interface BindingSnapshot {
  readonly namespace?: string;
  readonly name: string;
  readonly clusters?: readonly TargetCluster[];
}

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface ReplicaRequirements {
  readonly nodeClaim?: { readonly [field: string]: unknown };
  readonly resourceRequest?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly priorityClassName?: string;
}

export interface GracefulEvictionTask {
  readonly fromCluster: string;
  readonly purgeMode?: "Directly" | "Gracefully" | "Never";
  readonly replicas?: number;
  readonly reason: string;
  readonly message?: string;
  readonly producer: string;
  readonly suppressDeletion?: boolean;
  readonly creationTimestamp?: string;
  readonly clustersBeforeFailover?: readonly string[];
}

export interface BindingSpec {
  readonly resource: ObjectReference;
  readonly propagateDeps?: boolean;
  readonly replicas?: number;
  readonly replicaRequirements?: ReplicaRequirements;
  readonly components?: readonly unknown[];
  readonly clusters?: readonly TargetCluster[];
  readonly gracefulEvictionTasks?: readonly GracefulEvictionTask[];
  readonly requiredBy?: readonly BindingSnapshot[];
  readonly schedulerName?: string;
  readonly placement?: Placement;
  readonly failover?: { readonly [field: string]: unknown };
  readonly conflictResolution?: ConflictResolution;
  readonly rescheduleTriggeredAt?: string;
  readonly suspension?: Suspension & { readonly scheduling?: boolean };
  readonly preserveResourcesOnDeletion?: boolean;
  readonly schedulePriority?: { readonly priority?: number };
}

export interface AggregatedStatusItem {
  readonly clusterName: string;
  readonly status?: { readonly [field: string]: unknown };
  /** Omitted when false, as Karmada does. */
  readonly applied?: boolean;
  readonly appliedMessage?: string;
  readonly health?: Health;
}

/** A ResourceBinding, or, without a namespace, a ClusterResourceBinding (work.karmada.io/v1alpha2). */
export interface Binding extends KubeObject {
  readonly spec: BindingSpec;
  readonly status?: {
    readonly schedulerObservedGeneration?: number;
    readonly schedulerObservingAffinityName?: string;
    readonly lastScheduledTime?: string;
    readonly conditions?: readonly Condition[];
    readonly aggregatedStatus?: readonly AggregatedStatusItem[];
  };
}
