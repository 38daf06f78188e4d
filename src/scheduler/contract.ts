import type { Cluster } from "#api/cluster";
import type { Binding, TargetCluster } from "#api/work";

export interface ScheduleInput {
  readonly binding: Binding;
  /** Every registered cluster. Those being deleted are no candidates. */
  readonly clusters: readonly Cluster[];
  /** More replicas that a cluster could take; without it, judged by the cluster's resource summary. */
  readonly availableReplicas?: (cluster: Cluster, binding: Binding) => number;
}

/** What scheduling one binding comes to. Only `scheduled` may change `spec.clusters`. */
export type ScheduleResult =
  | {
      readonly kind: "scheduled";
      readonly clusters: readonly TargetCluster[];
      /** The term of `clusterAffinities` that fitted: goes to `status.schedulerObservingAffinityName`. */
      readonly affinityName?: string;
      /** Placement names clusters that are not registered; none in the normal case. */
      readonly unknownClusters: readonly string[];
    }
  /** Condition reason NoClusterFit. The present clusters are kept: a placement that fits nothing deletes nothing. */
  | { readonly kind: "noFit"; readonly message: string }
  /** Condition reason Unschedulable: retry when capacity may have changed. */
  | { readonly kind: "unschedulable"; readonly message: string }
  /** Condition reason SchedulerError: the placement itself cannot be carried out. */
  | { readonly kind: "error"; readonly message: string };

/** A cluster that passed every filter. */
export interface Candidate {
  readonly cluster: Cluster;
  readonly name: string;
  readonly score: number;
  /** Replicas it could take beside those it has. */
  readonly free: number;
  /** Replicas it has of this binding now. */
  readonly assigned: number;
  /** 0 for the primary affinity, then the overflow groups in order. */
  readonly tier: number;
}

/** Capacity for this binding: what it has and what it could take more. */
export const capacityOf = (candidate: Candidate): number => candidate.free + candidate.assigned;
