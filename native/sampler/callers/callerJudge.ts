import { CodeTrait } from '../../cpython/codeObject.ts';
import type { DataStackLayout } from '../../cpython/layout.ts';
import type { CodeCache } from '../code/codeCache.ts';
import { broken, NamedEdges } from './namedEdges.ts';
import { frameStride, FrameWord, type SampledThread } from '../threads/sampledThread.ts';
import type { StackTrie } from '../tables/stackTrie.ts';

/** What knows the frames outside the data stack, and takes second looks (LinkedFrames). */
export interface LiveFrames {
  /**
   * Whether a frame on the data stack and the one it calls, read once more, are where the copy has them.
   * @param address of the caller
   * @param callerOffset, calleeOffset of their copies, one behind the other in memory
   */
  stillCalls(address: number, callerOffset: number, calleeOffset: number): boolean;
  /** Whether the innermost generator of the last chain may have entered the frame above it. @param entry an Entry */
  mayEnter(entry: number): boolean;
}

/**
 * Asks NamedEdges about each frame and the one that called it, and makes the stack that follows from what it says. A frame's
 * position and what lies above it are copied in two moments (docs/sampling.md), so that it may have moved on between them.
 */
export class CallerJudge {
  /** Of the last judgement: what NamedEdges wants a second look for, 0 for nothing. */
  private doubt = 0;

  /** The thread may have run while it was copied: else everything is as it was, and is learned from. */
  private mayHaveMoved = true;
  private isStopped = false;
  /** The caller is none of which the bytecode says what it calls. */
  private isBelieved = false;

  // The caller: its code, the unit it is at, the stack below it, the copy of its bytecode it runs.
  private code = 0;
  private unit = 0;
  private below = 0;
  private copy = 0;

  private readonly edges: NamedEdges;
  private readonly codes: CodeCache;
  private readonly trie: StackTrie;
  private readonly linked: LiveFrames;
  /** Each thread says whether it is attached (free-threaded builds). */
  private readonly knowsAttached: boolean;

  /** @param linked takes second looks, and knows the generators that are callers */
  constructor(codes: CodeCache, trie: StackTrie, linked: LiveFrames, layout: DataStackLayout) {
    this.edges = new NamedEdges(codes, layout.instructions.resumeGenerators);
    this.codes = codes;
    this.trie = trie;
    this.linked = linked;
    this.knowsAttached = layout.threadState.attached !== undefined;
  }

  /**
   * What follows is of another thread. There is no caller. Who does not have the GIL at the beginning of a copy may take it
   * only after that.
   * @param isStopped it is stopped for the sample
   */
  begin({ interpreter, addressLow, addressHigh, isAttached }: SampledThread, isStopped: boolean): void {
    this.isStopped = isStopped;
    if (this.knowsAttached) this.mayHaveMoved = isAttached;
    else this.mayHaveMoved = interpreter === null || (interpreter.gilHolderLow === addressLow && interpreter.gilHolderHigh === addressHigh);
    this.none();
  }

  /** There is no caller. */
  none(): void {
    this.code = 0;
    this.isBelieved = false;
  }

  /** The caller runs no bytecode that could tell what it calls: whatever that is is believed. */
  believe(): void {
    this.code = 0;
    this.isBelieved = true;
  }

  /** The thread may have moved on while it was copied. */
  get mayMove(): boolean {
    return this.mayHaveMoved && !this.isStopped;
  }

  /** Names the caller of what is judged next. */
  from(code: number, unit: number, below: number, copy: number): void {
    this.code = code;
    this.isBelieved = false;
    this.unit = unit;
    this.below = below;
    this.copy = copy;
  }

  /**
   * The same of a remembered frame of the data stack: the one at `depth` − 1, or the one below it if that is the trampoline
   * around `__init__`.
   * @returns low half of its address
   */
  fromFrame({ frames }: SampledThread, depth: number): number {
    const { codes } = this;
    let slot = (depth - 1) * frameStride;
    if (slot > 0 && (codes.traits[frames[slot + FrameWord.Code]!]! & CodeTrait.Hidden) !== 0) slot -= frameStride;
    this.from(
      frames[slot + FrameWord.Code]!,
      frames[slot + FrameWord.Unit]!,
      frames[slot + FrameWord.Below]!,
      frames[slot + FrameWord.Copy]!,
    );
    return frames[slot + FrameWord.Address]!;
  }

  /**
   * Judges what the caller called.
   * @param stack ends in the caller
   * @param callee number of its code
   * @param entry an Entry
   * @returns the stack that is right, or −1: the caller calls no such function
   */
  judge(stack: number, callee: number, entry: number): number {
    this.doubt = 0;
    if (this.code === 0) return stack;
    if (!this.mayHaveMoved) {
      this.edges.learn(this.code, this.unit, callee);
      return stack;
    }
    const at = this.edges.check(this.code, this.unit, callee, entry);
    this.doubt = this.edges.doubt;
    if (this.doubt === 0) return stack;
    return at === broken ? -1 : this.trie.child(this.below, this.codes.frame(this.code, at, this.copy));
  }

  /** The last judgement rests on the callee's name, or on a thread that did not move. */
  get isCertain(): boolean {
    return !this.mayHaveMoved || this.isBelieved || this.doubt !== 0 || this.edges.isByName;
  }

  /** Whether a function is called by its name: so that what was not judged by that is no call of it. */
  isCalledByName(callee: number): boolean {
    return this.edges.isCalledByName(callee);
  }

  /**
   * Judges whether the frame below the one at `depth` was where it seems to have been when that one was entered.
   * @param stack ends in the frame below
   * @param callee number of the code of the one at `depth`
   * @param offset of its copy
   * @param entry an Entry
   * @returns the stack that is right; −1: they have nothing to do with each other
   */
  judgeFrame(thread: SampledThread, depth: number, stack: number, callee: number, offset: number, entry: number): number {
    const address = this.fromFrame(thread, depth);
    const judged = this.judge(stack, callee, entry);
    // One that was stopped for it would stay whatever it is.
    if (judged === stack || this.isStopped || this.doubt === 0 || !this.edges.wantsLook(this.doubt)) return judged;
    const callerOffset = thread.offsetOf(address);
    // Twice: in a program that calls all the time one look in ten stays by chance.
    const stayed = this.stillCalls(thread, address, callerOffset, offset) && this.stillCalls(thread, address, callerOffset, offset);
    return this.edges.look(this.doubt, stayed) ? stack : judged;
  }

  /**
   * The same where generators are between: the innermost of them is the caller, which was copied at another moment. It was
   * named by LinkedFrames.push.
   */
  judgeGenerator(stack: number, callee: number, entry: number): number {
    const judged = this.judge(stack, callee, entry);
    return this.isCertain || (!this.isCalledByName(callee) && this.linked.mayEnter(entry)) ? judged : -1;
  }

  /** Whether a frame of the data stack and the one it calls are where the copy has them, read once more. */
  private stillCalls(thread: SampledThread, low: number, callerOffset: number, calleeOffset: number): boolean {
    // In another chunk it does not lie behind its caller.
    if (thread.offsetOf((low + calleeOffset - callerOffset) | 0) !== calleeOffset) return false;
    return this.linked.stillCalls(thread.addressOf(low), callerOffset, calleeOffset);
  }
}
