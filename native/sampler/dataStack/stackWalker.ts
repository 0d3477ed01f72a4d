import { CodeTrait } from '../../cpython/codeObject.ts';
import { type DataStackLayout, FrameOwner, threadAttached } from '../../cpython/layout.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import type { CopyBuffer } from '../../memory/copyBuffer.ts';
import type { Memory, SpanPlan } from '../../memory/memory.ts';
import type { FoundEvaluations } from '../../unwind/evaluationList.ts';
import { CallerJudge } from '../callers/callerJudge.ts';
import type { CodeCache } from '../code/codeCache.ts';
import { DataStackPlanner } from './dataStackPlanner.ts';
import { ExactWalk } from './exactWalk.ts';
import { InnermostGenerators } from './innermostGenerators.ts';
import { ChainFailure } from './frameChain.ts';
import { LinkedFrames } from './linkedFrames.ts';
import { Entry } from '../callers/namedEdges.ts';
import { RootFrames } from './rootFrames.ts';
import type { RunningTasks } from '../tasks/runningTasks.ts';
import { frameStride, FrameWord, type SampledThread } from '../threads/sampledThread.ts';
import type { StackTrie } from '../tables/stackTrie.ts';
import { UnchangedFrames } from './unchangedFrames.ts';
import { noStack, type Walker } from '../threads/walker.ts';

/** What `walk` returns when it has no stack. */
const WalkFailure = {
  /** The thread uses another data stack than was copied: locate it again. */
  OtherChunks: noStack,
  /** The data stack outgrew what was copied: `wanted` bytes of the newest chunk are needed. */
  Outgrown: noStack - 1,
  /** The outermost frame makes no sense. */
  Unreadable: noStack - 2,
} as const;

// More bits of a remembered frame's kind, beside InstructionKind's.
/** The frame has been pushed, but its first instruction has not begun. */
const notBegun = 4;
/** Its function is a generator or coroutine. */
const ofGenerator = 8;
const maxDepth = 1 << 20;
/** Fresh looks at one thread whose memory was not where it was expected. */
const maxAttempts = 4;

/**
 * Turns the copy of one thread's memory into a stack: a forward parse of the data stack from its
 * bottom. Nothing is trusted but one contiguous copy; the thread state's pointers, copied a
 * fraction of a microsecond later, are hints. docs/sampling.md derives each rule.
 *
 * 3.11–3.13 keep an int `stacktop` in each frame: −1 while the frame executes (or calls C), its stack
 * depth while it is suspended in a Python call made without C. A popped frame stays as it was.
 * 3.14+ keep a pointer: NULL while the frame executes bytecode, set while it calls anything. A popped
 * frame's code is NULLed, unless it became a generator.
 */
export class StackWalker implements Walker {
  partial = false;
  readonly spareLength = 128 * 1024;
  /** Of the last walk that returned Outgrown. */
  private wanted = 0;
  private words!: Int32Array;
  private bytes!: Uint8Array;
  private copy!: CopyBuffer;
  private length = 0;
  private tick = 0;
  private readonly planner: DataStackPlanner;
  /** Frames outside the data stack. */
  private readonly linked: LinkedFrames;
  private readonly exactWalk: ExactWalk;
  private readonly judge: CallerJudge;
  private readonly generators: InnermostGenerators;
  private readonly roots: RootFrames;
  private readonly unchanged: UnchangedFrames;
  private readonly codes: CodeCache;
  private readonly trie: StackTrie;
  private readonly layout: DataStackLayout;
  private readonly hasStackTop: boolean;
  private readonly leavesFirst: boolean;
  private readonly notBegunUnit: number;
  private readonly codeWord: number;
  private readonly previousWord: number;
  private readonly instructionWord: number;
  private readonly stackWord: number;
  private readonly ownerByte: number;
  private readonly isEntryByte: number;
  private readonly localsPlus: number;
  /** −1: there are no copies of bytecode. */
  private readonly copyWord: number;
  /** −1: not known. */
  private readonly attachedWord: number;

  /** @param tasks marks the frames of asyncio tasks; null: they are not asked for */
  constructor(memory: Memory, layout: DataStackLayout, codes: CodeCache, trie: StackTrie, tasks: RunningTasks | null = null) {
    this.planner = new DataStackPlanner(memory, layout, tasks);
    this.linked = new LinkedFrames(memory, layout, codes, tasks);
    this.exactWalk = new ExactWalk(this.linked, trie, layout);
    this.judge = new CallerJudge(codes, trie, this.linked, layout);
    this.generators = new InnermostGenerators(this.linked, this.judge, trie, layout);
    this.roots = new RootFrames(this.linked, this.judge, trie, layout);
    this.unchanged = new UnchangedFrames(layout);
    this.layout = layout;
    this.codes = codes;
    this.trie = trie;
    const { frame } = layout;
    this.hasStackTop = frame.stackTop >= 0;
    this.leavesFirst = layout.instructions.leaveFirst;
    this.notBegunUnit = layout.frame.notBegunUnit;
    this.codeWord = frame.code >> 2;
    this.previousWord = frame.previous >> 2;
    this.instructionWord = frame.instruction >> 2;
    this.stackWord = (this.hasStackTop ? frame.stackTop : frame.stackPointer) >> 2;
    this.ownerByte = frame.owner;
    this.isEntryByte = frame.isEntry;
    this.localsPlus = frame.localsPlus;
    this.copyWord = frame.bytecodeCopy === undefined ? -1 : frame.bytecodeCopy >> 2;
    this.attachedWord = layout.threadState.attached === undefined ? -1 : layout.threadState.attached >> 2;
  }

  get evaluations(): FoundEvaluations | null {
    return this.exactWalk.evaluations;
  }

  set evaluations(evaluations: FoundEvaluations | null) {
    this.exactWalk.evaluations = evaluations;
  }

  get planChanged(): boolean {
    return this.linked.changed;
  }

  set planChanged(changed: boolean) {
    this.linked.changed = changed;
  }

  plan(plan: SpanPlan, threads: readonly SampledThread[]): void {
    this.planner.plan(plan, threads);
  }

  copyEnded(): void {
    // Each thread's memory is located again when it is walked alone.
  }

  use(copy: CopyBuffer, length: number, tick: number): void {
    this.copy = copy;
    this.length = length;
    this.tick = tick;
    this.words = copy.words;
    this.bytes = copy.bytes;
    this.linked.use(copy.words, copy.bytes, length, tick);
    this.unchanged.use(copy.words, copy.bytes);
  }

  walkAlone(thread: SampledThread, failure: number): number {
    const { planner, copy, length } = this;
    let stack = failure;
    this.linked.changed = true;
    for (let attempt = 0; attempt < maxAttempts && stack < 0; attempt++) {
      if (stack === WalkFailure.Outgrown ? !thread.growTopChunk(this.wanted) : !planner.locate(thread)) continue;
      const read = planner.readAlone(thread, this.spareLength);
      if (read < 0) {
        stack = WalkFailure.OtherChunks;
        continue;
      }
      this.use(planner.aloneCopy, read, this.tick);
      stack = this.walk(thread);
    }
    this.use(copy, length, this.tick);
    return stack;
  }

  tidy(threads: readonly SampledThread[], tick: number): void {
    if (this.planner.tidy(threads, tick)) this.linked.changed = true;
  }

  housekeeping(): void {
    // Nothing is remembered here that a sample does not see to.
  }

  /**
   * The stack of a thread whose memory was copied according to its plan.
   * @returns a stack of the trie (0: no Python frame), or a WalkFailure
   */
  walk(thread: SampledThread): number {
    const { words, bytes, codes, layout } = this;
    this.partial = false;
    this.exactWalk.evaluations?.clear();
    this.linked.begin();
    const stateWord = thread.stateOffset >> 2;
    if (this.attachedWord >= 0) thread.isAttached = words[stateWord + this.attachedWord] === threadAttached;
    this.judge.begin(thread, thread.isStill);
    const chunkWord = stateWord + (layout.threadState.dataStackChunk >> 2);
    const last = thread.chunkCount - 1;
    if (last < 0) {
      if (words[chunkWord] === 0 && words[chunkWord + 1] === 0) return this.finish(thread, 0, 0, 0, 0, 0, 0, false);
      return WalkFailure.OtherChunks;
    }
    if (words[chunkWord] !== thread.chunkLow[last] || words[chunkWord + 1] !== thread.chunkHigh[last]) return WalkFailure.OtherChunks;
    const used = (words[stateWord + (layout.threadState.dataStackTop >> 2)]! - thread.chunkLow[last]!) | 0;
    if (used > thread.chunkLengths[last]!) {
      this.wanted = used;
      return WalkFailure.Outgrown;
    }

    if (thread.isStill) {
      const exactly = this.walkExactly(thread);
      if (exactly >= 0) return exactly;
      this.exactWalk.evaluations?.clear();
    }
    const { hasStackTop, codeWord, previousWord, instructionWord, ownerByte, isEntryByte } = this;
    const remembered = thread.depth;
    thread.depth = 0;
    // The bottom chunk's first word stays unused, push_chunk() in Python/pystate.c
    const bottom = layout.chunk.data + 8;
    let root = 0;
    if (bottom < (last === 0 ? used : thread.chunkLengths[0]!) && !this.roots.areNone(thread, thread.chunkOffsets[0]! + bottom)) {
      root = this.roots.below(thread, thread.chunkOffsets[0]! + bottom, thread.chunkAddresses[0]! + bottom);
      if (this.roots.partial) {
        this.partial = true;
        return 0; // what is further in would hang in the air
      }
    }
    if (root !== thread.rootStack) thread.still.forget();
    thread.rootStack = root;
    let frames = thread.frames;
    let depth = 0;
    let stack = root;
    let below = 0; // the stack without the current frame
    let code = 0;
    let kind = 0;
    let frameOffset = 0;
    let address = 0;
    let suspended = false;
    let ended = false;
    /** The current frame was entered from C: only the thread state's later copy says that it is alive. */
    let fromC = false;
    /** An Entry: how the current frame was entered. */
    let entry: number = Entry.Direct;
    /** The frame below is as it was in the last sample. */
    let isKnown = true;
    /** There are generators between it and the frame below. */
    let throughLinks = false;
    /** The current frame is dead after all. */
    let dropped = false;
    let chunk = 0;
    let resumed = 0; // where in its chunk the walk begins, behind frames that are still
    let unchangedDepth = 0;
    let unchangedEnd = 0;
    let unchangedChunk = 0;
    if (thread.still.depth > 0) {
      if (this.unchanged.canResume(thread, remembered)) {
        depth = thread.still.depth;
        chunk = thread.still.chunk;
        stack = frames[(depth - 1) * frameStride + FrameWord.Stack]!;
        resumed = thread.chunkOffsets[0]! + thread.still.length;
      } else {
        thread.still.forget();
      }
    }

    for (; chunk <= last && !ended; chunk++) {
      const chunkOffset = thread.chunkOffsets[chunk]!;
      const chunkLow = thread.chunkLow[chunk]!;
      const header = chunkOffset >> 2;
      const previousChunkLow = chunk === 0 ? 0 : thread.chunkLow[chunk - 1]!;
      if (words[header] !== previousChunkLow) return WalkFailure.OtherChunks;
      const copyEnd = chunkOffset + thread.chunkLengths[chunk]!;
      const limit = copyEnd - this.localsPlus;
      const liveEnd = chunk === last ? chunkOffset + used : copyEnd;
      let offset = resumed > 0 ? resumed : chunkOffset + (chunk === 0 ? bottom : layout.chunk.data);
      resumed = 0;
      if (offset >= liveEnd) continue;
      if (depth < remembered) {
        const skipped = this.unchanged.skip(thread, depth, remembered, root, offset, limit, chunkLow - chunkOffset);
        if (skipped > depth) {
          depth = skipped;
          offset = this.unchanged.end;
          stack = frames[(depth - 1) * frameStride + FrameWord.Stack]!;
          unchangedDepth = depth;
          unchangedEnd = offset;
          unchangedChunk = chunk;
        }
      }
      for (;;) {
        if (offset > limit) break;
        const at = offset >> 2;
        const here = (chunkLow + (offset - chunkOffset)) | 0;
        const codeLow = words[at + codeWord]!;
        const codeHigh = words[at + codeWord + 1]!;
        const instruction = words[at + instructionWord]!;
        const slot = depth * frameStride;
        below = stack;
        if (
          depth < remembered &&
          frames[slot + FrameWord.Instruction] === instruction &&
          frames[slot + FrameWord.CodeLow] === codeLow &&
          frames[slot + FrameWord.CodeHigh] === codeHigh &&
          frames[slot + FrameWord.Below] === below
        ) {
          stack = frames[slot + FrameWord.Stack]!;
          code = frames[slot + FrameWord.Code]!;
          kind = frames[slot + FrameWord.Kind]!;
          isKnown = true;
        } else {
          const found = hasStackTop ? codes.find(codeLow, codeHigh) : (codeLow & ~3) === 0 ? 0 : codes.find(codeLow & ~3, codeHigh);
          const copy = this.copyWord < 0 ? 0 : words[at + this.copyWord]!;
          const unit = found === 0 ? -1 : this.linked.unitOf(found, instruction, copy);
          if (unit < 0) {
            // 3.14+: a dead frame, so the one below is the innermost. Before: memory that makes no sense.
            if (depth === 0)
              return !hasStackTop && (codeLow & ~3) === 0 ? this.finish(thread, 0, 0, 0, 0, 0, 0, false) : WalkFailure.Unreadable;
            // A frame that is just being pushed has its code but still the position of the one before it.
            this.partial = found === 0 && (hasStackTop || (codeLow & ~3) !== 0) && offset < liveEnd;
            ended = true;
            break;
          }
          const isSameCall =
            isKnown &&
            depth < remembered &&
            !throughLinks &&
            frames[slot + FrameWord.CodeLow] === codeLow &&
            frames[slot + FrameWord.Below] === below;
          isKnown = false;
          if (depth > 0 && !isSameCall && (codes.traits[found]! & CodeTrait.Hidden) === 0) {
            below = throughLinks
              ? this.judge.judgeGenerator(stack, found, entry)
              : this.judge.judgeFrame(thread, depth, stack, found, offset, entry);
            if (below < 0) {
              this.partial = true;
              ended = true;
              break;
            }
            stack = below;
          }
          code = found;
          kind = codes.kindOfUnit[codes.unitBase[found]! + unit]!;
          // The trampoline around __init__ stays at its first instruction while it is suspended.
          if ((codes.traits[found]! & CodeTrait.Hidden) === 0 && this.hasNotBegun(found, instruction, copy)) kind |= notBegun;
          if ((codes.traits[found]! & CodeTrait.Generator) !== 0) kind |= ofGenerator;
          if ((codes.traits[found]! & CodeTrait.Hidden) === 0) stack = this.trie.child(stack, codes.frame(found, unit, copy));
          if (slot + frameStride > frames.length) {
            thread.growFrames();
            frames = thread.frames;
          }
          frames[slot + FrameWord.CodeLow] = codeLow;
          frames[slot + FrameWord.CodeHigh] = codeHigh;
          frames[slot + FrameWord.Instruction] = instruction;
          frames[slot + FrameWord.Stack] = stack;
          frames[slot + FrameWord.Code] = found;
          frames[slot + FrameWord.Kind] = kind;
          frames[slot + FrameWord.Below] = below;
          frames[slot + FrameWord.Length] = codes.frameLength[found]!;
          frames[slot + FrameWord.Unit] = unit;
          frames[slot + FrameWord.Copy] = copy;
        }
        frames[slot + FrameWord.Address] = here;
        depth++;
        frameOffset = offset;
        address = here;
        suspended = this.isSuspended(offset);
        if (depth >= maxDepth) return WalkFailure.Unreadable;
        // 3.12+ names the caller as the current frame before it clears this one (RETURN_VALUE, Python/bytecodes.c), so that the
        // time is the caller's. Before, one that has returned to C looks like this while it lies there still.
        const isLeaving =
          suspended &&
          (kind & InstructionKind.Leaves) !== 0 &&
          ((this.leavesFirst && (kind & InstructionKind.Watched) === 0) || (fromC && hasStackTop));

        if ((kind & ofGenerator) !== 0 && suspended) {
          // A generator function's frame leaves the data stack when it begins (RETURN_GENERATOR copies it to
          // the heap and pops it without a trace): unless it is executing it is dead.
          dropped = true;
          ended = true;
          break;
        }
        const next = offset + codes.frameLength[code]!;
        if (chunk < last ? next >= liveEnd : next > limit) {
          if (chunk === last) {
            dropped = isLeaving;
            ended = true;
          }
          break;
        }
        const above = next >> 2;
        const previousLow = words[above + previousWord]!;
        const ownedByThread = bytes[next + ownerByte] === FrameOwner.Thread;
        if (!ownedByThread) {
          dropped = isLeaving;
          ended = true;
          break;
        }
        const direct = previousLow === here;
        // The trampoline around __init__ is called like it.
        if ((codes.traits[code]! & CodeTrait.Hidden) === 0) {
          entry = Entry.Direct;
          throughLinks = false;
        }
        if (hasStackTop) {
          if (suspended) {
            if (direct && (kind & (InstructionKind.Leaves | InstructionKind.Iterates | InstructionKind.CallsNothing | notBegun)) === 0) {
              fromC = false;
              offset = next;
              continue;
            }
            if (next >= liveEnd || (isEntryByte >= 0 ? direct && bytes[next + isEntryByte] === 0 : direct)) {
              // Returning, not begun or in a generator: what lies above is dead. One at an instruction that calls
              // nothing executed that when its position was copied, and made a call before its `stacktop` was.
              dropped = isLeaving;
              ended = true;
              break;
            }
          } else if (next >= liveEnd || (direct && (isEntryByte < 0 || bytes[next + isEntryByte] === 0))) {
            ended = true; // executing, and what lies above was not entered from C
            break;
          }
        } else {
          if (
            !suspended ||
            (words[above + codeWord]! & ~3) === 0 ||
            (direct && (kind & (InstructionKind.Leaves | InstructionKind.Iterates | InstructionKind.CallsNothing | notBegun)) !== 0)
          ) {
            dropped = isLeaving;
            ended = true;
            break;
          }
          if (direct) {
            offset = next;
            continue;
          }
        }
        entry = Entry.ThroughC;
        // Entered through C or through generators: their frames lie between this one and the next.
        if (!direct) {
          const previousHigh = words[above + previousWord + 1]!;
          const found = this.linked.chain(thread, previousLow, previousHigh, here);
          if (found > 0) {
            // What C code linked is judged by no names: it called what lies above if that, read once more, is the same call still.
            const isAnother = this.linked.beginsInFrameObject
              ? this.judge.mayMove && !this.linked.isSameCall(thread, thread.chunkAddresses[chunk]! + (next - chunkOffset), next)
              : this.linked.awaitsAnother();
            if (!isAnother) {
              this.judge.fromFrame(thread, depth);
              stack = this.linked.push(this.trie, stack, thread, this.judge);
            }
            if (isAnother || this.linked.isCut) {
              this.partial = true;
              ended = true;
              break;
            }
            throughLinks = true;
            entry = this.linked.entryAbove(isEntryByte >= 0 && bytes[next + isEntryByte] !== 0);
          } else if (found < 0) {
            const caller = depth > 1 ? frames[(depth - 2) * frameStride + FrameWord.Address]! : 0;
            const throughGenerators = this.linked.metGenerators;
            if ((kind & InstructionKind.Leaves) !== 0 && this.linked.chain(thread, previousLow, previousHigh, caller) >= 0) {
              stack = below; // it is being cleared, and destructors of what it held run on its caller
            } else if (
              !hasStackTop ||
              suspended ||
              found === ChainFailure.Unlinked ||
              throughGenerators ||
              this.generators.areRunning(thread) ||
              !this.linked.onCStack(thread, previousLow, previousHigh)
            ) {
              // What lies above is dead or not begun, or the generators between can't be read any more.
              this.partial =
                next < liveEnd &&
                (throughGenerators || (found === ChainFailure.Broken && this.generators.mayHaveEnded(thread, previousLow, previousHigh))) &&
                !(hasStackTop && suspended);
              dropped = isLeaving;
              ended = true;
              break;
            } // else the C stack has been used anew since the data stack was copied, which says nothing against the frame where no generators run
          }
        }
        fromC = true;
        offset = next;
      }
    }

    if (dropped) {
      // And with it go the generators that were pushed between it and the frame below: what runs now, the hint tells.
      depth--;
      if (depth === 0) return this.finish(thread, 0, 0, 0, 0, 0, 0, false);
      const under = (depth - 1) * frameStride;
      stack = frames[under + FrameWord.Stack]!;
      code = frames[under + FrameWord.Code]!;
      kind = frames[under + FrameWord.Kind]!;
      address = frames[under + FrameWord.Address]!;
      frameOffset = thread.offsetOf(address);
      suspended = this.isSuspended(frameOffset);
    }
    if (unchangedDepth > 0) thread.still.note(unchangedDepth, unchangedChunk, unchangedEnd, bytes, thread.chunkOffsets[0]!);
    return this.finish(thread, stack, depth, code, kind, frameOffset, address, suspended);
  }

  private walkExactly(thread: SampledThread): number {
    thread.depth = 0;
    thread.still.forget();
    const bottom = thread.chunkOffsets[0]! + this.layout.chunk.data + 8;
    const stack = this.exactWalk.walk(thread, this.words, this.bytes, bottom);
    this.partial = this.exactWalk.partial;
    return stack;
  }

  /** Adds generator frames on top of the innermost frame of the data stack, and remembers the sample's depth. */
  private finish(
    thread: SampledThread,
    stack: number,
    depth: number,
    code: number,
    kind: number,
    frameOffset: number,
    address: number,
    suspended: boolean,
  ): number {
    thread.depth = depth;
    const result = this.generators.push(thread, stack, depth, code, kind, frameOffset, address, suspended);
    if (this.generators.partial) this.partial = true;
    return result;
  }

  private isSuspended(frameOffset: number): boolean {
    const at = (frameOffset >> 2) + this.stackWord;
    return this.hasStackTop ? this.words[at]! >= 0 : (this.words[at]! | this.words[at + 1]!) !== 0;
  }

  private hasNotBegun(code: number, instruction: number, copy: number): boolean {
    const first = copy === 0 ? this.codes.instructionsLow[code]! : this.codes.instructionsOfCopy(code, copy);
    return ((instruction - first) | 0) <= this.notBegunUnit;
  }
}
