import type { Clock, Logger } from "#base";
import type { ApiCatalogue, KubeClient } from "#client";
import { createInformerFactory, type InformerFactory } from "#informer";
import { type GroupVersionResource, gvrText, type Key, type KubeObject } from "#machinery";
import type { Lifecycle } from "#runtime";
import type { Random } from "../names.ts";
import { Loop, type Reconcile } from "./loop.ts";
import { View } from "./view.ts";

/** How long simulated things take, in milliseconds. */
export interface Durations {
  /** From being scheduled to being ready. */
  readonly podStartMs: number;
  /** From running to having succeeded, for a Pod that ends by itself. */
  readonly podFinishMs: number;
  /** Between two restarts of a Pod that crashes. */
  readonly crashMs: number;
}

export interface WorldOptions extends Durations {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly random: Random;
  /** How a Pod gets its node: by the Binding that real API servers ask for, or by an update where there are none. */
  readonly placing: "binding" | "update";
  /** What every namespace gets in its ConfigMap kube-root-ca.crt. */
  readonly caCertificate: string;
}

/** What a controller looks at, and from which change of it follows which key of its own. */
interface Source {
  readonly type: GroupVersionResource;
  keys(object: KubeObject): readonly Key[];
}

export interface Controller {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly reconcile: Reconcile;
}

/** The simulated cluster as its controllers see it: views of what the API server serves, and time. */
export class World {
  readonly options: WorldOptions;
  readonly #informers: InformerFactory;
  readonly #served: ReadonlySet<string>;
  readonly #views = new Map<string, View<KubeObject>>();
  readonly #loops: Loop[] = [];

  constructor(options: WorldOptions, catalogue: ApiCatalogue) {
    this.options = options;
    this.#informers = createInformerFactory(options);
    this.#served = new Set(catalogue.resources.map(gvrText));
    options.lifecycle.onStop(() => {
      for (const loop of this.#loops) loop.stop();
    });
  }

  get nowMs(): number {
    return this.options.clock.now();
  }

  serves(type: GroupVersionResource): boolean {
    return this.#served.has(gvrText(type));
  }

  view<T extends KubeObject>(type: GroupVersionResource): View<T> {
    const key = gvrText(type);
    const known = this.#views.get(key) ?? new View(this.options.client, this.#informers.informerFor(type));
    this.#views.set(key, known);
    return known as unknown as View<T>;
  }

  run(controller: Controller): void {
    const loop = new Loop(controller.name, this.options, controller.reconcile);
    this.#loops.push(loop);
    for (const source of controller.sources) {
      this.view(source.type).subscribe((object) => {
        for (const key of source.keys(object)) loop.add(key);
      });
    }
  }

  /** Resolves once everything there is has been seen. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#views.values()].map((view) => view.whenSynced(signal)));
  }

  /** True where no controller has anything to do now or soon. */
  get isIdle(): boolean {
    return this.#loops.every((loop) => loop.isIdle && !loop.isExpecting);
  }
}
