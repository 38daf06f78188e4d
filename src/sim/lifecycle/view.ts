import type { KubeClient } from "#client";
import type { Informer } from "#informer";
import { type GroupVersionResource, isNotFound, type Key, type KubeObject, keyOf, objectKeyOf } from "#machinery";
import { controllerOf } from "../kinds.ts";

const ownerIndex = "controller";

/**
 * One resource as a controller needs it: what the informer knows with our own writes laid over it, so that nothing is
 * created twice because its event is still under way. Writes go through here.
 */
export class View<T extends KubeObject> {
  readonly type: GroupVersionResource;
  readonly #client: KubeClient;
  readonly #informer: Informer<T>;
  /** Written by us and newer than anything the informer has shown. */
  readonly #ahead = new Map<Key, T>();
  /** Deleted by us, with the event still to come. */
  readonly #gone = new Set<string>();
  #seen = 0;

  constructor(client: KubeClient, informer: Informer<T>) {
    this.type = informer.type;
    this.#client = client;
    this.#informer = informer;
    informer.addIndex(ownerIndex, (object) => {
      const owner = controllerOf(object);
      return owner === undefined ? [] : [owner.uid];
    });
    this.subscribe((object, isGone) => this.#catchUp(object, isGone));
  }

  /** Calls back for every object there is and every change of one. */
  subscribe(changed: (object: T, isGone: boolean) => void): void {
    this.#informer.subscribe({
      onAdd: (object) => changed(object, false),
      onUpdate: (_old, object) => changed(object, false),
      onDelete: (last) => changed(last, true),
    });
  }

  whenSynced(signal: AbortSignal): Promise<void> {
    return this.#informer.whenSynced(signal);
  }

  get(key: Key): T | undefined {
    const object = this.#ahead.get(key) ?? this.#informer.get(key);
    return object === undefined || this.#gone.has(object.metadata.uid ?? "") ? undefined : object;
  }

  list(namespace?: string): readonly T[] {
    const isHere = (object: T): boolean => namespace === undefined || object.metadata.namespace === namespace;
    return this.#overlaid(this.#informer.list(namespace), isHere);
  }

  /** Those whose controller is the object with this UID. */
  ownedBy(uid: string | undefined): readonly T[] {
    if (uid === undefined) return [];
    return this.#overlaid(this.#informer.byIndex(ownerIndex, uid), (object) => controllerOf(object)?.uid === uid);
  }

  async create(object: T): Promise<T> {
    return this.#wrote(await this.#client.create<T>(this.type, object));
  }

  async update(object: T): Promise<T> {
    return this.#wrote(await this.#client.update<T>(this.type, object));
  }

  async updateStatus(object: T): Promise<T> {
    return this.#wrote(await this.#client.update<T>(this.type, object, { subresource: "status" }));
  }

  /** Deletes exactly this object, not another of the same name. One that is gone already is as good as deleted. */
  async remove(object: T, gracePeriodSeconds?: number): Promise<void> {
    const { uid } = object.metadata;
    const options = {
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    try {
      const answer = await this.#client.delete({ type: this.type, key: objectKeyOf(object) }, options);
      const isLeaving = answer.kind === object.kind && answer.metadata.deletionTimestamp !== undefined;
      const staysAWhile = gracePeriodSeconds !== 0 || (object.metadata.finalizers ?? []).length > 0;
      if (isLeaving && staysAWhile) this.#wrote(answer as T);
      else if (this.#informer.get(keyOf(object))?.metadata.uid === uid) this.#gone.add(uid ?? "");
      else this.#ahead.delete(keyOf(object));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #overlaid(cached: readonly T[], belongs: (object: T) => boolean): readonly T[] {
    if (this.#ahead.size === 0 && this.#gone.size === 0) return cached;
    const merged = cached.filter((object) => !this.#ahead.has(keyOf(object)));
    for (const object of this.#ahead.values()) if (belongs(object)) merged.push(object);
    return merged.filter((object) => !this.#gone.has(object.metadata.uid ?? ""));
  }

  #wrote(object: T): T {
    if (revisionOf(object) > this.#seen) this.#ahead.set(keyOf(object), object);
    return object;
  }

  /** Events come in the order of revisions: whatever is older than the last one has been seen. */
  #catchUp(object: T, isGone: boolean): void {
    this.#seen = Math.max(this.#seen, revisionOf(object));
    if (isGone) this.#gone.delete(object.metadata.uid ?? "");
    for (const [key, written] of this.#ahead) {
      const isThis = isGone && written.metadata.uid === object.metadata.uid;
      if (isThis || revisionOf(written) <= this.#seen) this.#ahead.delete(key);
    }
  }
}

/** Opaque by contract; the servers a simulator runs on all count. */
function revisionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
