import type { Memory } from '../memory/memory.ts';
import { type CodePlace, CoroutineReader } from './coroutines.ts';
import { FrameOwner, type Layout } from './layout.ts';
import { pointerAt, readPointer } from './strings.ts';
import type { Types } from './types.ts';

/** `PyGreenlet`: PyObject, weakreflist, dict, pimpl (greenlet.h, 2.0 and newer). */
const implementation = 16;
/** Bytes of a `greenlet::UserGreenlet` that are looked at, and most frames of one. */
const limits = { words: 48, frames: 1 << 16 };
/** `PyFrameObject` of 3.11+: f_back, f_frame behind PyObject. */
const frameOfObject = 8;
/** From `python_state._top_frame` back to `stack_state`, and its members, in words (TGreenlet.hpp). */
const stackStateBefore = 6;
const inStackState = { start: 0, stop: 1, copy: 2, saved: 3 } as const;
/** Behind `python_state`, in words: `UserGreenlet` has _main_greenlet, _run_callable, _parent; `MainGreenlet` has itself. */
const parentBehindMain = 2;
const greenletType = 'greenlet.greenlet';

export interface GreenletFacts {
  readonly address: number;
  /** Name of its class. */
  readonly type: string;
  readonly parent: number;
  readonly condition: 'running' | 'suspended';
  /** Outermost first; empty for one that runs. */
  readonly stack: readonly CodePlace[];
  readonly complete: boolean;
  /** Its implementation's words, to find out whether it moved. */
  readonly words: Buffer;
}

/**
 * Reads greenlets. Their implementation is a C++ object that differs with the versions of greenlet and Python, but what follows
 * what in it does not: the frame on top of a suspended one is found by its type, and the rest from there.
 */
export class GreenletReader {
  private readonly memory: Memory;
  private readonly layout: Layout;
  private readonly types: Types;
  private readonly coroutines: CoroutineReader;
  /** Index of `python_state._top_frame`, −1: not known yet. */
  private topFrame = -1;
  /** Index of `_main_greenlet`. */
  private main = limits.words;

  constructor(memory: Memory, layout: Layout, types: Types, coroutines: CoroutineReader) {
    this.memory = memory;
    this.layout = layout;
    this.types = types;
    this.coroutines = coroutines;
  }

  /** Reads greenlets that have begun and not ended; the others are left out. */
  read(addresses: readonly number[]): GreenletFacts[] {
    const known = addresses
      .map((address) => ({ address, words: this.words(address) }))
      .filter((one): one is { address: number; words: Buffer } => one.words !== null);
    for (const { words } of known) if (this.topFrame < 0) this.topFrame = this.findTopFrame(words);
    if (this.topFrame < stackStateBefore) return [];
    this.main = this.findMain(known.map(({ words }) => words));
    return known.flatMap(({ address, words }) => this.facts(address, words) ?? []);
  }

  /** Whether a greenlet is what it was when it was read. */
  isStill({ address, words }: GreenletFacts): boolean {
    return this.words(address)?.subarray(0, words.length).equals(words) === true;
  }

  private words(address: number): Buffer | null {
    const at = readPointer(this.memory, address + this.layout.object.type + 8 + implementation);
    const bytes = Buffer.alloc(8 * limits.words);
    // It may lie at the end of a mapping; the larger ones have 30 words.
    for (let length = bytes.length; at !== 0 && length >= 128; length -= 64) if (this.memory.read(at, bytes, 0, length)) return bytes;
    return null;
  }

  private findTopFrame(words: Buffer): number {
    for (let i = stackStateBefore; i < limits.words; i++) if (this.types.nameOf(pointerAt(words, 8 * i)) === 'frame') return i;
    return -1;
  }

  /**
   * Where they have their thread's main greenlet. In one of them another word may lead to what looks like a greenlet: the top of
   * its data stack is such a word, and what is left there of former frames is anything. So it is the place at which most have
   * one.
   */
  private findMain(all: readonly Buffer[]): number {
    let found = limits.words;
    let most = 0;
    for (let index = this.topFrame + 1; index < limits.words; index++) {
      const count = all.filter((words) => this.types.isA(pointerAt(words, 8 * index), greenletType)).length;
      if (count > most) [found, most] = [index, count];
    }
    return found;
  }

  private facts(address: number, words: Buffer): GreenletFacts | null {
    const word = (index: number): number => (index < limits.words ? pointerAt(words, 8 * index) : 0);
    const state = this.topFrame - stackStateBefore;
    if (word(state + inStackState.start) === 0) return null; // not begun, or ended
    const { main } = this;
    const parent = word(main) === address ? 0 : word(main + parentBehindMain);
    const frame = word(this.topFrame);
    const common = { address, type: this.types.nameOf(address), parent, words: words.subarray(0, 8 * (main + parentBehindMain + 1)) };
    if (frame === 0) return { ...common, condition: 'running', stack: [], complete: true };
    const { stack, complete } =
      this.layout.frames === 'heap'
        ? this.objects(frame)
        : this.embedded(frame, word(state + inStackState.start), word(state + inStackState.copy), word(state + inStackState.saved));
    return { ...common, condition: 'suspended', stack: stack.reverse(), complete };
  }

  /** To 3.10: frames are objects, linked by f_back. */
  private objects(frame: number): { stack: CodePlace[]; complete: boolean } {
    const { layout } = this;
    const stack: CodePlace[] = [];
    if (layout.frames !== 'heap') return { stack, complete: false };
    const seen = new Set<number>();
    while (frame !== 0) {
      const facts = seen.has(frame) || seen.size === limits.frames ? null : this.coroutines.frameObject(layout, frame);
      if (facts === null) return { stack, complete: false };
      seen.add(frame);
      stack.push(facts.place);
      frame = readPointer(this.memory, frame + layout.frame.back);
    }
    return { stack, complete: true };
  }

  /**
   * 3.11+. Frames that lie between Python and C are on the C stack, of which the part that others use now was put aside.
   * @param start lowest address of the C stack that was
   * @param copy where `saved` bytes of it are
   */
  private embedded(object: number, start: number, copy: number, saved: number): { stack: CodePlace[]; complete: boolean } {
    const { layout, memory } = this;
    const stack: CodePlace[] = [];
    if (layout.frames !== 'data-stack') return { stack, complete: false };
    const bytes = Buffer.alloc(layout.frame.localsPlus);
    const seen = new Set<number>();
    let frame = readPointer(memory, object + layout.object.type + 8 + frameOfObject);
    while (frame !== 0) {
      if (seen.has(frame) || seen.size === limits.frames || frame % 8 !== 0) return { stack, complete: false };
      seen.add(frame);
      const moved = copy !== 0 && frame >= start && frame < start + saved;
      if (!memory.read(moved ? copy + frame - start : frame, bytes, 0, bytes.length)) return { stack, complete: false };
      const owner = bytes[layout.frame.owner]!;
      if (owner <= FrameOwner.FrameObject) {
        const place = this.coroutines.interpreterFrame(bytes);
        if (place === null) return { stack, complete: false };
        // The trampoline around __init__ (_Py_InitCleanup, Objects/codeobject.c).
        if (place.function !== '__init__' || place.file !== '__init__') stack.push(place);
      } else if (owner > 4) {
        return { stack, complete: false };
      }
      frame = pointerAt(bytes, layout.frame.previous);
    }
    return { stack, complete: true };
  }
}
