import type { Cluster } from "#api/cluster";
import type { Adoption } from "#api/migration";
import type { PropagationPolicy } from "#api/policy";
import type { AggregatedStatusItem, Binding, Work } from "#api/work";
import type { KubeObject } from "#machinery";

/** How one member stands with a template. */
export interface MemberLink {
  readonly cluster: string;
  readonly clusterObject: Cluster | undefined;
  readonly work: Work | undefined;
  readonly adoption: Adoption | undefined;
  readonly aggregated: AggregatedStatusItem | undefined;
  readonly live:
    | { readonly kind: "present"; readonly object: KubeObject }
    | { readonly kind: "absent" }
    | { readonly kind: "unknown"; readonly why: string };
}

export interface KubeEvent extends KubeObject {
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** Everything between a template and its members, as it is now. */
export interface Chain {
  readonly template: KubeObject;
  /** As the template's claim names it; the policy itself may be gone. */
  readonly claim: { readonly kind: string; readonly namespace?: string; readonly name: string } | undefined;
  readonly policy: PropagationPolicy | undefined;
  readonly binding: Binding | undefined;
  readonly members: readonly MemberLink[];
  readonly events: readonly KubeEvent[];
}
