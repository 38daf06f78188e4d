/** An exact amount: `digits * 10^exponent`. Kubernetes quantities need no more: binary suffixes are whole numbers. */
export interface Quantity {
  readonly digits: bigint;
  readonly exponent: number;
}

const decimalSuffix: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffix: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};
const grammar = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,3}|[numkMGTPE]?)$/;

/** `1500m`, `1.5`, `2Gi`, `1e3`, or the number that YAML makes of a bare `2`; undefined where it is no quantity. */
export function parseQuantity(value: unknown): Quantity | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") return undefined;
  const match = grammar.exec(String(value).trim());
  if (match === null) return undefined;
  const [, sign = "", number = "", suffix = ""] = match;
  const [whole = "", fraction = ""] = number.split(".");
  const digits = BigInt(`${whole}${fraction}` || "0") * (sign === "-" ? -1n : 1n);
  const binary = binarySuffix[suffix];
  if (binary !== undefined) return { digits: digits * binary, exponent: -fraction.length };
  const power = /^[eE][+-]?\d/.test(suffix) ? Number(suffix.slice(1)) : (decimalSuffix[suffix] ?? 0);
  return { digits, exponent: power - fraction.length };
}

function aligned(left: Quantity, right: Quantity): readonly [bigint, bigint, number] {
  const exponent = Math.min(left.exponent, right.exponent);
  const scale = (of: Quantity): bigint => of.digits * 10n ** BigInt(of.exponent - exponent);
  return [scale(left), scale(right), exponent];
}

/** Negative, zero or positive, as for a sort. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  const [a, b] = aligned(left, right);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function addQuantities(left: Quantity, right: Quantity): Quantity {
  const [a, b, exponent] = aligned(left, right);
  return { digits: a + b, exponent };
}

export function subtractQuantities(left: Quantity, right: Quantity): Quantity {
  return addQuantities(left, { digits: -right.digits, exponent: right.exponent });
}

/** How many whole times `part` goes into `total`; 0 where nothing is left. Undefined where `part` is zero. */
export function quantityRatio(total: Quantity, part: Quantity): number | undefined {
  const [a, b] = aligned(total, part);
  if (b === 0n) return undefined;
  return a <= 0n ? 0 : Number(a / b);
}

/** True where both are quantities of the same amount: `1000m` and `1`. */
export function sameQuantity(left: unknown, right: unknown): boolean {
  const a = parseQuantity(left);
  const b = parseQuantity(right);
  return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
}

/** Decimal text in the shortest suffix that is exact: `1500m`, `2`, `3G`. */
export function quantityText(quantity: Quantity): string {
  let { digits, exponent } = quantity;
  if (digits === 0n) return "0";
  while (digits % 10n === 0n) {
    digits /= 10n;
    exponent += 1;
  }
  const suffixes = Object.entries(decimalSuffix).sort((a, b) => b[1] - a[1]);
  const [suffix, power] = suffixes.find(([, at]) => at <= exponent) ?? ["n", -9];
  if (exponent < power) return `${digits / 10n ** BigInt(power - exponent) + (digits > 0n ? 1n : 0n)}${suffix}`;
  return `${digits * 10n ** BigInt(exponent - power)}${suffix}`;
}
