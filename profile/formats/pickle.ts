import type { ByteCursor } from './binaryFile.ts';
import { cost, JsonBudget } from './jsonBudget.ts';

/** What a pickle makes. Of classes only that it is one that was expected. */
export type PickleValue = null | boolean | number | string | PickleTuple | PickleList | PickleDict | PickleClass | PickleObject;

export interface PickleTuple {
  readonly tuple: readonly PickleValue[];
}

export interface PickleList {
  readonly list: PickleValue[];
}

export interface PickleDict {
  readonly dict: [key: PickleValue, value: PickleValue][];
}

/** "module name" */
export interface PickleClass {
  readonly className: string;
}

export interface PickleObject {
  readonly of: PickleClass;
  state: PickleValue;
}

/** Where a list of values begins on the stack. */
const MARK = Symbol('mark');

/**
 * Reads a pickle of protocol 2 to 5 (Lib/pickle.py, Lib/pickletools.py) that has nothing but numbers, texts, containers and objects of expected
 * classes in it. A pickle is a program that may call anything; nothing is ever called here: classes are names, and any operation but those
 * that make such values ends the reading.
 */
export class PickleReader {
  readonly #cursor: ByteCursor;
  readonly #isExpected: (className: string) => boolean;
  readonly #budget = new JsonBudget();
  readonly #memo: PickleValue[] = [];
  #stack: (PickleValue | typeof MARK)[] = [];

  /** @param isExpected whether objects may be of a class, "module name" */
  constructor(cursor: ByteCursor, isExpected: (className: string) => boolean) {
    this.#cursor = cursor;
    this.#isExpected = isExpected;
  }

  /** @throws ProfileFormatError for any other pickle, or one that takes too much memory */
  read(): PickleValue {
    const cursor = this.#cursor;
    if (cursor.uint8() !== 0x80) cursor.fail('it does not begin as pickles do');
    const protocol = cursor.uint8();
    if (protocol < 2 || protocol > 5) cursor.fail('the pickle is of an unknown protocol');
    for (;;) {
      const opcode = String.fromCharCode(cursor.uint8());
      if (opcode === '.') return this.#pop();
      this.#budget.take(cost.value);
      this.#do(opcode);
    }
  }

  #do(opcode: string): void {
    const made = this.#made(opcode);
    if (made !== undefined) this.#stack.push(made);
    else this.#change(opcode);
  }

  /** The value that an operation puts on the stack; undefined: it is none of those. */
  #made(opcode: string): PickleValue | undefined {
    const cursor = this.#cursor;
    switch (opcode) {
      case 'N':
        return null;
      case '\x88':
        return true;
      case '\x89':
        return false;
      case 'J':
        return cursor.int32();
      case 'K':
        return cursor.uint8();
      case 'M':
        return cursor.uint16();
      case '\x8a':
        return this.#long(cursor.uint8());
      case 'G':
        return cursor.float64(false);
      case '\x8c': // SHORT_BINUNICODE
      case 'U': // SHORT_BINSTRING, of Python 2
        return this.#text(cursor.uint8());
      case 'X': // BINUNICODE
      case 'T': // BINSTRING
        return this.#text(cursor.uint32());
      case ')':
        return this.#tuple([]);
      case '\x85':
        return this.#tuple(this.#popSome(1));
      case '\x86':
        return this.#tuple(this.#popSome(2));
      case '\x87':
        return this.#tuple(this.#popSome(3));
      case 't':
        return this.#tuple(this.#popMarked());
      case ']':
        this.#budget.take(cost.container);
        return { list: [] };
      case '}':
        this.#budget.take(cost.container);
        return { dict: [] };
      case 'h':
        return this.#remembered(cursor.uint8());
      case 'j':
        return this.#remembered(cursor.uint32());
      case 'c': // GLOBAL
        return this.#class(this.#line(), this.#line());
      case '\x93': {
        const [module, name] = this.#popSome(2);
        if (typeof module !== 'string' || typeof name !== 'string') return cursor.fail('a class has no name');
        return this.#class(module, name);
      }
      case '\x81': {
        const [made, values] = this.#popSome(2);
        if (!isClass(made) || !isTuple(values) || values.tuple.length > 0) return cursor.fail('an object is made of something');
        this.#budget.take(cost.container);
        return { of: made, state: null };
      }
      default:
        return undefined;
    }
  }

  #change(opcode: string): void {
    const cursor = this.#cursor;
    switch (opcode) {
      case '\x95': // FRAME
        cursor.uint64();
        break;
      case '(':
        this.#stack.push(MARK);
        break;
      case 'a':
        this.#append([this.#pop()]);
        break;
      case 'e':
        this.#append(this.#popMarked());
        break;
      case 's':
        this.#setItems(this.#popSome(2));
        break;
      case 'u':
        this.#setItems(this.#popMarked());
        break;
      case '\x94': // MEMOIZE
        this.#memo.push(this.#top());
        break;
      case 'q':
        this.#remember(cursor.uint8());
        break;
      case 'r':
        this.#remember(cursor.uint32());
        break;
      case 'b': {
        const state = this.#pop();
        const object = this.#top();
        if (!isObject(object)) cursor.fail('something has a state that is no object');
        else object.state = state;
        break;
      }
      default:
        cursor.at--;
        cursor.fail('there is an operation that no profile needs');
    }
  }

  #text(length: number): string {
    this.#budget.take(cost.text + 2 * length);
    return this.#cursor.text(length);
  }

  #long(length: number): number {
    if (length > 8) this.#cursor.fail('there is too large a number');
    const bytes = this.#cursor.take(length);
    let value = 0;
    for (const [i, byte] of bytes.entries()) value += byte * 256 ** i;
    return length > 0 && bytes[length - 1]! >= 0x80 ? value - 256 ** length : value;
  }

  #line(): string {
    let line = '';
    for (let byte = this.#cursor.uint8(); byte !== 0x0a; byte = this.#cursor.uint8()) {
      line += String.fromCharCode(byte);
      if (line.length > 1000) this.#cursor.fail('there is too long a name');
    }
    return line;
  }

  #class(module: string, name: string): PickleClass {
    const className = `${module} ${name}`;
    if (!this.#isExpected(className)) this.#cursor.fail(`it has an object of a class that no profile needs (${className})`);
    this.#budget.take(cost.container);
    return { className };
  }

  #tuple(tuple: readonly PickleValue[]): PickleTuple {
    this.#budget.take(cost.container);
    return { tuple };
  }

  #append(values: readonly PickleValue[]): void {
    const target = this.#top();
    if (!isListValue(target)) return this.#cursor.fail('something is added to what is no list');
    for (const value of values) target.list.push(value);
  }

  #setItems(values: readonly PickleValue[]): void {
    const target = this.#top();
    if (!isDict(target) || values.length % 2 !== 0) return this.#cursor.fail('something is added to what is no dict');
    for (let i = 0; i < values.length; i += 2) {
      this.#budget.take(cost.container);
      target.dict.push([values[i]!, values[i + 1]!]);
    }
  }

  #remember(number: number): void {
    if (number > this.#memo.length) this.#cursor.fail('values are remembered out of order');
    this.#memo[number] = this.#top();
  }

  #remembered(number: number): PickleValue {
    const value = this.#memo[number];
    return value === undefined ? this.#cursor.fail('a value is referred to that there is not') : value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    return value === undefined || value === MARK ? this.#cursor.fail('a value is missing') : value;
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popSome(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.#pop());
    return values.reverse();
  }

  #popMarked(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) this.#cursor.fail('a list of values has no beginning');
    return this.#stack.splice(mark).slice(1) as PickleValue[];
  }
}

export function isTuple(value: PickleValue | undefined): value is PickleTuple {
  return typeof value === 'object' && value !== null && 'tuple' in value;
}

export function isDict(value: PickleValue | undefined): value is PickleDict {
  return typeof value === 'object' && value !== null && 'dict' in value;
}

export function isListValue(value: PickleValue | undefined): value is PickleList {
  return typeof value === 'object' && value !== null && 'list' in value;
}

export function isObject(value: PickleValue | undefined): value is PickleObject {
  return typeof value === 'object' && value !== null && 'of' in value;
}

function isClass(value: PickleValue | undefined): value is PickleClass {
  return typeof value === 'object' && value !== null && 'className' in value;
}
