import { type DataStackLayout, FrameOwner } from '../../cpython/layout.ts';
import type { FoundEvaluations } from '../../unwind/evaluationList.ts';
import { linkLifetime } from './frameCopies.ts';
import type { LinkedFrames } from './linkedFrames.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import { doubled, type StackTrie } from '../tables/stackTrie.ts';

/** More than a program can have on its stack: a longer chain is a cycle. */
const maxDepth = 1 << 20;
/** Bytes of a thread state at most (3.15's `_PyThreadStateImpl` has some 8 KB before its frame). */
const maxThreadState = 16 * 1024;
const two32 = 2 ** 32;

/**
 * The stack of a thread that stands still: from the frame it executes along `previous` to the outermost, as the
 * interpreter itself does it. In memory that moves the chain leads through several moments (docs/sampling.md), so that this
 * is for threads that stand still.
 */
export class ExactWalk {
  /** Of the last walk: outer frames could not be read. */
  partial = false;
  /** Walker.evaluations */
  evaluations: FoundEvaluations | null = null;
  private offsets = new Int32Array(256);
  /** Addresses of the frames that a task may begin with, two halves; else 0. */
  private lows = new Int32Array(256);
  private highs = new Int32Array(256);
  /** LinkedFrames.lineOf of frames outside the data stack; −1 for all others. */
  private lines = new Int32Array(256);
  /** How many frames of the trie each has become. */
  private shown = new Int32Array(256);
  private readonly linked: LinkedFrames;
  private readonly trie: StackTrie;
  private readonly ownerByte: number;
  private readonly previousWord: number;
  private readonly topOfDataStack: number;
  /** 3.11, whose evaluations have no frame that stands for the call from C: where the thread state points to the innermost one's structure. */
  private readonly structures: number;

  constructor(linked: LinkedFrames, trie: StackTrie, { frame, threadState, minor }: DataStackLayout) {
    this.linked = linked;
    this.trie = trie;
    this.ownerByte = frame.owner;
    this.previousWord = frame.previous >> 2;
    this.topOfDataStack = threadState.dataStackTop;
    this.structures = minor === 11 ? threadState.cframe : -1;
  }

  /**
   * @param words the copy, `bytes` the same memory
   * @param bottom where in the copy the outermost frame of the data stack is
   * @returns a stack of the trie; −1 when the chain does not lead by the bottom, as in the moment between two stores of a call
   */
  walk(thread: SampledThread, words: Int32Array, bytes: Uint8Array, bottom: number): number {
    const hint = this.linked.hintOffset(thread);
    if (hint < 0) return -1;
    const stack = this.walkFrom(thread, words, bytes, bottom, hint, thread.stateOffset + this.structures);
    if (stack >= 0 || this.linked.hasCurrentFrame) return stack;
    // An evaluation that has just begun has put its structure before those of its callers, and has not written its frame there.
    const outer = this.linked.outerHint(thread, hint);
    return outer < 0 ? -1 : this.walkFrom(thread, words, bytes, bottom, outer, hint + 8);
  }

  /**
   * @param hint where in the copy the pointer to the current frame is
   * @param holder 3.11: where the pointer to the structure is that has it
   */
  private walkFrom(thread: SampledThread, words: Int32Array, bytes: Uint8Array, bottom: number, hint: number, holder: number): number {
    const { linked, evaluations } = this;
    this.partial = false;
    evaluations?.clear();
    const hasStructures = evaluations !== null && this.structures >= 0;
    let outerHint = hasStructures ? linked.outerHint(thread, hint) : -1;
    let low = words[hint >> 2]!;
    let high = words[(hint >> 2) + 1]!;
    // 3.11 and 3.12 have tstate->cframe lead to the C stack before a frame is put there (`_PyEval_EvalFrameDefault`, Python/ceval.c): it
    // holds what a former call left, a frame above all that live.
    const last = thread.chunkCount - 1;
    const top = (words[(thread.stateOffset + this.topOfDataStack) >> 2]! - thread.chunkLow[last]!) | 0;
    const above = (low - thread.chunkLow[last]!) | 0;
    if (high === thread.chunkHigh[last] && above >= top && above < thread.chunkLengths[last]!) return -1;
    let outermost = -1;
    let rootLow = 0;
    let rootHigh = 0;
    let depth = 0;
    let isAwaiting = false;
    while ((low | high) !== 0) {
      const isOnDataStack = linked.onDataStack(thread, low, high);
      const offset = isOnDataStack ? thread.offsetOf(low) : linked.linkedFrame(thread, low, high);
      if (offset <= 0 || depth === maxDepth) return -1;
      if (isOnDataStack) outermost = offset;
      if (outerHint >= 0 && words[outerHint >> 2] === low && words[(outerHint >> 2) + 1] === high) {
        evaluations!.add(pointer(words, holder >> 2), depth);
        holder = hint + 8;
        hint = outerHint;
        outerHint = linked.outerHint(thread, hint);
      }
      // Trampolines from C have no code of the program's (FRAME_OWNED_BY_CSTACK, _INTERPRETER).
      const owner = bytes[offset + this.ownerByte]!;
      const line = isOnDataStack || owner > FrameOwner.FrameObject ? -1 : linked.lineOf(thread, offset, low, high);
      const isGenerator = owner === FrameOwner.Generator && line < 0;
      // Resumed by this one's bytecode, and not by an event loop.
      if (isGenerator && isAwaiting) this.lows[depth - 1] = 0;
      isAwaiting = isGenerator;
      if (owner <= FrameOwner.Generator || line >= 0) {
        if (depth === this.offsets.length) {
          this.offsets = doubled(this.offsets);
          this.lows = doubled(this.lows);
          this.highs = doubled(this.highs);
          this.lines = doubled(this.lines);
          this.shown = doubled(this.shown);
        }
        rootLow = low;
        rootHigh = high;
        this.lows[depth] = isGenerator ? low : 0;
        this.highs[depth] = high;
        this.lines[depth] = line;
        this.offsets[depth++] = offset;
      } else if (evaluations !== null && !hasStructures) {
        // One of 3.15 is in the thread state, and stands for no call.
        const address = (low >>> 0) + (high >>> 0) * two32;
        if (address < thread.address || address >= thread.address + maxThreadState) evaluations.add(address, depth);
      }
      low = words[(offset >> 2) + this.previousWord]!;
      high = words[(offset >> 2) + this.previousWord + 1]!;
    }
    if (depth === 0) return -1;
    const isCompiled = this.lines[depth - 1]! >= 0;
    if (outermost < 0) {
      // All that runs is elsewhere. What lies on the data stack is on its way there or from there, or this is what a former call
      // left: then it is no whole stack.
      const isEmpty = last === 0 && top <= ((bottom - thread.chunkOffsets[0]!) | 0);
      if (!isEmpty && !(isCompiled && rootLow === thread.rootLow && rootHigh === thread.rootHigh)) return -1;
    } else if (outermost !== bottom) {
      return -1;
    }
    // What called the outermost frame of the data stack lies elsewhere, and is part of the stack.
    if (isCompiled) {
      thread.rootLow = rootLow;
      thread.rootHigh = rootHigh;
    } else if (this.offsets[depth - 1] === bottom) {
      const at = (bottom >> 2) + this.previousWord;
      thread.isUncalled(words[at]!, words[at + 1]!, linked.now + linkLifetime);
    }
    if (hasStructures) evaluations.add(pointer(words, holder >> 2), depth);
    const frames = depth;
    let stack = 0;
    while (depth > 0) {
      const offset = this.offsets[--depth]!;
      const below = stack;
      stack = linked.withTask(thread, this.trie, stack, offset, this.lows[depth]!, this.highs[depth]!);
      const pushed = linked.pushFrame(this.trie, stack, offset, this.lines[depth]!);
      if (pushed < 0) {
        this.partial = true;
        break; // what is further in would hang in the air
      }
      stack = pushed;
      if (evaluations !== null) this.shown[depth] = this.framesBetween(below, stack);
    }
    if (evaluations !== null && !this.partial && !this.trie.isCut(stack)) this.countShown(evaluations, frames);
    return stack;
  }

  /** How many frames a stack has on top of another one: with a task's, two. */
  private framesBetween(below: number, stack: number): number {
    let count = 0;
    for (; stack !== below && stack !== 0; stack = this.trie.parentOf(stack)) count++;
    return count;
  }

  /** Counts evaluations' frames as the trie has them: some are hidden there. */
  private countShown(evaluations: FoundEvaluations, frames: number): void {
    let shown = 0;
    for (let depth = 0, evaluation = 0; evaluation < evaluations.count; evaluation++) {
      for (; depth < evaluations.frames[evaluation]! && depth < frames; depth++) shown += this.shown[depth]!;
      evaluations.frames[evaluation] = shown;
    }
    evaluations.isWhole = true;
  }
}

function pointer(words: Int32Array, at: number): number {
  return (words[at]! >>> 0) + (words[at + 1]! >>> 0) * two32;
}
