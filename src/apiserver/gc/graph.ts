import type { KubeObject } from "#machinery";

/** Who depends on whom, by uid. */
export class OwnerGraph {
  readonly #dependents = new Map<string, Set<string>>();
  readonly #owners = new Map<string, readonly string[]>();
  readonly #keys = new Map<string, string>();
  readonly #uids = new Map<string, string>();

  set(key: string, object: KubeObject): void {
    const { uid = "", ownerReferences = [] } = object.metadata;
    this.#keys.set(uid, key);
    this.#uids.set(key, uid);
    this.#setOwners(
      key,
      ownerReferences.map((owner) => owner.uid),
    );
  }

  remove(key: string): void {
    this.#setOwners(key, []);
    const uid = this.#uids.get(key);
    this.#uids.delete(key);
    if (uid !== undefined && this.#keys.get(uid) === key) this.#keys.delete(uid);
  }

  dependentsOf(uid: string): readonly string[] {
    return [...(this.#dependents.get(uid) ?? [])];
  }

  keyOf(uid: string): string | undefined {
    return this.#keys.get(uid);
  }

  #setOwners(key: string, uids: readonly string[]): void {
    for (const uid of this.#owners.get(key) ?? []) {
      const keys = this.#dependents.get(uid);
      keys?.delete(key);
      if (keys?.size === 0) this.#dependents.delete(uid);
    }
    if (uids.length === 0) this.#owners.delete(key);
    else this.#owners.set(key, uids);
    for (const uid of uids) {
      const keys = this.#dependents.get(uid) ?? new Set();
      keys.add(key);
      this.#dependents.set(uid, keys);
    }
  }
}
