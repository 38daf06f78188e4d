import { type Key, type KubeObject, keyOf } from "#machinery";

interface Index<T> {
  readonly values: (object: T) => readonly string[];
  readonly entries: Map<string, Map<Key, T>>;
}

/** Objects by key, by namespace and by any number of indexes. Holds only frozen objects and never copies one. */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<Key, T>();
  readonly #namespaces: Index<T> = { values: (object) => [object.metadata.namespace ?? ""], entries: new Map() };
  readonly #indexes = new Map<string, Index<T>>();

  get(key: Key): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    const found = namespace === undefined ? this.#objects : this.#namespaces.entries.get(namespace);
    return found === undefined ? [] : [...found.values()];
  }

  keys(): readonly Key[] {
    return [...this.#objects.keys()];
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`no index ${name}`);
    return [...(index.entries.get(value)?.values() ?? [])];
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { values, entries: new Map() };
    this.#indexes.set(name, index);
    for (const object of this.#objects.values()) addTo(index, object);
  }

  set(object: T): void {
    const old = this.#objects.get(keyOf(object));
    this.#objects.set(keyOf(object), object);
    for (const index of [this.#namespaces, ...this.#indexes.values()]) {
      if (old !== undefined) removeFrom(index, old);
      addTo(index, object);
    }
  }

  delete(object: T): void {
    this.#objects.delete(keyOf(object));
    for (const index of [this.#namespaces, ...this.#indexes.values()]) removeFrom(index, object);
  }
}

function addTo<T extends KubeObject>(index: Index<T>, object: T): void {
  for (const value of index.values(object)) {
    const bucket = index.entries.get(value);
    if (bucket === undefined) index.entries.set(value, new Map([[keyOf(object), object]]));
    else bucket.set(keyOf(object), object);
  }
}

function removeFrom<T extends KubeObject>(index: Index<T>, object: T): void {
  for (const value of index.values(object)) {
    const bucket = index.entries.get(value);
    bucket?.delete(keyOf(object));
    if (bucket?.size === 0) index.entries.delete(value);
  }
}
