import { isJsonObject, type JsonObject } from "#base";
import { parseQuantity, quantityText } from "#machinery";

/** The object with the fields it lacks. Null counts as absent; the same object comes back where nothing is missing. */
export function filled<T extends object>(object: T, defaults: JsonObject): T {
  const present = object as JsonObject;
  const missing = Object.entries(defaults).filter(([key, value]) => value !== undefined && isAbsent(present[key]));
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) };
}

export const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** The object with one field run through a function, where it has that field. */
export function changed(object: JsonObject, field: string, change: (value: JsonObject) => JsonObject): JsonObject {
  const value = object[field];
  return isJsonObject(value) ? { ...object, [field]: change(value) } : object;
}

/** The object with every entry of a list field run through a function. */
export function changedEach(object: JsonObject, field: string, change: (value: JsonObject) => JsonObject): JsonObject {
  const list = object[field];
  if (!Array.isArray(list)) return object;
  return { ...object, [field]: list.map((entry: unknown) => (isJsonObject(entry) ? change(entry) : entry)) };
}

export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Quantities as an API server writes them back: `1000m` is `1`, `1024Mi` is `1Gi`. */
export function canonicalQuantities(quantities: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, canonicalQuantity(value)]));
}

export function canonicalQuantity(value: unknown): unknown {
  const quantity = parseQuantity(value);
  if (quantity === undefined) return value;
  if (!/[KMGTPE]i$/.test(String(value))) return quantityText(quantity);
  const whole = quantity.exponent >= 0 ? quantity.digits * 10n ** BigInt(quantity.exponent) : exactly(quantity);
  return whole === undefined || whole < 1024n ? quantityText(quantity) : binaryText(whole);
}

/** The amount where it is whole, undefined where it has a fraction. */
function exactly(quantity: { readonly digits: bigint; readonly exponent: number }): bigint | undefined {
  const divisor = 10n ** BigInt(-quantity.exponent);
  return quantity.digits % divisor === 0n ? quantity.digits / divisor : undefined;
}

function binaryText(amount: bigint): string {
  const suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
  let rest = amount;
  let power = 0;
  while (rest % 1024n === 0n && power < suffixes.length - 1) {
    rest /= 1024n;
    power += 1;
  }
  return `${rest}${suffixes[power] ?? ""}`;
}
