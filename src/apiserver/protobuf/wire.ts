/** The bytes are no message, or not of the type that was expected. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

/** What a field carries: a number as it stands (64 bits, signed), or the bytes of anything else. */
export type WireValue = bigint | Uint8Array;

/** All values of each field of a message, in their order. */
export type WireFields = ReadonlyMap<number, readonly WireValue[]>;

const varintType = 0;
const eightBytesType = 1;
const lengthType = 2;
const fourBytesType = 5;

/** @throws ProtobufError where the message is cut or malformed. */
export function readFields(bytes: Uint8Array): WireFields {
  const fields = new Map<number, WireValue[]>();
  const reader = new Reader(bytes);
  while (!reader.atEnd) {
    const tag = reader.varint();
    const number = Number(tag >> 3n);
    if (number < 1 || number > 0x1fff_ffff) throw new ProtobufError(`proto: illegal tag ${number}`);
    const values = fields.get(number);
    const value = reader.value(Number(tag & 7n));
    if (values === undefined) fields.set(number, [value]);
    else values.push(value);
  }
  return fields;
}

/** Lists of numbers may come packed into one value. */
export function readPacked(bytes: Uint8Array): readonly bigint[] {
  const reader = new Reader(bytes);
  const values: bigint[] = [];
  while (!reader.atEnd) values.push(BigInt.asIntN(64, reader.varint()));
  return values;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(wireType: number): WireValue {
    if (wireType === varintType) return BigInt.asIntN(64, this.varint());
    if (wireType === lengthType) return this.#take(this.varint());
    if (wireType === eightBytesType) return this.#take(8n);
    if (wireType === fourBytesType) return this.#take(4n);
    throw new ProtobufError(`proto: illegal wireType ${wireType}`);
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw unexpectedEnd();
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("proto: integer overflow");
  }

  #take(length: bigint): Uint8Array {
    const end = this.#at + Number(length);
    if (end > this.#bytes.length) throw unexpectedEnd();
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}

const unexpectedEnd = (): ProtobufError => new ProtobufError("unexpected EOF");
