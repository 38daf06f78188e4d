import { resource } from "#api";
import type { Cluster } from "#api/cluster";
import type { Binding } from "#api/work";
import type { Clock } from "#base";
import type { KubeClient } from "#client";
import type { Informer } from "#informer";
import type { KubeObject } from "#machinery";
import type { Members, ReadyThresholds } from "#member";
import type { EventRecorder } from "#reconcile";

export interface ClusterHealthDeps {
  readonly hub: KubeClient;
  readonly clusters: Informer<Cluster>;
  readonly namespaces: Informer;
  readonly bindings: readonly Informer<Binding>[];
  readonly members: Members;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly options: ClusterHealthOptions;
}

export interface ClusterHealthOptions {
  readonly thresholds: ReadyThresholds;
  /** Between two looks at a member. */
  readonly intervalMs: number;
  /** Between two readings of a member's discovery. */
  readonly discoveryMs: number;
}

export const resources = {
  ...resource,
  nodes: { group: "", version: "v1", resource: "nodes" },
  pods: { group: "", version: "v1", resource: "pods" },
} as const;

/** A merge patch that fails with a conflict when the object has changed since it was read. */
export const guarded = (object: KubeObject, metadata: object = {}): object => ({
  metadata: { resourceVersion: object.metadata.resourceVersion, ...metadata },
});
