import type { GroupVersionResource, Key, KubeObject } from "#machinery";

export interface InformerHandler<T extends KubeObject = KubeObject> {
  /** `initial` marks what the first list brought. */
  onAdd?(object: T, initial: boolean): void;
  onUpdate?(old: T, object: T): void;
  onDelete?(last: T): void;
}

/**
 * A read-only picture of one resource of one API server, kept by one LIST and one WATCH. Objects are frozen and shared.
 * A lost or expired watch is resumed or listed again, with backoff; handlers then see the differences.
 */
export interface Informer<T extends KubeObject = KubeObject> {
  readonly type: GroupVersionResource;
  /** True once the first list is in and its handlers have run. */
  readonly synced: boolean;
  /** Why the last list or watch failed; undefined while all is well. */
  readonly failure: Error | undefined;
  whenSynced(signal?: AbortSignal): Promise<void>;
  get(key: Key): T | undefined;
  list(namespace?: string): readonly T[];
  /** Adds an index before or after the start; `values` may give none, one or several. */
  addIndex(name: string, values: (object: T) => readonly string[]): void;
  byIndex(name: string, value: string): readonly T[];
  /** Handlers run synchronously and must not throw; present objects come first as adds. Returns the unsubscribe. */
  subscribe(handler: InformerHandler<T>): () => void;
}

export interface InformerOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Shared informers of one API server: the same type and options give the same informer, started on first use. */
export interface InformerFactory {
  informerFor<T extends KubeObject>(type: GroupVersionResource, options?: InformerOptions): Informer<T>;
  /** Those started so far. */
  all(): readonly Informer[];
  /** Stops one type's informers, for a kind that is gone. */
  drop(type: GroupVersionResource): void;
  stop(): Promise<void>;
}
