/** Values of a block: few enough that small files cost little. */
export const BLOCK_LENGTH = 1 << 13;

/**
 * Whole numbers in the narrowest type that holds them, others as they are. Null is the type's greatest value, Int32Array's least,
 * Float64Array's NaN.
 */
type PlainBlock = Uint8Array | Uint16Array | Int32Array | Float64Array;

/** Numbers of few decimals, as times are: whole ones after a multiplication, or how much each is more than the one before. */
interface ScaledBlock {
  /** NO_UINT32 is null. */
  readonly wholes: Uint32Array;
  readonly scale: number;
  /** What the first is more than; undefined where they are no differences. */
  readonly base: number | undefined;
}

type Block = PlainBlock | ScaledBlock;

const NO_UINT8 = 0xff;
const NO_UINT16 = 0xffff;
const NO_INT32 = -(2 ** 31);
const NO_UINT32 = 0xffff_ffff;

/** As ES2024 has it, and Node since 20. */
interface Resizable extends ArrayBuffer {
  resize(size: number): void;
}
const Resizable = ArrayBuffer as unknown as new (size: number, options: { readonly maxByteLength: number }) => Resizable;

/**
 * Memory of many blocks. V8 takes what can be resized from the system itself and gives it back when it becomes smaller, while malloc, which
 * it asks for all else, keeps pieces of any such size once it has seen one freed (M_MMAP_THRESHOLD in mallopt(3)).
 */
class Slab {
  readonly #buffer: Resizable;
  #used = 0;
  #blocks = 0;

  constructor(size: number) {
    this.#buffer = new Resizable(size, { maxByteLength: size });
  }

  get size(): number {
    return this.#buffer.byteLength;
  }

  hasRoom(bytes: number): boolean {
    return this.#used + bytes <= this.#buffer.byteLength;
  }

  /** A copy of values. */
  keep<T extends PlainBlock | Uint32Array>(values: T): T {
    const bytes = values.byteLength;
    const Type = values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
    const copy = new Type(this.#buffer, this.#used, values.length);
    copy.set(values);
    this.#used += Math.ceil(bytes / 8) * 8;
    this.#blocks++;
    return copy;
  }

  /** One block of it is not needed any more. */
  drop(): void {
    if (--this.#blocks > 0) return;
    this.#buffer.resize(0); // at once: no garbage is collected while none is made
  }
}

const SMALLEST_SLAB = 1 << 12;
const LARGEST_SLAB = 1 << 22;

/** A list of JSON, whatever it is kept in: an array is one, too. */
export interface List {
  readonly length: number;
  /** From 0 to `length` - 1. */
  at(index: number): unknown;
}

/** A list of JSON that has nothing but numbers and nulls: 1 to 8 bytes each, outside the heap, where an array takes 8 to 24 in it. */
export class NumberColumn implements List {
  readonly length: number;
  readonly #blocks: Block[];
  /** Where the blocks are. */
  readonly #slabs: readonly Slab[];
  /** A block with what is in it. */
  #read = -1;
  #values: Float64Array | undefined;

  constructor(length: number, blocks: Block[], slabs: readonly Slab[]) {
    this.length = length;
    this.#blocks = blocks;
    this.#slabs = slabs;
  }

  /** Quick for whole numbers, or one after the other. */
  at(index: number): number | null | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    const at = Math.floor(index / BLOCK_LENGTH);
    const block = this.#blocks[at]!;
    let value: number;
    if ('wholes' in block) {
      this.#values ??= new Float64Array(BLOCK_LENGTH);
      if (this.#read !== at) this.read(at, this.#values);
      this.#read = at;
      value = this.#values[index % BLOCK_LENGTH]!;
    } else {
      value = block[index % BLOCK_LENGTH]!;
      if (value === noneOf(block)) return null;
    }
    return Number.isNaN(value) ? null : value;
  }

  /** Writes a block's values into `values`, NaN for null. */
  read(block: number, values: Float64Array): void {
    const from = this.#blocks[block];
    if (from === undefined) return;
    if ('wholes' in from) {
      readScaled(from, values);
      return;
    }
    values.set(from);
    const none = noneOf(from);
    if (!Number.isNaN(none)) for (let i = 0; i < from.length; i++) if (values[i] === none) values[i] = NaN;
  }

  /** Gives a block's memory back: its values are no longer there. */
  drop(block: number): void {
    if (this.#blocks[block] === undefined || this.#blocks[block] === dropped) return;
    this.#blocks[block] = dropped;
    this.#slabs[block]!.drop();
  }

  /** The same for all that are left. */
  dropAll(): void {
    for (let block = 0; block < this.#blocks.length; block++) this.drop(block);
  }
}

/** Nothing. */
const dropped = new Uint8Array(0);

function noneOf(block: PlainBlock): number {
  if (block instanceof Uint8Array) return NO_UINT8;
  if (block instanceof Uint16Array) return NO_UINT16;
  return block instanceof Int32Array ? NO_INT32 : NaN;
}

function readScaled({ wholes, scale, base }: ScaledBlock, values: Float64Array): void {
  if (base === undefined) {
    for (let i = 0; i < wholes.length; i++) values[i] = wholes[i] === NO_UINT32 ? NaN : wholes[i]! / scale;
    return;
  }
  let whole = base;
  for (let i = 0; i < wholes.length; i++) {
    whole += wholes[i]!;
    values[i] = whole / scale;
  }
}

/** Makes columns, one after the other. */
export class ColumnBuilder {
  /**
   * Of the block that fills: the next value goes to `values[filled]`, NaN for null. Call `makeRoom` as soon as it is full.
   * Replaced when it grows.
   */
  values = new Float64Array(64);
  filled = 0;
  #blocks: Block[] = [];
  #slabs: Slab[] = [];
  #slab = new Slab(SMALLEST_SLAB);
  readonly #scratch = new Scratch();

  /** Values so far. */
  get length(): number {
    return this.#blocks.length * BLOCK_LENGTH + this.filled;
  }

  /** @returns the bytes it takes for good */
  makeRoom(): number {
    const { length } = this.values;
    if (length === BLOCK_LENGTH) return this.flush();
    const grown = new Float64Array(Math.min(BLOCK_LENGTH, 4 * length));
    grown.set(this.values);
    this.values = grown;
    return 0;
  }

  /** Puts a block aside that is full, or the column's last. @returns the bytes it takes */
  flush(): number {
    const block = packed(this.values.subarray(0, this.filled), this.#scratch);
    const { byteLength } = 'wholes' in block ? block.wholes : block;
    while (!this.#slab.hasRoom(byteLength)) this.#slab = new Slab(Math.min(LARGEST_SLAB, 4 * this.#slab.size));
    this.#blocks.push('wholes' in block ? { ...block, wholes: this.#slab.keep(block.wholes) } : this.#slab.keep(block));
    this.#slabs.push(this.#slab);
    this.filled = 0;
    return byteLength;
  }

  /** The column of all there were; the next one begins. Flush before. */
  take(length: number): NumberColumn {
    const column = new NumberColumn(length, this.#blocks, this.#slabs);
    this.#blocks = [];
    this.#slabs = [];
    return column;
  }
}

/** Where a block is packed before it is kept: some megabytes of garbage for each of a file's columns otherwise. */
class Scratch {
  readonly #buffer = new ArrayBuffer(BLOCK_LENGTH * Uint32Array.BYTES_PER_ELEMENT);
  readonly uint8 = new Uint8Array(this.#buffer, 0, BLOCK_LENGTH);
  readonly uint16 = new Uint16Array(this.#buffer, 0, BLOCK_LENGTH);
  readonly int32 = new Int32Array(this.#buffer);
  readonly uint32 = new Uint32Array(this.#buffer);
}

/** @returns what is in `scratch`, or `values` */
function packed(values: Float64Array, scratch: Scratch): Block {
  let least = 0;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if ((value | 0) !== value) return scaled(values, 1000, scratch.uint32) ?? scaled(values, 1_000_000, scratch.uint32) ?? values;
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  if (least === NO_INT32) return values;
  if (least < 0 || most >= NO_UINT16) return filled(scratch.int32, values, NO_INT32);
  return most < NO_UINT8 ? filled(scratch.uint8, values, NO_UINT8) : filled(scratch.uint16, values, NO_UINT16);
}

function filled(block: Uint8Array | Uint16Array | Int32Array, values: Float64Array, none: number): PlainBlock {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    block[i] = Number.isNaN(value) ? none : value;
  }
  return block.subarray(0, values.length);
}

/** Only if that gives each value back exactly. */
function scaled(values: Float64Array, scale: number, scratch: Uint32Array): ScaledBlock | undefined {
  const wholes = scratch.subarray(0, values.length);
  let areSmall = true;
  let rise = true;
  let before = NaN;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      wholes[i] = NO_UINT32;
      rise = false;
    } else {
      const whole = Math.round(value * scale);
      if (whole / scale !== value) return undefined;
      if (!(whole >= 0 && whole < NO_UINT32)) areSmall = false;
      // The first is compared with NaN, which is false.
      if (whole < before || whole - before > NO_UINT32 || !Number.isSafeInteger(whole)) rise = false;
      wholes[i] = whole;
      before = whole;
    }
    if (!areSmall && !rise) return undefined;
  }
  if (areSmall) return { wholes, scale, base: undefined };
  const base = Math.round(values[0]! * scale);
  before = base;
  for (let i = 0; i < values.length; i++) {
    const whole = Math.round(values[i]! * scale);
    wholes[i] = whole - before;
    before = whole;
  }
  return { wholes, scale, base };
}
