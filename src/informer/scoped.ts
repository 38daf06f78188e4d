import type { GroupVersionResource, Key, KubeObject } from "#machinery";
import type { Informer, InformerHandler } from "./contract.ts";
import { FreshView } from "./fresh.ts";

/**
 * Twin resources of one shape, namespaced and cluster-scoped, read as one: `namespace/name` is a key of the first, `name`
 * of the second. Own writes are laid over both, see `FreshView`.
 */
export class ScopedInformers<T extends KubeObject> {
  readonly #namespaced: Informer<T>;
  readonly #clusterScoped: Informer<T>;
  readonly #fresh: { readonly namespaced: FreshView<T>; readonly clusterScoped: FreshView<T> };

  constructor(namespaced: Informer<T>, clusterScoped: Informer<T>) {
    this.#namespaced = namespaced;
    this.#clusterScoped = clusterScoped;
    this.#fresh = { namespaced: new FreshView(namespaced), clusterScoped: new FreshView(clusterScoped) };
  }

  get synced(): boolean {
    return this.#namespaced.synced && this.#clusterScoped.synced;
  }

  async whenSynced(signal?: AbortSignal): Promise<void> {
    await Promise.all([this.#namespaced.whenSynced(signal), this.#clusterScoped.whenSynced(signal)]);
  }

  /** The resource that a key or an object belongs to. */
  typeOf(namespace: string | undefined): GroupVersionResource {
    return namespace === undefined ? this.#clusterScoped.type : this.#namespaced.type;
  }

  get(key: Key): T | undefined {
    return this.#viewOf(key.includes("/")).get(key);
  }

  /** Of one namespace. */
  namespaced(namespace?: string): readonly T[] {
    return this.#namespaced.list(namespace);
  }

  clusterScoped(): readonly T[] {
    return this.#clusterScoped.list();
  }

  list(): readonly T[] {
    return [...this.namespaced(), ...this.clusterScoped()];
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    this.#namespaced.addIndex(name, values);
    this.#clusterScoped.addIndex(name, values);
  }

  byIndex(name: string, value: string): readonly T[] {
    return [...this.#namespaced.byIndex(name, value), ...this.#clusterScoped.byIndex(name, value)];
  }

  subscribe(handler: InformerHandler<T>): () => void {
    const ends = [this.#namespaced.subscribe(handler), this.#clusterScoped.subscribe(handler)];
    return () => {
      for (const end of ends) end();
    };
  }

  /** Takes the server's answer to a write. */
  wrote(object: T): void {
    this.#viewOf(object.metadata.namespace !== undefined).wrote(object);
  }

  #viewOf(namespaced: boolean): FreshView<T> {
    return namespaced ? this.#fresh.namespaced : this.#fresh.clusterScoped;
  }
}
