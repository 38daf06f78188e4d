import type { Key } from "#machinery";
import type { Random } from "../names.ts";

/** Who holds an address; free again once the holder is gone. */
export class Addresses<T extends string | number> {
  readonly #holders = new Map<T, Key>();

  /** False where somebody else holds it. */
  take(address: T, holder: Key): boolean {
    const present = this.#holders.get(address);
    if (present !== undefined && present !== holder) return false;
    this.#holders.set(address, holder);
    return true;
  }

  isFreeFor(address: T, holder: Key): boolean {
    const present = this.#holders.get(address);
    return present === undefined || present === holder;
  }

  /** Frees all that the holder has but these. */
  keepOnly(holder: Key, kept: readonly T[]): void {
    for (const [address, present] of this.#holders) {
      if (present === holder && !kept.includes(address)) this.#holders.delete(address);
    }
    for (const address of kept) this.#holders.set(address, holder);
  }

  /** A free one, drawn at random; looks further from there where it is taken. */
  draw(random: Random, size: number, at: (index: number) => T): T | undefined {
    const start = Math.floor(random() * size);
    for (let step = 0; step < size; step++) {
      const address = at((start + step) % size);
      if (!this.#holders.has(address)) return address;
    }
    return undefined;
  }
}

export const nodePorts = { first: 30000, last: 32767 } as const;
export const nodePortAt = (index: number): number => nodePorts.first + index;
export const nodePortCount = nodePorts.last - nodePorts.first + 1;

/** 10.96.0.0/12, as most clusters have it; the first address is the API server's own. */
export const clusterIPCount = 2 ** 20 - 3;
export function clusterIPAt(index: number): string {
  const offset = index + 2;
  return `10.${96 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`;
}

export function isClusterIP(address: string): boolean {
  const parts = address.split(".").map(Number);
  const isAddress = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return isAddress && parts[0] === 10 && (parts[1] ?? 0) >= 96 && (parts[1] ?? 0) < 112;
}
