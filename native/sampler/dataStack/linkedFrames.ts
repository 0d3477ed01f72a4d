import { CodeTrait } from '../../cpython/codeObject.ts';
import { type DataStackLayout, FrameOwner } from '../../cpython/layout.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import { CopyBuffer } from '../../memory/copyBuffer.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';
import type { CallerJudge } from '../callers/callerJudge.ts';
import type { CodeCache } from '../code/codeCache.ts';
import { Entry } from '../callers/namedEdges.ts';
import type { RunningTasks, TaskMemory } from '../tasks/runningTasks.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import type { StackTrie } from '../tables/stackTrie.ts';

const two32 = 2 ** 32;
/** Most frames between two frames of the data stack. */
const maxLinks = 4096;
/** Frames read separately in one walk; where there are more, samples are partial until all are known. */
const maxReads = 256;
/** Most bytes of a separately read frame. */
const linkRoom = 2048;
/** Ticks after which a linked frame that was not met again is no longer copied. */
export const linkLifetime = 64;
/** Ticks for which an iterator that is no generator is left alone: its memory may become one's. */
const iteratorLifetime = 64;
/** The usual size of a thread's C stack. */
const cStackLength = 8 << 20;
/**
 * Most bytes from the start of a frame object to a frame that is a part of it: 48 to 72 where CPython made both (`_f_frame_data`,
 * pycore_frame.h), 72 to 96 in Nuitka's `struct Nuitka_FrameObject`, 16 more in free-threaded builds. The frame object that lies
 * right before a generator is no nearer to the generator's frame than 200: it has a frame's room itself, and a generator's
 * members follow.
 */
const insideFrameObject = 128;
/** Trampolines that are followed to find out that nothing else called them: one, and from 3.15 on `base_frame` behind it. */
const maxTrampolines = 4;
/** Bytes of 3.11's and 3.12's cframe that matter (`_PyCFrame`, Include/cpython/pystate.h). */
const cframeLength = 24;

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
 * Frames outside the data stack: those of generators and coroutines, which live in heap objects, those that are part of their own frame
 * object, and the trampolines that `_PyEval_EvalFrameDefault` puts on the C stack (3.12+) for each entry from C.
 * What recent samples met is copied along with the rest; what is new is read by itself, once.
 *
 * Frames in their own frame objects are made and linked by C code: what Nuitka made of Python, or an extension module
 * (`PyFrame_New`). They run no bytecode, call and are called through C, keep neither a position nor a value stack, and say in
 * their frame object at which line they are.
 */
export class LinkedFrames implements TaskMemory {
  /** The set of linked frames of some thread changed: the plan must be made anew. */
  changed = false;

  words!: Int32Array;
  private bytes!: Uint8Array;
  /** Where separately read frames go: behind the copy. */
  private spare = 0;
  private spareEnd = 0;
  private reads = 0;
  /** Tick of the copy. */
  now = 0;

  /** Per place that iterates, hashed: its instruction pointer and the code of the generator met there last, low halves. */
  private readonly usual = new Int32Array(512);

  // Generator frames found by `chain` and `descend`, innermost first.
  private links = 0;
  /** The last chain began with a generator, not with a trampoline. */
  private beginsWithGenerator = false;
  /** The outermost generator of the last chain or descent was resumed by its caller's own instruction. */
  private endsWithGenerator = false;
  private readonly linkOffsets = new Int32Array(maxLinks);
  /** Their addresses; 0 for those that no task can begin with. */
  private readonly linkLow = new Int32Array(maxLinks);
  private readonly linkHigh = new Int32Array(maxLinks);
  /** Lines of those in their own frame objects, 0 where their position tells; −1 for all others. */
  private readonly linkLine = new Int32Array(maxLinks);
  /** Addresses of the innermost and the outermost one that `chain` found. */
  private innermostLow = 0;
  private innermostHigh = 0;
  private outermostLow = 0;
  private outermostHigh = 0;

  /**
   * 3.14+: iterators that turned out not to be generators, by low address, and for how many ticks they are not looked
   * at again. Before, only generators suspend who iterates over them.
   */
  private readonly notGenerators = new Int32Array(256);
  private readonly notGeneratorsUntil = new Float64Array(256);

  private readonly memory: Memory;
  private readonly tasks: RunningTasks | null;
  private readonly codes: CodeCache;
  private readonly layout: DataStackLayout;
  private readonly hasStackTop: boolean;
  private readonly codeWord: number;
  private readonly previousWord: number;
  private readonly instructionWord: number;
  private readonly stackWord: number;
  private readonly ownerByte: number;
  private readonly localsPlus: number;
  /** −1: there are no copies of bytecode. */
  private readonly copyWord: number;
  private readonly generatorFrame: number;
  private readonly frameObject: number;
  private readonly objectFrame: number;
  private readonly objectLine: number;

  constructor(memory: Memory, layout: DataStackLayout, codes: CodeCache, tasks: RunningTasks | null) {
    this.memory = memory;
    this.tasks = tasks;
    this.layout = layout;
    this.codes = codes;
    const { frame } = layout;
    this.hasStackTop = frame.stackTop >= 0;
    this.codeWord = frame.code >> 2;
    this.previousWord = frame.previous >> 2;
    this.instructionWord = frame.instruction >> 2;
    this.stackWord = (this.hasStackTop ? frame.stackTop : frame.stackPointer) >> 2;
    this.ownerByte = frame.owner;
    this.localsPlus = frame.localsPlus;
    this.copyWord = frame.bytecodeCopy === undefined ? -1 : frame.bytecodeCopy >> 2;
    this.generatorFrame = layout.generator.frame;
    this.frameObject = frame.object;
    this.objectFrame = layout.frameObject.frame;
    this.objectLine = layout.frameObject.line;
    this.lookCopy = new CopyBuffer(3 * this.localsPlus + 2 * insideFrameObject + 32);
  }

  /** The copy that is looked at: `words` and `bytes` are views of the same memory; `spare` bytes on are free. */
  use(words: Int32Array, bytes: Uint8Array, spare: number, now: number): void {
    this.words = words;
    this.bytes = bytes;
    this.spare = spare;
    this.spareEnd = bytes.length;
    this.now = now;
  }

  /** A walk begins: it may make its share of separate reads. */
  begin(): void {
    this.reads = 0;
    this.links = 0;
  }

  /**
   * Index of the code unit a frame is at; −1 when its instruction pointer lies outside its code.
   * @param copy of the code's bytecode that it runs (CodeCache.instructionsOfCopy)
   */
  unitOf(code: number, instruction: number, copy: number): number {
    const first = copy === 0 ? this.codes.instructionsLow[code]! : this.codes.instructionsOfCopy(code, copy);
    if (first === 0) return -1;
    const distance = (instruction - first) | 0;
    if (distance < 0) return this.hasStackTop && distance >= -2 ? 0 : -1; // prev_instr of a frame that has not begun
    const unit = distance >> 1;
    return unit < this.codes.unitCount[code]! ? unit : -1;
  }

  /** Offset of the copied pointer to the thread's current frame, −1 when it can't be read. */
  hintOffset(thread: SampledThread): number {
    const { threadState } = this.layout;
    if (threadState.currentFrame >= 0) return thread.stateOffset + threadState.currentFrame;
    return this.hintBehind(thread, (thread.stateOffset + threadState.cframe) >> 2);
  }

  /** The thread state itself says which frame is the current one (3.13+). */
  get hasCurrentFrame(): boolean {
    return this.layout.threadState.currentFrame >= 0;
  }

  /** The same as `hintOffset`, of the evaluation that called the one of a hint (`_PyCFrame.previous`, Include/cpython/pystate.h). */
  outerHint(thread: SampledThread, hint: number): number {
    return this.hintBehind(thread, (hint + 8) >> 2);
  }

  /** @param at word of the copy that holds a pointer to a `_PyCFrame` */
  private hintBehind(thread: SampledThread, at: number): number {
    const { cframeCurrentFrame } = this.layout;
    const low = this.words[at]!;
    const high = this.words[at + 1]!;
    if ((low | high) === 0 || (low & 7) !== 0 || high < 0 || high > 0x7fff) return -1;
    const known = thread.findLinked(low, high);
    if (known >= 0) {
      thread.linkedUsed[known] = this.now;
      return thread.linkedOffsets[known]! + cframeCurrentFrame;
    }
    const offset = this.readApart(low, high, cframeLength);
    if (offset < 0) return -1;
    thread.addLinked(low, high, cframeLength, offset, this.now);
    this.changed = true;
    return offset + cframeCurrentFrame;
  }

  /** Whether a frame on the data stack, read once more, is where the copy at `frameOffset` has it. */
  isStill(address: number, frameOffset: number): boolean {
    const offset = this.spare;
    if (offset + this.localsPlus > this.spareEnd || !this.memory.read(address, this.bytes, offset, this.localsPlus)) return false;
    return this.isWhere(this.words, offset, frameOffset);
  }

  /**
   * The same of a frame that iterates, and of the generator which the last `descend` found on its value stack: that was copied at
   * another moment, so that in its place there may have been another one when the frame was.
   */
  stillIterates(address: number, frameOffset: number): boolean {
    const { lookPlan: plan, lookCopy, localsPlus, words, codeWord } = this;
    plan.clear();
    plan.add(address, localsPlus);
    const value = plan.add(address + this.iteratorAt, 8) >> 2;
    const generator = plan.add((this.iteratorLow >>> 0) + (this.iteratorHigh >>> 0) * two32, localsPlus) >> 2;
    if (this.memory.readSpans(plan, lookCopy.bytes) < plan.totalLength) return false;
    const now = lookCopy.words;
    const then = (frameOffset + this.iteratorAt) >> 2;
    const found = (this.linkOffsets[this.links - 1]! >> 2) + codeWord;
    return (
      this.isWhere(now, 0, frameOffset) &&
      now[value] === words[then] &&
      now[value + 1] === words[then + 1] &&
      now[generator + codeWord] === words[found]
    );
  }

  /** Whether a frame that was read again is where its copy at `frameOffset` was. */
  private isWhere(again: Int32Array, offset: number, frameOffset: number): boolean {
    const now = offset >> 2;
    const then = frameOffset >> 2;
    const { words, instructionWord, stackWord } = this;
    return again[now + instructionWord] === words[then + instructionWord] && again[now + stackWord] === words[then + stackWord];
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
  private isSameLink(offset: number, before: number, link: number): boolean {
    const { words } = this.lookCopy;
    if (!this.isSameIn(words, offset + before, link)) return false;
    const line = this.linkLine[0]!;
    if (line >= 0) return Math.max(0, words[(offset + this.objectLine) >> 2]!) === line;
    return words[((offset + before) >> 2) + this.instructionWord] === this.words[(link >> 2) + this.instructionWord];
  }

  /** Whether a frame in other memory runs the same code for the same caller as one in the copy. */
  private isSameIn(others: Int32Array, offset: number, link: number): boolean {
    const { words, codeWord, previousWord } = this;
    return (
      others[(offset >> 2) + codeWord] === words[(link >> 2) + codeWord] &&
      others[(offset >> 2) + previousWord] === words[(link >> 2) + previousWord]
    );
  }

  /** Whether two copies of a frame run the same code for the same caller. */
  private isSame(one: number, other: number): boolean {
    const { words, codeWord, previousWord } = this;
    return (
      words[(one >> 2) + codeWord] === words[(other >> 2) + codeWord] &&
      words[(one >> 2) + previousWord] === words[(other >> 2) + previousWord]
    );
  }

  /** Copies memory to behind the copy. @returns its offset, or −1 */
  private readApart(low: number, high: number, length: number): number {
    const offset = this.spare;
    if (this.reads === maxReads || offset + length > this.spareEnd) return -1;
    this.reads++;
    if (!this.memory.read((low >>> 0) + (high >>> 0) * two32, this.bytes, offset, length)) return -1;
    this.spare = offset + ((length + 7) & ~7);
    return offset;
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

  /**
   * The line of a frame that is part of its own frame object, and no generator's, whatever it says of its owner: Nuitka calls its frames
   * a generator's, so that CPython leaves them alone.
   * @returns −1: it is not; 0: its position tells
   */
  lineOf(thread: SampledThread, offset: number, low: number, high: number): number {
    const at = (offset + this.frameObject) >> 2;
    const objectLow = this.words[at]!;
    const objectHigh = this.words[at + 1]!;
    const distance = (low - objectLow) | 0;
    if (distance <= 0 || distance > insideFrameObject || objectHigh !== (low >>> 0 < distance ? high - 1 : high)) return -1;
    const object = this.objectMemory(thread, objectLow, objectHigh, (this.objectLine + 8) & ~7);
    if (object < 0) return -1;
    const frame = (object + this.objectFrame) >> 2;
    if (this.words[frame] !== low || this.words[frame + 1] !== high) return -1;
    thread.lastRootFrames = this.now;
    return Math.max(0, this.words[(object + this.objectLine) >> 2]!);
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

  /** Where in the target the pointer to the thread's current frame is, which `hintOffset` found in the copy. */
  private hintAddress(thread: SampledThread): number {
    const { threadState, cframeCurrentFrame } = this.layout;
    if (threadState.currentFrame >= 0) return thread.address + threadState.currentFrame;
    const at = (thread.stateOffset + threadState.cframe) >> 2;
    return (this.words[at]! >>> 0) + (this.words[at + 1]! >>> 0) * two32 + cframeCurrentFrame;
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

  private kindOf(offset: number): number {
    const code = this.codeAt(offset);
    const unit = code === 0 ? -1 : this.unitAt(offset, code);
    return unit < 0 ? 0 : this.codes.kindOfUnit[this.codes.unitBase[code]! + unit]!;
  }

  /**
   * Finds the generators a frame suspended at FOR_ITER or SEND is running: the iterator lies on top of
   * its value stack. Unlike a generator's `previous`, which is reset when it yields, this holds
   * however short the generator's activation was.
   * @returns how many were found; they are left in `links`, innermost first
   */
  descend(thread: SampledThread, frameOffset: number, address: number, code: number): number {
    // 3.14+ may have the value to send on top of it.
    const first = this.layout.frame.iteratorDepth;
    const last = this.hasStackTop ? first : first + 1;
    let count = 0;
    let room = this.codes.frameLength[code]!;
    while (count < maxLinks) {
      let offset = -1;
      for (let depth = first; depth <= last && offset < 0; depth++) offset = this.generatorAt(thread, frameOffset, address, room, depth);
      if (offset < 0) break;
      if (count === 0) {
        this.iteratorAt = this.foundAt;
        this.iteratorLow = this.foundLow;
        this.iteratorHigh = this.foundHigh;
      }
      const found = this.codeAt(offset);
      const unit = found === 0 ? -1 : this.unitAt(offset, found);
      if (unit < 0) break;
      this.linkOffsets[count] = offset;
      this.linkLow[count] = 0;
      this.linkLine[count] = -1;
      count++;
      const kind = this.codes.kindOfUnit[this.codes.unitBase[found]! + unit]!;
      if ((kind & InstructionKind.Iterates) === 0 || !this.isSuspended(offset)) break;
      frameOffset = offset;
      address = this.foundLow;
      room = Math.min(this.codes.frameLength[found]!, linkRoom);
    }
    for (let i = 0; i < count >> 1; i++) {
      const offset = this.linkOffsets[i]!;
      this.linkOffsets[i] = this.linkOffsets[count - 1 - i]!;
      this.linkOffsets[count - 1 - i] = offset;
    }
    this.links = count;
    this.endsWithGenerator = true;
    if (count > 0) thread.lastGenerator = this.now;
    return count;
  }

  /**
   * Whether the generator `descend` found runs the same code as the last one at this place. One that does not may have
   * taken the place of a generator that ended while the copy was made.
   * @param instruction position of the frame that iterates, low half
   */
  isUsual(instruction: number): boolean {
    const slot = (Math.imul(instruction, 0x9e3779b1) >>> 24) << 1;
    const code = this.words[(this.linkOffsets[this.links - 1]! >> 2) + this.codeWord]!;
    return this.usual[slot] === instruction && this.usual[slot + 1] === code;
  }

  /** From now on that is what is usual there. */
  makeUsual(instruction: number): void {
    const slot = (Math.imul(instruction, 0x9e3779b1) >>> 24) << 1;
    this.usual[slot] = instruction;
    this.usual[slot + 1] = this.words[(this.linkOffsets[this.links - 1]! >> 2) + this.codeWord]!;
  }

  /** Address of the frame `generatorAt` found, and where in the iterating frame the generator is. */
  private foundLow = 0;
  private foundHigh = 0;
  private foundAt = 0;
  /** The same of the frame that the last `descend` began at. */
  private iteratorLow = 0;
  private iteratorHigh = 0;
  private iteratorAt = 0;
  private readonly lookPlan = new SpanPlan();
  private readonly lookCopy: CopyBuffer;

  /**
   * Offset of the copy of the frame of the generator that lies `depth` values from the top of a suspended
   * frame's value stack.
   * @returns −1 when there is none
   */
  private generatorAt(thread: SampledThread, frameOffset: number, address: number, room: number, depth: number): number {
    const { words } = this;
    const at = (frameOffset >> 2) + this.stackWord;
    // An int counts the values in use from localsplus on; a pointer leads behind the topmost one.
    const top = this.hasStackTop ? this.localsPlus + 8 * words[at]! : (words[at]! - address) | 0;
    const distance = top - 8 * depth;
    if (distance < this.localsPlus || distance + 8 > room || (distance & 7) !== 0) return -1;
    const value = (frameOffset + distance) >> 2;
    if (value + 1 >= words.length) return -1;
    const low = words[value]! & ~3;
    const slot = (low >>> 4) & 255;
    if (low === 0 || (this.notGenerators[slot] === low && this.now < this.notGeneratorsUntil[slot]!)) return -1;
    const frameLow = (low + this.generatorFrame) | 0;
    const frameHigh = words[value + 1]! + (frameLow >>> 0 < low >>> 0 ? 1 : 0);
    const offset = this.linkedFrame(thread, frameLow, frameHigh);
    if (offset >= 0 && this.bytes[offset + this.ownerByte] === FrameOwner.Generator) {
      this.foundLow = frameLow;
      this.foundHigh = frameHigh;
      this.foundAt = distance;
      return offset;
    }
    if (!this.hasStackTop) {
      this.notGenerators[slot] = low;
      this.notGeneratorsUntil[slot] = this.now + iteratorLifetime;
    }
    return -1;
  }

  /**
   * Offset of the copy of a frame outside the data stack. One that was not copied is read by itself now
   * and copied along from the next sample on.
   * @returns −1 when it can't be read
   */
  linkedFrame(thread: SampledThread, low: number, high: number): number {
    if ((low & 7) !== 0 || high < 0 || high > 0x7fff) return -1;
    const known = thread.findLinked(low, high);
    if (known >= 0) {
      thread.linkedUsed[known] = this.now;
      return thread.linkedOffsets[known]!;
    }
    const offset = this.readApart(low, high, this.localsPlus);
    if (offset < 0) return -1;
    const owner = this.bytes[offset + this.ownerByte]!;
    let length = this.localsPlus;
    if (owner === FrameOwner.Generator) {
      const code = this.codeAt(offset);
      if (code === 0) return -1;
      // Once more, whole: its value stack tells what it iterates over.
      const whole = Math.min(this.codes.frameLength[code]!, linkRoom);
      const address = (low >>> 0) + (high >>> 0) * two32;
      if (offset + whole <= this.spareEnd && this.memory.read(address, this.bytes, offset, whole)) {
        length = whole;
        this.spare = offset + ((whole + 7) & ~7);
      }
    } else if (!isTrampoline(owner) && this.lineOf(thread, offset, low, high) < 0) {
      return offset;
    }
    thread.addLinked(low, high, length, offset, this.now);
    this.changed = true;
    return offset;
  }

  private unitAt(offset: number, code: number): number {
    const at = offset >> 2;
    return this.unitOf(code, this.words[at + this.instructionWord]!, this.copyAt(offset));
  }

  /** Number of the copy of its code's bytecode that the frame at an offset runs. */
  private copyAt(offset: number): number {
    return this.copyWord < 0 ? 0 : this.words[(offset >> 2) + this.copyWord]!;
  }

  private codeAt(offset: number): number {
    const at = (offset >> 2) + this.codeWord;
    const low = this.hasStackTop ? this.words[at]! : this.words[at]! & ~3;
    return low === 0 ? 0 : this.codes.find(low, this.words[at + 1]!);
  }

  private isSuspended(offset: number): boolean {
    const at = (offset >> 2) + this.stackWord;
    return this.hasStackTop ? this.words[at]! >= 0 : (this.words[at]! | this.words[at + 1]!) !== 0;
  }

  /** The last `push` left out the frames that follow one which makes no sense, or calls no such function. */
  isCut = false;

  /**
   * The judge has been told who resumed the outermost of them, and knows the innermost one afterwards.
   * @returns `stack` with the frames of `links` on top
   */
  push(trie: StackTrie, stack: number, thread: SampledThread, judge: CallerJudge): number {
    this.isCut = true;
    for (let i = this.links - 1; i >= 0; i--) {
      const offset = this.linkOffsets[i]!;
      const line = this.linkLine[i]!;
      const code = this.codeAt(offset);
      const unit = code === 0 ? -1 : line > 0 ? 0 : this.unitAt(offset, code);
      if (unit < 0) return stack;
      const isResumed = line < 0 && (i === this.links - 1 ? this.endsWithGenerator : this.linkLow[i] === 0);
      const judged = judge.judge(stack, code, isResumed ? Entry.Resumed : Entry.ThroughC);
      // Each was copied at a moment of its own.
      if (judged < 0 || (i < this.links - 1 && !judge.isCertain && judge.isCalledByName(code))) return stack;
      const below = this.withTask(thread, trie, judged, offset, this.linkLow[i]!, this.linkHigh[i]!);
      const copy = this.copyAt(offset);
      // What its bytecode calls, if it has any, is not what it does.
      if (line < 0) judge.from(code, unit, below, copy);
      else judge.believe();
      stack = trie.child(below, line > 0 ? this.codes.frameAt(code, line) : this.codes.frame(code, unit, copy));
    }
    this.isCut = false;
    return stack;
  }

  /**
   * @param line of a frame in its own frame object that says so (lineOf); 0 or less: its position tells
   * @returns `stack` with the frame at an offset on top, or −1 when that makes no sense; hidden frames leave it as it is
   */
  pushFrame(trie: StackTrie, stack: number, offset: number, line: number): number {
    const code = this.codeAt(offset);
    if (code === 0) return -1;
    if (line > 0) return trie.child(stack, this.codes.frameAt(code, line));
    const unit = this.unitAt(offset, code);
    if (unit < 0) return -1;
    return (this.codes.traits[code]! & CodeTrait.Hidden) === 0
      ? trie.child(stack, this.codes.frame(code, unit, this.copyAt(offset)))
      : stack;
  }

  /**
   * The stack, with the asyncio task on top that the frame at an offset is the coroutine of, if it is.
   * @param low low half of the frame's address; 0 where no task can begin
   */
  withTask(thread: SampledThread, trie: StackTrie, stack: number, offset: number, low: number, high: number): number {
    if (this.tasks === null || low === 0) return stack;
    const code = this.codeAt(offset);
    if (code === 0 || (this.codes.traits[code]! & CodeTrait.Coroutine) === 0) return stack;
    const task = this.tasks.frameOf(thread, low, high, this, this.now);
    return task < 0 ? stack : trie.child(stack, task);
  }

  taskMemory(thread: SampledThread, low: number, high: number, length: number): number {
    return this.objectMemory(thread, low, high, length);
  }

  /** Offset of the copy of an object's memory, which is copied along from now on; −1 when it can't be read. */
  private objectMemory(thread: SampledThread, low: number, high: number, length: number): number {
    if ((low & 7) !== 0 || high < 0 || high > 0x7fff) return -1;
    // Behind the reference count, which nobody needs: so it is never taken for a frame, which begins at a multiple of 8.
    const start = low + 4;
    const known = thread.findLinked(start, high);
    if (known >= 0 && thread.linkedLengths[known]! >= length - 4) {
      thread.linkedUsed[known] = this.now;
      return thread.linkedOffsets[known]! - 4;
    }
    const offset = this.readApart(start, high, length - 4);
    if (offset < 0) return -1;
    this.changed = true;
    if (known >= 0) {
      thread.linkedLengths[known] = length - 4;
      thread.linkedOffsets[known] = offset;
    } else {
      thread.addLinked(start, high, length - 4, offset, this.now);
    }
    return offset - 4;
  }

  /** Whether an address is probably one of the thread's C stack: near the last trampoline met there. */
  onCStack(thread: SampledThread, low: number, high: number): boolean {
    return high === thread.trampolineHigh && Math.abs((low - thread.trampolineLow) | 0) < cStackLength;
  }

  onDataStack(thread: SampledThread, low: number, high: number): boolean {
    for (let i = 0; i < thread.chunkCount; i++) {
      const distance = (low - thread.chunkLow[i]!) | 0;
      if (high === thread.chunkHigh[i] && distance >= 0 && distance < Math.max(thread.chunkLengths[i]!, 16384)) return true;
    }
    return false;
  }
}

/** FRAME_OWNED_BY_CSTACK or FRAME_OWNED_BY_INTERPRETER (enum _frameowner, pycore_frame.h): 3 to 3.13, then 4 and 3. */
function isTrampoline(owner: number): boolean {
  return owner === 3 || owner === 4;
}
