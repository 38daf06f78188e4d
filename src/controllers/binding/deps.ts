import type { Cluster } from "#api/cluster";
import type { OverridePolicy } from "#api/policy";
import type { Binding, Work } from "#api/work";
import type { KubeClient } from "#client";
import type { FreshView, Informer, KindInformers, ScopedInformers } from "#informer";
import type { EventRecorder, Runner, RunnerOptions } from "#reconcile";

export interface BindingDeps {
  readonly hub: KubeClient;
  readonly hubUid: string;
  readonly templates: KindInformers;
  readonly bindings: ScopedInformers<Binding>;
  readonly overrides: ScopedInformers<OverridePolicy>;
  readonly clusters: Informer<Cluster>;
  readonly works: Informer<Work>;
  readonly freshWorks: FreshView<Work>;
  readonly events: EventRecorder;
  runner(options: RunnerOptions): Runner;
  /** A new permanent id for a Work. */
  newId(): string;
}
