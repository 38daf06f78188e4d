import type { Key, KubeObject } from "#machinery";
import { keyOf } from "#machinery";
import type { Informer } from "./contract.ts";

/**
 * An informer's picture with our own writes laid over it, so that what was just written is not decided upon again from an
 * older picture. A write is forgotten as soon as the informer has caught up.
 */
export class FreshView<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #written = new Map<Key, T>();
  /** The newest version that the informer has brought, of whatever object: it has caught up with all writes before. */
  #latest: KubeObject | undefined;

  constructor(informer: Informer<T>) {
    this.#informer = informer;
    informer.subscribe({
      onAdd: (object) => this.#seen(object),
      onUpdate: (_old, object) => this.#seen(object),
      onDelete: (last) => {
        this.#caughtUp(last);
        this.#written.delete(keyOf(last));
      },
    });
  }

  get(key: Key): T | undefined {
    return this.#written.get(key) ?? this.#informer.get(key);
  }

  /** Takes the server's answer to a write. The watch may have told of it before, and of the object's end since. */
  wrote(object: T): void {
    if (this.#latest === undefined || isOlder(this.#latest, object)) this.#written.set(keyOf(object), object);
  }

  /** After a delete that has taken effect, or an answer that says the object is gone. */
  forget(key: Key): void {
    this.#written.delete(key);
  }

  #seen(object: T): void {
    const key = keyOf(object);
    this.#caughtUp(object);
    const written = this.#written.get(key);
    if (written !== undefined && !isOlder(object, written)) this.#written.delete(key);
  }

  #caughtUp(object: KubeObject): void {
    if (this.#latest === undefined || isOlder(this.#latest, object)) this.#latest = object;
  }
}

/** resourceVersions are opaque, but every server of today counts; where one does not, the informer is believed. */
function isOlder(a: KubeObject, b: KubeObject): boolean {
  const [left, right] = [a.metadata.resourceVersion ?? "", b.metadata.resourceVersion ?? ""];
  return /^\d+$/.test(left) && /^\d+$/.test(right) && BigInt(left) < BigInt(right);
}
