import type { AggregatedStatusItem, Health, ReplicaRequirements } from "#api/work";
import type { KubeObject, LabelSelector } from "#machinery";

/** What an object needs beside itself; by name or by labels. */
export interface DependencyReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

export interface Replicas {
  readonly replicas: number;
  readonly requirements?: ReplicaRequirements;
}

/** What we know about one kind. Every operation answers for every kind; unknown kinds get the neutral answer. */
export interface Interpreter {
  /** Undefined where the kind has no replicas. */
  replicasOf(object: KubeObject): Replicas | undefined;
  /** The object with another number of replicas; itself where the kind has none. */
  withReplicas(object: KubeObject, replicas: number): KubeObject;
  /** Copies onto `desired` what the member owns. `retain(retain(d, live), live)` equals `retain(d, live)`. */
  retain(desired: KubeObject, live: KubeObject): KubeObject;
  /** The template's own status out of its members'; undefined where this kind's status is left alone. */
  aggregateStatus(template: KubeObject, items: readonly AggregatedStatusItem[]): StatusMap | undefined;
  /** What a Work reports of a member object's status. */
  reflectStatus(live: KubeObject): StatusMap | undefined;
  healthOf(live: KubeObject): Health;
  dependenciesOf(object: KubeObject): readonly DependencyReference[];
}

export type StatusMap = Readonly<Record<string, unknown>>;
