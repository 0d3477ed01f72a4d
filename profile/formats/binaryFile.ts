import { ProfileFormatError } from '../profileFormatError.ts';
import { GrowingBytes } from './jsonNesting.ts';

/** Bytes of a file at most that is read when all of it is there: formats that say at their end what is at their beginning. */
const MAX_WHOLE = 256 * 1024 * 1024;

/** Keeps a file that comes in pieces. */
export class WholeFile {
  readonly #bytes = new GrowingBytes();

  /** @throws ProfileFormatError when it gets too much */
  push(bytes: Uint8Array): void {
    if (this.#bytes.length + bytes.length > MAX_WHOLE)
      throw new ProfileFormatError(
        `This file is too big: more than ${MAX_WHOLE / 1024 / 1024} MB in a format that can’t be read in parts.`,
      );
    this.#bytes.add(bytes);
  }

  /** All that came. */
  get bytes(): Uint8Array {
    return this.#bytes.bytes;
  }
}

/** Reads numbers and texts one after the other, each only where it is whole. Errors name the byte, counted from 1. */
export class ByteCursor {
  readonly #what: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #first: number;
  readonly #isLittle: boolean;
  readonly #decoder = new TextDecoder();
  at = 0;

  /**
   * @param what the file ought to be, for errors: "a file of cProfile"
   * @param first number of the first byte in the file
   */
  constructor(what: string, bytes: Uint8Array, { first = 0, isLittle = true } = {}) {
    this.#what = what;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#first = first;
    this.#isLittle = isLittle;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.at;
  }

  fail(problem: string): never {
    throw new ProfileFormatError(`This is not ${this.#what}: ${problem} at byte ${this.#first + this.at + 1}.`);
  }

  uint8(): number {
    return this.#bytes[this.#next(1)]!;
  }

  uint16(): number {
    return this.#view.getUint16(this.#next(2), this.#isLittle);
  }

  uint32(): number {
    return this.#view.getUint32(this.#next(4), this.#isLittle);
  }

  int32(): number {
    return this.#view.getInt32(this.#next(4), this.#isLittle);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#next(8), this.#isLittle);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#next(8), this.#isLittle);
  }

  float64(isLittle = this.#isLittle): number {
    return this.#view.getFloat64(this.#next(8), isLittle);
  }

  /** An unsigned LEB128 number below 2^53. */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.uint8();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) this.fail('there is too large a number');
      if (byte < 0x80) return value;
      if (scale > 2 ** 49) this.fail('there is too long a number');
    }
  }

  /** A zigzag-encoded LEB128 number. */
  signedVarint(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Valid as long as the file is. */
  take(length: number): Uint8Array {
    const from = this.#next(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** UTF-8, where what is none is replaced. */
  text(length: number): string {
    return this.#decoder.decode(this.take(length));
  }

  /** Where the next bytes begin, that are passed now. */
  #next(length: number): number {
    const { at } = this;
    if (!(length <= this.left)) this.fail('it is cut off');
    this.at += length;
    return at;
  }
}
