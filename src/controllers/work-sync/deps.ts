import type { Cluster } from "#api/cluster";
import type { Adoption } from "#api/migration";
import type { Work } from "#api/work";
import type { Clock, Logger } from "#base";
import type { KubeClient } from "#client";
import type { FreshView, Informer } from "#informer";
import type { GuardMode } from "#manifest";
import type { Members } from "#member";
import type { Ledger } from "#migration";
import type { EventRecorder, Runner, RunnerOptions } from "#reconcile";

export interface WorkSyncDeps {
  readonly hub: KubeClient;
  readonly hubUid: string;
  readonly works: Informer<Work>;
  readonly clusters: Informer<Cluster>;
  readonly adoptions: FreshView<Adoption>;
  readonly ledger: Ledger;
  readonly members: Members;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For takeovers whose template, policy and binding say nothing. */
  readonly guard: GuardMode;
  runner(options: RunnerOptions): Runner;
}
