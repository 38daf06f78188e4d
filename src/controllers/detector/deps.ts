import type { OverridePolicy, PropagationPolicy } from "#api/policy";
import type { Binding } from "#api/work";
import type { KubeClient } from "#client";
import type { KindInformers, ScopedInformers } from "#informer";
import type { KubeObject } from "#machinery";
import type { EventRecorder, Runner, RunnerOptions } from "#reconcile";
import type { ReplicaFacts } from "./binding.ts";

export interface DetectorDeps {
  readonly hub: KubeClient;
  /** Must carry `claimIndex`, by `claimIndexValues`. */
  readonly templates: KindInformers;
  readonly policies: ScopedInformers<PropagationPolicy>;
  readonly overrides: ScopedInformers<OverridePolicy>;
  readonly bindings: ScopedInformers<Binding>;
  readonly events: EventRecorder;
  runner(options: RunnerOptions): Runner;
  replicasOf(template: KubeObject): ReplicaFacts;
  /** Server-owned objects, which no policy reaches. */
  isServerOwned(object: KubeObject): boolean;
  /** Whether policies with `preemption: Always` may take templates from others. */
  readonly preemption: boolean;
  /** A new permanent id, for hubs whose admission gives none. */
  newId(): string;
}

/** Index of templates and bindings by the permanent id of the policy that claims them. */
export const claimIndex = "claim";
