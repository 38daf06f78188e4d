/** JSON.parse and JSON.stringify know the source text of numbers since V8 11.4; TypeScript's library does not yet. */
interface RawJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const rawJson = JSON as unknown as RawJson;

/** Sixteen digits in a row are the least that a number beyond 2^53 needs. */
const longNumber = /\d{16}/;

/**
 * Parses JSON without losing digits: an integer outside the safe range becomes a bigint.
 *
 * @throws SyntaxError as JSON.parse does.
 */
export function parseJson(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text);
  return rawJson.parse(text, (_key, value, context) => {
    if (typeof value !== "number" || Number.isSafeInteger(value) || context.source === undefined) return value;
    return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
  });
}

/** The inverse of parseJson: a bigint is written with all its digits. */
export function encodeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, (_key, field: unknown) =>
      typeof field === "bigint" ? rawJson.rawJSON(field.toString()) : field,
    );
  }
}
