import { isInterpretersOwn } from '../../unwind/interpreterFrames.ts';
import type { NativeNames } from '../../unwind/nativeNames.ts';
import type { FrameTable } from '../tables/frameTable.ts';

/** Addresses that are remembered; two thirds of the places are filled. A power of two. */
const size = 1 << 15;
const shift = 32 - 15;
const empty = -2;

/** A frame that is not shown. */
export const hiddenFrame = -1;

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

  /** @param showsAll shows what the interpreter does for every call alike, too */
  constructor(frames: FrameTable, names: NativeNames, interpreter: string | undefined, showsAll: boolean) {
    this.frames = frames;
    this.names = names;
    this.interpreter = interpreter;
    this.showsAll = showsAll;
  }

  /**
   * @param at of typed arrays that hold the address and 1 where a thread stands at it, 0 where a call returns to it: where
   * @returns the frame, or `hiddenFrame`
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

  /** Whether a frame is the first one of a greenlet: what lies beyond is what was left of the stack of who started it. */
  isGreenletStart(frame: number): boolean {
    return this.starts.has(frame);
  }

  private find(address: number, isExact: boolean): number {
    const { function: name, library } = this.names.of(address, isExact);
    // g_initialstub, PyGreenlet.cpp or greenlet.c
    const isStart = name.includes('g_initialstub');
    if (!this.showsAll && !isStart && isInterpretersOwn(name, library !== null && library === this.interpreter)) return hiddenFrame;
    const frame = library === null ? this.frames.nativeFrame(generated, '') : this.frames.nativeFrame(name, library);
    if (isStart) this.starts.add(frame);
    return frame;
  }
}
