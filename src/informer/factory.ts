import type { Clock, Logger } from "#base";
import type { KubeClient } from "#client";
import { type GroupVersionResource, gvrText, type KubeObject } from "#machinery";
import type { Lifecycle } from "#runtime";
import type { Informer, InformerFactory, InformerOptions } from "./contract.ts";
import { SharedInformer } from "./informer.ts";
import { reflect } from "./reflector.ts";

export interface InformerFactoryDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  /** In [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
}

interface Running {
  readonly informer: Informer;
  readonly lifecycle: Lifecycle;
}

export function createInformerFactory(deps: InformerFactoryDeps): InformerFactory {
  const lifecycle = deps.lifecycle.child();
  const logger = deps.logger.with({ cluster: deps.client.name });
  const running = new Map<string, Running>();

  function start<T extends KubeObject>(type: GroupVersionResource, options: InformerOptions): Informer<T> {
    const informer = new SharedInformer<T>(type, logger);
    const own = lifecycle.child();
    running.set(cacheKey(type, options), { informer: informer as unknown as Informer, lifecycle: own });
    own.run(`informer ${deps.client.name} ${gvrText(type)}`, (signal) =>
      reflect({ ...deps, type, options }, informer, signal),
    );
    return informer;
  }

  return {
    informerFor<T extends KubeObject>(type: GroupVersionResource, options: InformerOptions = {}) {
      const known = running.get(cacheKey(type, options))?.informer as Informer<T> | undefined;
      return known ?? start<T>(type, options);
    },
    all: () => [...running.values()].map(({ informer }) => informer),
    drop(type) {
      for (const [key, { informer, lifecycle: own }] of running) {
        if (gvrText(informer.type) !== gvrText(type)) continue;
        running.delete(key);
        void own.stop();
      }
    },
    stop: () => lifecycle.stop(),
  };
}

function cacheKey(type: GroupVersionResource, options: InformerOptions): string {
  return [gvrText(type), options.namespace, options.labelSelector, options.fieldSelector].join("|");
}
