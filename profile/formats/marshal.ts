import type { ByteCursor } from './binaryFile.ts';
import { cost, JsonBudget } from './jsonBudget.ts';

/** What marshal holds of what profiles are made of. A dict is its pairs. */
export type MarshalValue = null | boolean | number | string | MarshalTuple | MarshalDict;

export interface MarshalTuple {
  readonly tuple: readonly MarshalValue[];
}

export interface MarshalDict {
  readonly dict: readonly (readonly [key: MarshalValue, value: MarshalValue])[];
}

/** Profiles go 4 deep: the dict, a function's figures, its callers, a caller. */
const MAX_DEPTH = 8;

/** Bits of a `long` at most: a number of ns is far below. */
const MAX_DIGITS = 5;
const DIGIT = 2 ** 15;

/** Set in the type's byte of what later ones refer to. From 3.4 on. */
const IS_REFERRED_TO = 0x80;

/**
 * Reads Python's marshal format (Python/marshal.c, r_object) of versions 0 to 5, as 2.7 to 3.15 write it, as far as profiles need it: no
 * code, no sets, no lists.
 * @throws ProfileFormatError for anything else, or what takes too much memory
 */
export class MarshalReader {
  readonly #cursor: ByteCursor;
  readonly #budget = new JsonBudget();
  /** What bytes with IS_REFERRED_TO made, in the order in which they began; undefined as long as it is not whole. */
  readonly #references: (MarshalValue | undefined)[] = [];
  /** Of 2.7: the same for interned strings. */
  readonly #interned: string[] = [];

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  read(depth = 0): MarshalValue {
    const value = this.#read(depth);
    return value === undefined ? this.#cursor.fail('nothing stands where a value is due') : value;
  }

  /** @returns undefined for what ends a dict */
  #read(depth: number): MarshalValue | undefined {
    const cursor = this.#cursor;
    if (depth > MAX_DEPTH) cursor.fail('values are within each other deeper than in any profile');
    const byte = cursor.uint8();
    const type = String.fromCharCode(byte & ~IS_REFERRED_TO);
    if (byte < IS_REFERRED_TO) return this.#value(type, depth);
    // Its number is given before what is in it gets theirs (r_object's R_REF, r_ref_reserve).
    this.#budget.take(cost.value);
    const number = this.#references.push(undefined) - 1;
    const value = this.#value(type, depth);
    this.#references[number] = value;
    return value;
  }

  #value(type: string, depth: number): MarshalValue | undefined {
    const cursor = this.#cursor;
    switch (type) {
      case '0':
        return undefined;
      case 'N':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      case 'i':
        return cursor.int32();
      case 'I':
        return Number(cursor.int64());
      case 'l':
        return this.#long();
      case 'g':
        return cursor.float64(true);
      case 'f':
        return this.#decimal(cursor.text(cursor.uint8()));
      case 's':
      case 'u':
      case 'a':
      case 'A':
        return this.#text(cursor.uint32());
      case 't': {
        const text = this.#text(cursor.uint32());
        this.#interned.push(text);
        return text;
      }
      case 'z':
      case 'Z':
        return this.#text(cursor.uint8());
      case 'R':
        return this.#interned[cursor.uint32()] ?? cursor.fail('a string is referred to that there is not');
      case 'r': {
        const value = this.#references[cursor.uint32()];
        return value === undefined ? cursor.fail('a value is referred to that there is not') : value;
      }
      case '(':
        return this.#tuple(cursor.uint32(), depth);
      case ')':
        return this.#tuple(cursor.uint8(), depth);
      case '{':
        return this.#dict(depth);
      default:
        return cursor.fail('there is a value of a kind that no profile has');
    }
  }

  #text(length: number): string {
    this.#budget.take(cost.text + 2 * length);
    return this.#cursor.text(length);
  }

  #long(): number {
    const cursor = this.#cursor;
    const count = cursor.int32();
    if (Math.abs(count) > MAX_DIGITS) cursor.fail('there is too large a number');
    let value = 0;
    for (let digit = 0; digit < Math.abs(count); digit++) value += cursor.uint16() * DIGIT ** digit;
    return count < 0 ? -value : value;
  }

  #decimal(text: string): number {
    const value = Number(text);
    return text.trim() === '' || Number.isNaN(value) ? this.#cursor.fail('there is a number that is none') : value;
  }

  #tuple(length: number, depth: number): MarshalTuple {
    if (length > this.#cursor.left) this.#cursor.fail('it is cut off');
    this.#budget.take(cost.container + cost.value * length);
    const tuple: MarshalValue[] = [];
    for (let i = 0; i < length; i++) tuple.push(this.read(depth + 1));
    return { tuple };
  }

  #dict(depth: number): MarshalDict {
    this.#budget.take(cost.container);
    const dict: [MarshalValue, MarshalValue][] = [];
    for (;;) {
      const key = this.#read(depth + 1);
      if (key === undefined) return { dict };
      this.#budget.take(cost.container);
      dict.push([key, this.read(depth + 1)]);
    }
  }
}
