import { isInterpretersOwn } from '../../unwind/interpreterFrames.ts';
import type { NativeName, NativeNames } from '../../unwind/nativeNames.ts';
import type { FrameTable } from '../tables/frameTable.ts';

/** Addresses that are remembered; two thirds of the places are filled. A power of two. */
const size = 1 << 15;
const shift = 32 - 15;
const empty = -2;

/** Frames that are not shown. */
export const hiddenFrame = -1;
/** Smaller numbers stand for lists of frames. */
const firstList = -3;

/** What code in no file is called: compilers that run in the program make it, and another function may be there the next moment. */
const generated = '(generated code)';

/** The frames that addresses of native code have in a profile. Names are looked up once for each address. */
export class AddressFrames {
  private readonly frames: FrameTable;
  private readonly names: NativeNames;
  /** Path of the interpreter's file; undefined: it was not found. */
  private readonly interpreter: string | undefined;
  private readonly showsAll: boolean;
  private readonly keys = new Float64Array(size);
  private readonly values = new Int32Array(size).fill(empty);
  private count = 0;
  private readonly starts = new Set<number>();
  private readonly lists: Int32Array[] = [];
  private readonly listNumbers = new Map<string, number>();

  /** @param showsAll shows what the interpreter does for every call alike, too */
  constructor(frames: FrameTable, names: NativeNames, interpreter: string | undefined, showsAll: boolean) {
    this.frames = frames;
    this.names = names;
    this.interpreter = interpreter;
    this.showsAll = showsAll;
  }

  /**
   * @param at of typed arrays that hold the address and 1 where a thread stands at it, 0 where a call returns to it: where
   * @returns the frame, `hiddenFrame`, or where functions were inlined a number for `list`
   */
  of(addresses: Float64Array, isExact: Uint8Array, at: number): number {
    const { keys, values } = this;
    const place = addresses[at]! - 1 + isExact[at]!;
    let slot = Math.imul((place | 0) ^ Math.imul((place / 2 ** 32) | 0, 31), 0x9e3779b1) >>> shift;
    while (values[slot] !== empty) {
      if (keys[slot] === place) return values[slot]!;
      slot = (slot + 1) % size;
    }
    const frame = this.find(addresses[at]!, isExact[at] === 1);
    if (++this.count > (size * 2) / 3) {
      values.fill(empty);
      this.count = 0;
      return frame;
    }
    keys[slot] = place;
    values[slot] = frame;
    return frame;
  }

  /** The frames, the outermost first, that a number stands for that is less than `hiddenFrame`. */
  list(number: number): Int32Array {
    return this.lists[firstList - number]!;
  }

  /** Whether a frame is the first one of a greenlet: what lies beyond is what was left of the stack of who started it. */
  isGreenletStart(frame: number): boolean {
    return this.starts.has(frame);
  }

  private find(address: number, isExact: boolean): number {
    const names = this.names.of(address, isExact);
    const real = names.at(-1)!;
    // g_initialstub, PyGreenlet.cpp or greenlet.c
    const isStart = real.function.includes('g_initialstub');
    // What was inlined into a function that is not shown is a part of it.
    const frames =
      this.isHidden(real) && !isStart ? [] : names.filter((name) => name === real || !this.isHidden(name)).map((name) => this.frame(name));
    const found = frames.length === 0 ? hiddenFrame : frames.length === 1 ? frames[0]! : this.listNumber(frames.reverse());
    if (isStart) this.starts.add(found);
    return found;
  }

  private isHidden({ function: name, library }: NativeName): boolean {
    if (this.showsAll) return false;
    // A trampoline calls one Python function, for tools that see nothing of Python (-X perf).
    return library === null ? name.startsWith('py::') : isInterpretersOwn(name, library === this.interpreter);
  }

  private frame({ function: name, library, source, line }: NativeName): number {
    const { frames } = this;
    if (library === null) return frames.nativeFrame({ name: name.startsWith('0x') ? generated : name, file: '' }, 0);
    return source === null ? frames.nativeFrame({ name, file: library }, 0) : frames.nativeFrame({ name, file: source, library }, line);
  }

  private listNumber(frames: readonly number[]): number {
    const key = frames.join(' ');
    let number = this.listNumbers.get(key);
    if (number === undefined) {
      number = firstList - this.lists.length;
      this.lists.push(Int32Array.from(frames));
      this.listNumbers.set(key, number);
    }
    return number;
  }
}
