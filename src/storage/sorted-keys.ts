import type { KeyRange } from "./contract.ts";

/** A set of strings kept in order of code units; adding in order, the common case, costs nothing extra. */
export class SortedKeys {
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  add(key: string): void {
    this.#keys.splice(this.#position(key), 0, key);
  }

  remove(key: string): void {
    const position = this.#position(key);
    if (this.#keys[position] === key) this.#keys.splice(position, 1);
  }

  between(range: KeyRange): readonly string[] {
    return this.#keys.slice(this.#position(range.from), this.#position(range.to));
  }

  /** Where the first key not below `key` stands. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
