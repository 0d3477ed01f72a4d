import { CodeTrait } from '../../cpython/codeObject.ts';
import type { CodeCache } from '../code/codeCache.ts';
import type { FramePlaces, HeapFrames } from './heapFrames.ts';
import type { HeapFrameView } from './heapFrameView.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import { doubled } from '../tables/stackTrie.ts';

/** Finds a thread's stack in a copy of its frames: a chain of frames linked by `f_back`. */
export class HeapChain {
  /** Numbers of the frames found, innermost first. */
  frames = new Int32Array(256);
  /**
   * The thread is in a trace function, which may be called for a frame before that executes: `f_executing` and `f_state` are set
   * after the event "call" (_PyEval_EvalFrameDefault, Python/ceval.c).
   */
  isTraced = false;

  /** Per frame: number of the search that found its depth, and that depth; 0 when it leads nowhere. */
  private searched = new Int32Array(256);
  private depths = new Int32Array(256);
  private search = 0;

  private words = new Int32Array(0);
  private places!: FramePlaces;
  private tick = 0;
  private readonly known: HeapFrames;
  private readonly view: HeapFrameView;
  private readonly codes: CodeCache;

  constructor(known: HeapFrames, view: HeapFrameView, codes: CodeCache) {
    this.known = known;
    this.view = view;
    this.codes = codes;
  }

  /** The copy to search from now on. */
  look(words: Int32Array<ArrayBuffer>, places: FramePlaces, tick: number): void {
    this.words = words;
    this.places = places;
    this.tick = tick;
  }

  /**
   * Follows `f_back` from a frame to the outermost one, whose `f_back` is NULL.
   * @returns how many frames there are (in `frames`, innermost first); 0 when one on the way is dead or can't be read
   */
  follow(thread: SampledThread, low: number, high: number): number {
    const { words, view, known, places, tick } = this;
    const { low: lows, high: highs, caller: callers } = known;
    let frame = known.find(low, high);
    let count = 0;
    for (;;) {
      if (frame < 0 || places.offsets[frame]! < 0) {
        frame = places.meet(low, high, thread.id, tick);
        if (frame < 0) return 0;
      }
      const offset = places.offsets[frame]!;
      const at = offset >> 2;
      if (!view.isAlive(offset) || (count > 0 && !view.mayCall(offset) && !this.isAboutToBegin(offset) && !this.maySilentlyCall(offset)))
        return 0;
      if (count === this.frames.length) this.frames = doubled(this.frames);
      this.frames[count++] = frame;
      low = words[at + view.back]!;
      high = words[at + view.back + 1]!;
      if ((low | high) === 0) return this.isOutermost(thread, frame) ? count : 0;
      if (count > known.count) return 0; // a cycle
      let next = known.caller[frame]! - 1;
      if (next < 0 || lows[next] !== low || highs[next] !== high) {
        next = known.find(low, high);
        if (next < 0) next = places.meet(low, high, thread.id, tick);
        if (next < 0) return 0;
        callers[frame] = next + 1;
      }
      frame = next;
    }
  }

  /**
   * The same of a thread that stands still, where each frame is what it seems.
   * @returns how many frames there are; 0 when one can't be read, or it is about to be linked to its caller
   */
  followStill(thread: SampledThread, low: number, high: number): number {
    const { words, view, known, places, tick } = this;
    let count = 0;
    while ((low | high) !== 0) {
      let frame = known.find(low, high);
      if (frame < 0 || places.offsets[frame]! < 0) frame = places.meet(low, high, thread.id, tick);
      if (frame < 0 || count > known.count) return 0;
      if (count === this.frames.length) this.frames = doubled(this.frames);
      this.frames[count++] = frame;
      const at = (places.offsets[frame]! >> 2) + view.back;
      low = words[at]!;
      high = words[at + 1]!;
    }
    // What Nuitka compiled is the thread's frame before it has a caller, and executes after that (pushFrameStackPythonFrame,
    // compiled_frame.h).
    const last = count === 0 ? 0 : places.offsets[this.frames[count - 1]!]!;
    return count > 0 && !view.tellsNothing && !view.isExecuting(last, thread.addressLow, thread.addressHigh) && this.isCompiled(last)
      ? 0
      : count;
  }

  /**
   * The frame with the longest chain of executing frames to the thread's outermost one, among all in the copy.
   * @returns as `follow`
   */
  deepest(thread: SampledThread): number {
    const { known, places } = this;
    if (this.searched.length < known.low.length) {
      this.searched = new Int32Array(known.low.length);
      this.depths = new Int32Array(known.low.length);
    }
    this.search++;
    let best = -1;
    let bestDepth = 0;
    for (let frame = 0; frame < known.count; frame++) {
      if (known.owner[frame] !== thread.id || places.offsets[frame]! < 0) continue;
      const depth = this.depthOf(thread, frame);
      if (depth > bestDepth) {
        best = frame;
        bestDepth = depth;
      }
    }
    if (best < 0) return 0;
    return this.follow(thread, known.low[best]!, known.high[best]!);
  }

  /** Length of the chain from a frame to the thread's outermost one, if all on it execute; else 0. */
  private depthOf(thread: SampledThread, frame: number): number {
    const { words, view, known, places, searched, depths, search } = this;
    let count = 0;
    let depth = 0;
    for (;;) {
      if (searched[frame] === search) {
        depth = depths[frame]!;
        break;
      }
      searched[frame] = search;
      depths[frame] = 0;
      const offset = places.offsets[frame]!;
      if (
        offset < 0 ||
        (!view.isExecuting(offset, thread.addressLow, thread.addressHigh) &&
          !(view.isAlive(offset) && (this.isAboutToBegin(offset) || this.maySilentlyCall(offset))))
      )
        break;
      if (count === this.frames.length) this.frames = doubled(this.frames);
      this.frames[count++] = frame;
      const at = (offset >> 2) + view.back;
      const low = words[at]!;
      const high = words[at + 1]!;
      if ((low | high) === 0) {
        const hasRoot = thread.rootLow !== 0 || thread.rootHigh !== 0;
        if (hasRoot && (known.low[frame] !== thread.rootLow || known.high[frame] !== thread.rootHigh)) break;
        depth = 1;
        depths[frame] = 1;
        count--;
        break;
      }
      frame = known.find(low, high);
      if (frame < 0) break;
    }
    if (depth > 0) while (count > 0) depths[this.frames[--count]!] = ++depth;
    return depth;
  }

  /** Whether a frame that does not execute yet is one for which a trace function may have been called. */
  private isAboutToBegin(offset: number): boolean {
    return this.isTraced && this.words[(offset >> 2) + this.view.position] === -1;
  }

  /**
   * Whether a frame may execute though nothing in it says so: to 3.3, one of a code without bytecode (CodeTrait.Compiled), which
   * leaves `f_stacktop` alone.
   */
  private maySilentlyCall(offset: number): boolean {
    return this.view.tellsNothing && this.isCompiled(offset);
  }

  private isCompiled(offset: number): boolean {
    const { words, view, codes } = this;
    const at = offset >> 2;
    if (words[at + view.position] !== -1) return false;
    const code = codes.find(words[at + view.code]!, words[at + view.code + 1]!);
    return code !== 0 && (codes.traits[code]! & CodeTrait.Compiled) !== 0;
  }

  /** Whether a frame without caller is a thread's outermost one: not one that was popped, or a generator's. */
  private isOutermost(thread: SampledThread, frame: number): boolean {
    const { words, view, codes, known } = this;
    const offset = this.places.offsets[frame]!;
    const at = offset >> 2;
    const isExecuting = view.isExecuting(offset, thread.addressLow, thread.addressHigh);
    if (known.low[frame] === thread.rootLow && known.high[frame] === thread.rootHigh) return isExecuting || this.maySilentlyCall(offset);
    // One that was popped keeps its position, which is none, and loses its caller (popFrameStack, Nuitka's compiled_frame.h).
    if (!isExecuting && this.isCompiled(offset)) return view.tellsNothing && (thread.rootLow | thread.rootHigh) === 0;
    if (!isExecuting && words[at + view.position] !== -1) return false;
    // A generator's frame has no caller before it is resumed and after it yielded, and always one meanwhile.
    const code = codes.find(words[at + view.code]!, words[at + view.code + 1]!);
    return code !== 0 && (codes.traits[code]! & CodeTrait.Generator) === 0;
  }
}
