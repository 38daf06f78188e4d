export interface Weight {
  readonly name: string;
  readonly weight: number;
}

/** Lowest bit of FNV-1a-32: a fair, stable way to let ties fall to different ends of the alphabet. */
function isDescending(uid: string): boolean {
  if (uid === "") return false;
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(uid)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % 2 === 1;
}

interface Party extends Weight {
  seats: number;
}

/** The seat goes to the highest weight/(2*seats+1); ties to fewer seats, then by name. */
function precedes(a: Party, b: Party, descending: boolean): boolean {
  const difference = a.weight * (2 * b.seats + 1) - b.weight * (2 * a.seats + 1);
  if (difference !== 0) return difference > 0;
  if (a.seats !== b.seats) return a.seats < b.seats;
  return descending ? a.name > b.name : a.name < b.name;
}

/**
 * Divides `seats` by weight after Webster and Sainte-Laguë. Parties without weight get nothing.
 *
 * @param uid the template's UID: decides which end of the alphabet a tie favours.
 */
export function divideByWeight(seats: number, weights: readonly Weight[], uid = ""): ReadonlyMap<string, number> {
  const parties: Party[] = weights.filter(({ weight }) => weight > 0).map((party) => ({ ...party, seats: 0 }));
  const descending = isDescending(uid);
  for (let left = parties.length === 0 ? 0 : seats; left > 0; left -= 1) {
    const next = parties.reduce((best, party) => (precedes(party, best, descending) ? party : best));
    next.seats += 1;
  }
  return new Map(parties.map(({ name, seats: won }) => [name, won]));
}
