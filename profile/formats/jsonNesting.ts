import { ProfileFormatError } from '../profileFormatError.ts';

/** Objects and lists within each other at most: no program writes so many. */
const MAX_DEPTH = 1_000_000;

/** Bytes that come one after the other. */
export class GrowingBytes {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Valid until the next `add`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  clear(): void {
    this.#length = 0;
  }
}

/** Which objects and lists are open, innermost last: a byte each, as a hostile file has many. */
export class Nesting {
  #isObject = new Uint8Array(64);
  #depth = 0;

  get depth(): number {
    return this.#depth;
  }

  /** Whether the innermost is an object. */
  get isInObject(): boolean {
    return this.#isObject[this.#depth - 1] === 1;
  }

  /** @throws ProfileFormatError when they are too many */
  push(isObject: boolean): void {
    if (this.#depth === MAX_DEPTH)
      throw new ProfileFormatError('This file holds more objects and lists within each other than any profile.');
    if (this.#depth === this.#isObject.length) {
      const grown = new Uint8Array(2 * this.#depth);
      grown.set(this.#isObject);
      this.#isObject = grown;
    }
    this.#isObject[this.#depth++] = isObject ? 1 : 0;
  }

  pop(): void {
    this.#depth--;
  }
}
