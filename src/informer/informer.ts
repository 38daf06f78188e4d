import { deepFreeze, type Logger } from "#base";
import { type GroupVersionResource, gvrText, type Key, type KubeObject, keyOf, type WatchEvent } from "#machinery";
import { ObjectCache } from "./cache.ts";
import type { Informer, InformerHandler } from "./contract.ts";
import type { ReflectorSink } from "./reflector.ts";

/** The cache and the handlers; a reflector feeds it. */
export class SharedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly type: GroupVersionResource;
  readonly #logger: Logger;
  readonly #cache = new ObjectCache<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #whenSynced = Promise.withResolvers<void>();
  #synced = false;
  #failure: Error | undefined;

  constructor(type: GroupVersionResource, logger: Logger) {
    this.type = type;
    this.#logger = logger;
  }

  get synced(): boolean {
    return this.#synced;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  async whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.#synced || signal === undefined) return this.#whenSynced.promise;
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#whenSynced.promise, promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  get(key: Key): T | undefined {
    return this.#cache.get(key);
  }

  list(namespace?: string): readonly T[] {
    return this.#cache.list(namespace);
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    this.#cache.addIndex(name, values);
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#cache.byIndex(name, value);
  }

  subscribe(handler: InformerHandler<T>): () => void {
    for (const object of this.#cache.list()) this.#call(() => handler.onAdd?.(object, true));
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  replace(objects: readonly T[]): void {
    const present = new Set(objects.map(keyOf));
    for (const key of this.#cache.keys()) {
      const gone = this.#cache.get(key);
      if (gone !== undefined && !present.has(key)) this.#remove(gone);
    }
    for (const object of objects) this.#put(object);
    if (this.#synced) return;
    this.#synced = true;
    this.#whenSynced.resolve();
  }

  apply(event: WatchEvent<T>): void {
    if (event.type !== "DELETED") {
      this.#put(event.object);
      return;
    }
    const known = this.#cache.get(keyOf(event.object));
    if (known === undefined || known.metadata.uid !== event.object.metadata.uid) return;
    this.#remove(known, deepFreeze(event.object));
  }

  failed(error: Error | undefined): void {
    if (error !== undefined && this.#failure?.message !== error.message) {
      this.#logger.debug("list or watch failed", { gvk: gvrText(this.type), error });
    }
    this.#failure = error;
  }

  #put(next: T): void {
    const known = this.#cache.get(keyOf(next));
    const recreated = known !== undefined && known.metadata.uid !== next.metadata.uid;
    if (recreated) this.#remove(known); // its deletion was not seen
    const old = recreated ? undefined : known;
    if (old !== undefined && old.metadata.resourceVersion === next.metadata.resourceVersion) return;
    const object = deepFreeze(next);
    this.#cache.set(object);
    const initial = !this.#synced;
    for (const handler of this.#handlers) {
      this.#call(() => (old === undefined ? handler.onAdd?.(object, initial) : handler.onUpdate?.(old, object)));
    }
  }

  #remove(known: T, last: T = known): void {
    this.#cache.delete(known);
    for (const handler of this.#handlers) this.#call(() => handler.onDelete?.(last));
  }

  /** A handler that throws is a bug of its own; it must not cost the others their event. */
  #call(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#logger.error("informer handler failed", { gvk: gvrText(this.type), error });
    }
  }
}
