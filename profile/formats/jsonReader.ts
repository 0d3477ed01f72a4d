import { ProfileFormatError } from '../profileFormatError.ts';
import { bad, type JsonObject } from './json.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import { GrowingBytes, Nesting } from './jsonNesting.ts';
import { beginsNumber, isInNumber, numberOf, readNumber } from './jsonNumber.ts';
import { ColumnBuilder, type List } from './numberColumn.ts';

/**
 * What is read of a value: all of one that is no object, and of a list of such values (`true`); of an object, or a list of
 * objects, these members. Lists within a list are read only where the shape says so (`'lists'`: of values that are no objects; `'nested'`: and of
 * such lists).
 */
export interface Shape {
  readonly [member: string]: Kept;
}

type Kept = Shape | true | 'lists' | 'nested';

// What is due next.
const VALUE = 0;
const FIRST_VALUE = 1; // or the end of the list
const KEY = 2;
const FIRST_KEY = 3; // or the end of the object
const COLON = 4;
const COMMA = 5; // or the end of the object or list
const NOTHING = 6;
// What goes on.
const TEXT = 7;
const NUMBER = 8;
const WORD = 9;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA_BYTE = 0x2c;
const COLON_BYTE = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

const words = new Map<number, readonly [text: string, value: boolean | null]>(
  (
    [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const
  ).map((word) => [word[0].charCodeAt(0), word]),
);

const spaces = codes(' \t\r\n');

/** What may follow a backslash, and four times what begins with u. */
const escapes = codes('"\\/bfnrtu');
const hexDigits = codes('0123456789abcdefABCDEF');
const LOWER_U = 0x75;
const LETTER = 5;

/** Bytes of one text at most: no function has a longer name (FirefoxTables). */
const MAX_TEXT = 64_000_000;

/** Bytes of a number at most that is not as most are. */
const MAX_NUMBER = 4096;

/** In the place of objects and lists where the shape has none. */
const emptyObject: JsonObject = Object.freeze({});
const emptyList: List = Object.freeze([]);

/** An object or a list that is being read. */
interface Container {
  /** Of an object, or of a list's values. */
  readonly shape: Kept;
  readonly object: Record<string, unknown> | undefined;
  /** Of a list in which there was something else than numbers. */
  items: unknown[] | undefined;
  /** Where the next value goes in the object. */
  key: string;
}

/**
 * Reads JSON that comes in pieces of UTF-8, and keeps of it what a shape names: objects and arrays as JSON.parse makes them, but
 * lists of numbers and nulls as NumberColumn. What is not named is checked for being JSON (its texts: only as far as to find
 * their end) and never kept, so that a file may be much larger than the memory that there is. As in JSON.parse, the last of
 * several members of the same name holds.
 *
 * Of our own making, as a profile is 70 million numbers: libraries (architecture.md has the figures) call back with each of them, or make
 * the same whole value that JSON.parse makes.
 */
export class JsonReader {
  readonly #shape: Shape;
  readonly #budget = new JsonBudget();
  readonly #numbers = new ColumnBuilder();
  readonly #one = new Float64Array(1);
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** Of a text or a number that began in an earlier piece. */
  readonly #token = new GrowingBytes();
  /** What is read, outermost first. */
  readonly #open: Container[] = [];
  /** The last of `#open`. */
  #top: Container | undefined;
  /** What is open within a value that is not kept. */
  readonly #skipped = new Nesting();
  #isSkipping = false;
  #state = VALUE;
  #isInObject = false;
  /** Of the member whose key came last. */
  #memberShape: Kept = true;
  #isKey = false;
  #hasEscapes = false;
  /** What is due within an escape: LETTER, so many digits, or nothing. */
  #escape = 0;
  #word: readonly [text: string, value: boolean | null] = ['', null];
  #matched = 0;
  #result: unknown;
  /** Of the byte order mark, how much there was. */
  #markBytes = 0;
  /** Bytes in earlier pieces. */
  #passed = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** Bytes of memory that what was read may take. */
  get cost(): number {
    return this.#budget.cost;
  }

  /** Reads the next piece; keeps none of it. @throws ProfileFormatError for what is no JSON, or no object, or too much */
  push(bytes: Uint8Array): void {
    this.#budget.pass(bytes.length);
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === TEXT) at = this.#goOnInText(bytes, at);
      else if (this.#state === NUMBER) at = this.#goOnInNumber(bytes, at);
      else if (this.#state === WORD) at = this.#goOnInWord(bytes, at);
      else {
        let byte = bytes[at]!;
        while (byte === SPACE && at + 1 < bytes.length) byte = bytes[++at]!;
        if (byte > SPACE) at = this.#next(bytes, at, byte);
        else if (spaces.has(byte)) at++;
        else this.#fail(at);
      }
    }
    this.#passed += bytes.length;
  }

  /** The file's object. @throws ProfileFormatError when its end has not come */
  end(): unknown {
    if (this.#state !== NOTHING)
      throw new ProfileFormatError(`This is not a whole profile: the file is cut off after ${this.#passed} bytes of text.`);
    return this.#result;
  }

  #next(bytes: Uint8Array, at: number, byte: number): number {
    switch (this.#state) {
      case VALUE:
        return this.#begin(bytes, at, byte);
      case FIRST_VALUE:
        return byte === CLOSE_LIST ? this.#close(at) : this.#begin(bytes, at, byte);
      case FIRST_KEY:
        return byte === CLOSE_OBJECT ? this.#close(at) : this.#beginKey(at, byte);
      case KEY:
        return this.#beginKey(at, byte);
      case COLON:
        if (byte !== COLON_BYTE) this.#fail(at);
        this.#state = VALUE;
        return at + 1;
      case COMMA:
        if (byte === (this.#isInObject ? CLOSE_OBJECT : CLOSE_LIST)) return this.#close(at);
        if (byte !== COMMA_BYTE) this.#fail(at);
        this.#state = this.#isInObject ? KEY : VALUE;
        return at + 1;
      default:
        return this.#fail(at);
    }
  }

  #beginKey(at: number, byte: number): number {
    if (byte !== QUOTE) this.#fail(at);
    this.#beginText(true);
    return at + 1;
  }

  #beginText(isKey: boolean): void {
    this.#isKey = isKey;
    this.#hasEscapes = false;
    this.#token.clear();
    this.#state = TEXT;
  }

  #begin(bytes: Uint8Array, at: number, byte: number): number {
    if (this.#top === undefined) return this.#beginFile(at, byte);
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) return this.#openContainer(at, byte === OPEN_OBJECT);
    if (byte === QUOTE) {
      this.#beginText(false);
      return at + 1;
    }
    if (!this.#isInObject && (this.#isSkipping || this.#top.items === undefined) && beginsNumber(byte)) return this.#readNumbers(bytes, at);
    return this.#beginScalar(bytes, at, byte);
  }

  #beginFile(at: number, byte: number): number {
    if (byte === BYTE_ORDER_MARK[this.#markBytes] && this.#passed + at === this.#markBytes) {
      this.#markBytes++;
      return at + 1;
    }
    if (this.#markBytes > 0 && this.#markBytes < BYTE_ORDER_MARK.length) this.#fail(at);
    if (byte === OPEN_OBJECT) return this.#openContainer(at, true);
    if (byte === OPEN_LIST || byte === QUOTE || beginsNumber(byte) || words.has(byte)) bad('the file', 'is not an object');
    return this.#fail(at);
  }

  #openContainer(at: number, isObject: boolean): number {
    const parent = this.#top;
    const isInList = parent !== undefined && parent.object === undefined;
    const shape = parent === undefined ? this.#shape : isInList ? parent.shape : this.#memberShape;
    const isKept = !this.#isSkipping && (isObject ? typeof shape === 'object' : !isInList || shape === 'lists' || shape === 'nested');
    if (!isKept) {
      if (!this.#isSkipping) this.#put(isObject ? emptyObject : emptyList);
      this.#isSkipping = true;
      this.#skipped.push(isObject);
    } else {
      this.#budget.take(cost.container);
      if (isInList) this.#itemsOf(parent);
      this.#top = { shape: isInList && shape === 'lists' ? true : shape, object: isObject ? {} : undefined, items: undefined, key: '' };
      this.#open.push(this.#top);
    }
    this.#isInObject = isObject;
    this.#state = isObject ? FIRST_KEY : FIRST_VALUE;
    return at + 1;
  }

  #close(at: number): number {
    if (this.#isSkipping) {
      this.#skipped.pop();
      this.#isSkipping = this.#skipped.depth > 0;
    } else {
      const { object, items } = this.#open.pop()!;
      this.#top = this.#open.at(-1);
      this.#put(object ?? items ?? this.#takeColumn());
    }
    this.#isInObject = this.#isSkipping ? this.#skipped.isInObject : this.#top?.object !== undefined;
    this.#state = this.#top === undefined ? NOTHING : COMMA;
    return at + 1;
  }

  /** Puts a value where it belongs. */
  #put(value: unknown): void {
    const top = this.#top;
    if (top === undefined) {
      this.#result = value;
    } else if (top.object !== undefined) {
      top.object[top.key] = value;
    } else if (top.items === undefined && (value === null || typeof value === 'number')) {
      this.#numbers.values[this.#numbers.filled] = value ?? NaN;
      this.#countNumber();
    } else {
      this.#budget.take(cost.value);
      this.#itemsOf(top).push(value);
    }
  }

  /** A list's values, from now on not only numbers. */
  #itemsOf(list: Container): unknown[] {
    if (list.items !== undefined) return list.items;
    const { length } = this.#numbers;
    this.#budget.take(length * cost.value);
    const column = this.#takeColumn();
    return (list.items = Array.from({ length }, (_, index) => column.at(index)));
  }

  #takeColumn(): List {
    const { length } = this.#numbers;
    if (this.#numbers.filled > 0) this.#budget.take(this.#numbers.flush());
    return this.#numbers.take(length);
  }

  #countNumber(): void {
    if (++this.#numbers.filled === this.#numbers.values.length) this.#budget.take(this.#numbers.makeRoom());
  }

  /** A value that is no object and no list has come to its end. */
  #finish(value: unknown): void {
    if (!this.#isSkipping) this.#put(value);
    else this.#isSkipping = this.#skipped.depth > 0;
    this.#state = COMMA;
  }

  /** Reads numbers of a list as long as there are no others. */
  #readNumbers(bytes: Uint8Array, from: number): number {
    const numbers = this.#numbers;
    let at = from;
    for (;;) {
      const end = readNumber(bytes, at, numbers.values, numbers.filled);
      if (end < 0) return this.#beginScalar(bytes, at, bytes[at]!);
      if (!this.#isSkipping) this.#countNumber();
      if (bytes[end] !== COMMA_BYTE) {
        this.#state = COMMA;
        return end;
      }
      at = end + 1;
      if (!beginsNumber(bytes[at]!)) {
        this.#state = VALUE;
        return at;
      }
    }
  }

  #beginScalar(bytes: Uint8Array, at: number, byte: number): number {
    const word = words.get(byte);
    if (word !== undefined) {
      this.#word = word;
      this.#matched = 0;
      this.#state = WORD;
      return at;
    }
    if (!beginsNumber(byte)) this.#fail(at);
    const end = readNumber(bytes, at, this.#one, 0);
    if (end >= 0) {
      this.#finish(this.#one[0]);
      return end;
    }
    this.#token.clear();
    this.#state = NUMBER;
    return at;
  }

  #goOnInWord(bytes: Uint8Array, from: number): number {
    const [text, value] = this.#word;
    let at = from;
    for (; at < bytes.length && this.#matched < text.length; at++, this.#matched++) {
      if (bytes[at] !== text.charCodeAt(this.#matched)) this.#fail(at);
    }
    if (this.#matched === text.length) this.#finish(value);
    return at;
  }

  #goOnInNumber(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && isInNumber(bytes[at]!)) at++;
    if (this.#token.length + at - from > MAX_NUMBER) this.#fail(at);
    this.#token.add(bytes.subarray(from, at));
    if (at === bytes.length) return at;
    const value = numberOf(this.#decoder.decode(this.#token.bytes)) ?? this.#fail(at);
    this.#finish(value);
    return at;
  }

  #goOnInText(bytes: Uint8Array, from: number): number {
    let at = from;
    let escape = this.#escape;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (escape > 0) {
        if (!(escape === LETTER ? escapes : hexDigits).has(byte)) this.#fail(at);
        escape = escape === LETTER && byte !== LOWER_U ? 0 : escape - 1;
      } else if (byte === QUOTE) {
        this.#escape = 0;
        this.#endText(bytes.subarray(from, at), at);
        return at + 1;
      } else if (byte === BACKSLASH) {
        this.#hasEscapes = true;
        escape = LETTER;
      } else if (byte < SPACE) {
        this.#fail(at);
      }
    }
    this.#escape = escape;
    if (!this.#isSkipping) {
      if (this.#token.length + at - from > MAX_TEXT) throw new ProfileFormatError('A text in this file is longer than Heatline can show.');
      this.#token.add(bytes.subarray(from));
    }
    return at;
  }

  /** @param rest what came of it in this piece, up to `at` */
  #endText(rest: Uint8Array, at: number): void {
    if (this.#isSkipping) {
      if (this.#isKey) this.#state = COLON;
      else this.#finish(undefined);
      return;
    }
    let bytes = rest;
    if (this.#token.length > 0) {
      this.#token.add(rest);
      bytes = this.#token.bytes;
    }
    this.#budget.take(cost.text + 2 * bytes.length);
    const text = this.#textOf(bytes, at);
    if (this.#isKey) this.#endKey(text);
    else this.#finish(text);
  }

  #endKey(key: string): void {
    const { shape } = this.#top!;
    const memberShape = typeof shape === 'object' && Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (memberShape === undefined) {
      this.#isSkipping = true;
    } else {
      this.#top!.key = key;
      this.#memberShape = memberShape;
    }
    this.#state = COLON;
  }

  #textOf(bytes: Uint8Array, at: number): string {
    try {
      const text = this.#decoder.decode(bytes);
      return this.#hasEscapes ? (JSON.parse(`"${text}"`) as string) : text;
    } catch {
      return this.#fail(at); // not UTF-8
    }
  }

  #fail(at: number): never {
    throw new ProfileFormatError(`This is not a profile: what stands at byte ${this.#passed + at + 1} of its text is not JSON.`);
  }
}

function codes(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)));
}
