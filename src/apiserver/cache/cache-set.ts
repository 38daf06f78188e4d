import { prefixRange, type Revision, type Storage, type StorageEvent } from "#storage";
import { CacheEntry, decodeStored } from "./entry.ts";
import { type CacheListener, ResourceCache } from "./resource-cache.ts";

const root = "/registry/";
const loadPage = 500;

/** `/registry/apps/deployments/`; the core group is named `core`. */
export function storagePrefix(storage: { readonly group: string; readonly resource: string }): string {
  return `${root}${storage.group === "" ? "core" : storage.group}/${storage.resource}/`;
}

/** The picture of everything stored, kept current by one watch of storage. */
export class CacheSet {
  readonly #storage: Storage;
  readonly #caches = new Map<string, ResourceCache>();
  readonly #waiting: { readonly revision: Revision; readonly resolve: () => void }[] = [];
  readonly #listeners = new Set<CacheListener>();
  #revision: Revision = 0;

  private constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Reads everything, in pages, so that the event loop is never held for long. */
  static async open(storage: Storage): Promise<CacheSet> {
    const caches = new CacheSet(storage);
    caches.#revision = await storage.revision();
    const { to } = prefixRange(root);
    let from = root;
    for (;;) {
      const page = await storage.range({ from, to }, { limit: loadPage, at: caches.#revision });
      for (const item of page.items) {
        caches.#cacheFor(item.key).load(new CacheEntry(item.key, decodeStored(item.value), item.modRevision));
      }
      if (!page.more) return caches;
      from = `${page.items.at(-1)?.key}\0`;
    }
  }

  /** The revision of the last change seen. */
  get revision(): Revision {
    return this.#revision;
  }

  /** Of a storage resource. Made when first asked for, and then knows everything that happens after. */
  of(storage: { readonly group: string; readonly resource: string }): ResourceCache {
    return this.#cache(storagePrefix(storage));
  }

  /** Every change of every resource. */
  listen(listener: CacheListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  all(): readonly ResourceCache[] {
    return [...this.#caches.values()];
  }

  /** Follows storage until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    for await (const batch of this.#storage.watch(prefixRange(""), this.#revision, signal)) {
      for (const event of batch) this.#apply(event);
      this.#wake();
    }
  }

  /** Resolves when the change of this revision has been seen: whoever wrote it reads it from then on. */
  async seen(revision: Revision): Promise<void> {
    if (this.#revision >= revision) return;
    await new Promise<void>((resolve) => this.#waiting.push({ revision, resolve }));
  }

  #apply(event: StorageEvent): void {
    if (!event.key.startsWith(root)) {
      this.#revision = event.revision;
      return;
    }
    const change = this.#cacheFor(event.key).apply(event);
    this.#revision = event.revision;
    for (const listener of this.#listeners) listener(change);
  }

  #wake(): void {
    for (let at = this.#waiting.length - 1; at >= 0; at -= 1) {
      const one = this.#waiting[at];
      if (one === undefined || one.revision > this.#revision) continue;
      this.#waiting.splice(at, 1);
      one.resolve();
    }
  }

  #cacheFor(key: string): ResourceCache {
    const group = key.indexOf("/", root.length);
    return this.#cache(key.slice(0, key.indexOf("/", group + 1) + 1));
  }

  #cache(prefix: string): ResourceCache {
    const known = this.#caches.get(prefix);
    if (known !== undefined) return known;
    const cache = new ResourceCache(prefix, this.#revision);
    this.#caches.set(prefix, cache);
    return cache;
  }
}
