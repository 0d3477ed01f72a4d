import { type DataStackLayout, FrameOwner } from '../../cpython/layout.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import { CopyBuffer } from '../../memory/copyBuffer.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';
import { Entry } from '../callers/namedEdges.ts';
import type { CodeCache } from '../code/codeCache.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import { FrameCopies, insideFrameObject, isTrampoline, maxReads, two32 } from './frameCopies.ts';

/** Most frames between two frames of the data stack. */
export const maxLinks = 4096;
/** Trampolines that are followed to find out that nothing else called them: one, and from 3.15 on `base_frame` behind it. */
const maxTrampolines = 4;

/** Why `chain` did not arrive. */
export const ChainFailure = {
  /** Something on the way can't be read, or makes no sense. */
  Broken: -1,
  /** The chain comes back to the data stack elsewhere than expected. */
  OffStack: -2,
  /** The frame has no previous one yet: it is just being pushed. */
  Unlinked: -3,
} as const;

/**
 * Chains of frames outside the data stack, by what each of them says is the previous one, and whether what was met on the way still
 * holds when it is read once more.
 */
export abstract class FrameChain extends FrameCopies {
  // Frames found by `chain`, or by who follows what iterates, innermost first.
  protected links = 0;
  /** The last chain began with a generator, not with a trampoline. */
  protected beginsWithGenerator = false;
  /** The outermost generator of the last chain or descent was resumed by its caller's own instruction. */
  protected endsWithGenerator = false;
  protected readonly linkOffsets = new Int32Array(maxLinks);
  /** Their addresses; 0 for those that no task can begin with. */
  protected readonly linkLow = new Int32Array(maxLinks);
  protected readonly linkHigh = new Int32Array(maxLinks);
  /** Lines of those in their own frame objects, 0 where their position tells; −1 for all others. */
  protected readonly linkLine = new Int32Array(maxLinks);
  /** Addresses of the innermost and the outermost one that `chain` found. */
  protected innermostLow = 0;
  protected innermostHigh = 0;
  protected outermostLow = 0;
  protected outermostHigh = 0;
  protected readonly lookPlan = new SpanPlan();
  protected readonly lookCopy: CopyBuffer;

  constructor(memory: Memory, layout: DataStackLayout, codes: CodeCache) {
    super(memory, layout, codes);
    this.lookCopy = new CopyBuffer(3 * this.localsPlus + 2 * insideFrameObject + 32);
  }

  override begin(): void {
    super.begin();
    this.links = 0;
  }

  /**
   * Follows `previous` from a frame outside the data stack to the frame at `end` (low half), or with 0 to its end, through
   * frames on the heap and trampolines on the C stack. The frames are left in `links`, innermost first.
   * @returns how many there are, or why the chain can't be followed
   */
  chain(thread: SampledThread, low: number, high: number, end: number): number {
    this.links = 0;
    this.beginsWithGenerator = false;
    let isDirect = false;
    for (let step = 0; step < maxLinks; step++) {
      this.endsWithGenerator = isDirect;
      if (low === end && end !== 0) return this.links;
      if ((low | high) === 0) return end === 0 ? this.links : step === 0 ? ChainFailure.Unlinked : ChainFailure.Broken;
      if (this.onDataStack(thread, low, high)) return ChainFailure.OffStack;
      const offset = this.linkedFrame(thread, low, high);
      if (offset < 0) return ChainFailure.Broken;
      const owner = this.bytes[offset + this.ownerByte]!;
      const at = (offset >> 2) + this.previousWord;
      if (isTrampoline(owner)) {
        isDirect = false;
        thread.trampolineLow = low;
        thread.trampolineHigh = high;
      } else {
        const line = this.lineOf(thread, offset, low, high);
        const isGenerator = line < 0;
        if (isGenerator && owner !== FrameOwner.Generator) return ChainFailure.Broken;
        if (isGenerator && isDirect) this.linkLow[this.links - 1] = 0; // awaited by this one
        isDirect = isGenerator;
        if (step === 0) this.beginsWithGenerator = isGenerator;
        this.linkLow[this.links] = isGenerator ? low : 0;
        this.linkHigh[this.links] = high;
        this.linkLine[this.links] = line;
        this.linkOffsets[this.links++] = offset;
        if (this.links === 1) {
          this.innermostLow = low;
          this.innermostHigh = high;
        }
        this.outermostLow = low;
        this.outermostHigh = high;
        thread.lastGenerator = this.now;
      }
      low = this.words[at]!;
      high = this.words[at + 1]!;
    }
    return ChainFailure.Broken;
  }

  /**
   * An Entry: how the frame above the last chain was entered from the innermost generator.
   * @param isEntry 3.11, which has no trampolines: what that frame says itself
   */
  entryAbove(isEntry: boolean): number {
    return this.beginsWithGenerator && !isEntry ? Entry.Direct : Entry.ThroughC;
  }

  /** There is no chain. */
  forgetLinks(): void {
    this.links = 0;
  }

  /** Whether a chain of `previous` leads through trampolines alone to its end. What is met is not copied along from now on. */
  endsInTrampolines(thread: SampledThread, low: number, high: number): boolean {
    const { spare } = this;
    for (let step = 0; step < maxTrampolines && (low | high) !== 0; step++) {
      if ((low & 7) !== 0 || high < 0 || high > 0x7fff) break;
      const known = thread.findLinked(low, high);
      const offset = known >= 0 ? thread.linkedOffsets[known]! : this.readApart(low, high, this.localsPlus);
      if (offset < 0 || !isTrampoline(this.bytes[offset + this.ownerByte]!)) break;
      const at = (offset >> 2) + this.previousWord;
      low = this.words[at]!;
      high = this.words[at + 1]!;
    }
    this.spare = spare;
    return (low | high) === 0;
  }

  /** The innermost frame of the last chain is one in its own frame object. */
  get beginsInFrameObject(): boolean {
    return this.links > 0 && this.linkLine[0]! >= 0;
  }

  /**
   * Whether the last chain, from the thread's current frame to the outermost of those in their own frame objects, really ends
   * there: such a frame that was popped meanwhile has lost its caller. It does where the last one did that was sure; else the
   * thread state's pointer and that frame are read once more, in one call.
   * @param isSure the thread does not move
   */
  isOutermost(thread: SampledThread, hint: number, isSure: boolean): boolean {
    const { outermostLow: low, outermostHigh: high, lookPlan: plan, lookCopy, words } = this;
    if (this.isKnownRoot(thread)) return true;
    if (!isSure) {
      plan.clear();
      const pointer = plan.add(this.hintAddress(thread), 8) >> 2;
      const previous = (plan.add((low >>> 0) + (high >>> 0) * two32, this.localsPlus) >> 2) + this.previousWord;
      if (this.memory.readSpans(plan, lookCopy.bytes) < plan.totalLength) return false;
      const now = lookCopy.words;
      if (now[pointer] !== words[hint >> 2] || now[pointer + 1] !== words[(hint >> 2) + 1] || (now[previous]! | now[previous + 1]!) !== 0)
        return false;
    }
    thread.rootLow = low;
    thread.rootHigh = high;
    return true;
  }

  /**
   * Whether the outermost frame of the last chain is none in its own frame object, or the one of these that was the outermost one
   * before.
   */
  isKnownRoot(thread: SampledThread): boolean {
    return this.linkLine[this.links - 1]! < 0 || (thread.rootLow === this.outermostLow && thread.rootHigh === this.outermostHigh);
  }

  /** Whether the last chain came by generators, wherever it ended. */
  get metGenerators(): boolean {
    return this.links > 0;
  }

  /**
   * Whether the innermost generator that `chain` found says, a moment after the frame above was copied, that it runs another
   * generator: so it is not that frame's caller, but has taken its caller's place in memory, or moved on.
   */
  awaitsAnother(): boolean {
    const offset = this.linkOffsets[0]!;
    // 3.14+ also suspends who calls C, for instance an iterator written in C.
    if (!this.isSuspended(offset) || !(this.hasStackTop || this.beginsWithGenerator)) return false;
    return (this.kindOf(offset) & InstructionKind.Iterates) !== 0;
  }

  /** Whether that generator may have entered the frame above the chain: it calls something, by itself or through C. */
  mayEnter(entry: number): boolean {
    const offset = this.linkOffsets[0]!;
    if (this.isSuspended(offset) !== (entry === Entry.Direct || !this.hasStackTop)) return false;
    return (
      entry !== Entry.Direct ||
      (this.kindOf(offset) & (InstructionKind.Leaves | InstructionKind.Iterates | InstructionKind.CallsNothing)) === 0
    );
  }

  /** Whether a frame on the data stack, read once more, is where the copy at `frameOffset` has it. */
  isStill(address: number, frameOffset: number): boolean {
    const offset = this.spare;
    if (offset + this.localsPlus > this.spareEnd || !this.memory.read(address, this.bytes, offset, this.localsPlus)) return false;
    return this.isWhere(this.words, offset, frameOffset);
  }

  /**
   * Whether a frame on the data stack and the one it calls, read once more, are where the copy has them.
   * @param address of the caller
   * @param callerOffset, calleeOffset of their copies, one behind the other in memory
   */
  stillCalls(address: number, callerOffset: number, calleeOffset: number): boolean {
    const offset = this.spare;
    const distance = calleeOffset - callerOffset;
    const length = distance + this.localsPlus;
    if (this.reads === maxReads || offset + length > this.spareEnd) return false;
    this.reads++;
    if (!this.memory.read(address, this.bytes, offset, length)) return false;
    return (
      this.isSame(callerOffset, offset) &&
      this.words[(callerOffset >> 2) + this.instructionWord] === this.words[(offset >> 2) + this.instructionWord] &&
      this.isSame(calleeOffset, offset + distance)
    );
  }

  /**
   * Whether a frame of the data stack, read once more, runs the same code for the same caller as in the copy at an offset,
   * wherever it has come to: those that called it have not moved then, and what was read of them in between is right. A frame
   * that was popped looks as it did: so it has to lie below the top of the data stack. And in a program that does nothing but
   * call the next one is soon there: so the innermost frame of the last chain has to be what it was, both right before that and
   * right after it.
   */
  isSameCall(thread: SampledThread, address: number, frameOffset: number): boolean {
    const { lookPlan: plan, lookCopy, localsPlus, links } = this;
    if (this.reads === maxReads) return false;
    this.reads++;
    const link = links > 0 ? this.linkOffsets[0]! : -1;
    // With the frame object that it may be part of.
    const before = links > 0 && this.linkLine[0]! >= 0 ? (this.innermostLow - this.words[(link + this.frameObject) >> 2]!) | 0 : 0;
    const linkAddress = (this.innermostLow >>> 0) + (this.innermostHigh >>> 0) * two32 - before;
    plan.clear();
    const first = links > 0 ? plan.add(linkAddress, before + localsPlus) : 0;
    const top = plan.add(thread.address + this.layout.threadState.dataStackChunk, 16) >> 2;
    const frame = plan.add(address, localsPlus);
    const last = links > 0 ? plan.add(linkAddress, before + localsPlus) : 0;
    if (this.memory.readSpans(plan, lookCopy.bytes) < plan.totalLength || !this.isSameIn(lookCopy.words, frame, frameOffset)) return false;
    if (!thread.isBelow(address, lookCopy.words[top]!, lookCopy.words[top + 2]!)) return false;
    return links === 0 || (this.isSameLink(first, before, link) && this.isSameLink(last, before, link));
  }

  /** Whether the innermost frame of the last chain is in `lookCopy`, `before` bytes behind an offset, what it is in the copy. */
  protected isSameLink(offset: number, before: number, link: number): boolean {
    const { words } = this.lookCopy;
    if (!this.isSameIn(words, offset + before, link)) return false;
    const line = this.linkLine[0]!;
    if (line >= 0) return Math.max(0, words[(offset + this.objectLine) >> 2]!) === line;
    return words[((offset + before) >> 2) + this.instructionWord] === this.words[(link >> 2) + this.instructionWord];
  }

  /** Whether a frame in other memory runs the same code for the same caller as one in the copy. */
  protected isSameIn(others: Int32Array, offset: number, link: number): boolean {
    const { words, codeWord, previousWord } = this;
    return (
      others[(offset >> 2) + codeWord] === words[(link >> 2) + codeWord] &&
      others[(offset >> 2) + previousWord] === words[(link >> 2) + previousWord]
    );
  }
}
