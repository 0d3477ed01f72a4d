import { CodeTrait } from '../../cpython/codeObject.ts';
import { type DataStackLayout, FrameOwner } from '../../cpython/layout.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import type { Memory } from '../../memory/memory.ts';
import type { CallerJudge } from '../callers/callerJudge.ts';
import { Entry } from '../callers/namedEdges.ts';
import type { CodeCache } from '../code/codeCache.ts';
import type { StackTrie } from '../tables/stackTrie.ts';
import type { RunningTasks, TaskMemory } from '../tasks/runningTasks.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import { FrameChain, maxLinks } from './frameChain.ts';
import { linkRoom, two32 } from './frameCopies.ts';

/** Ticks for which an iterator that is no generator is left alone: its memory may become one's. */
const iteratorLifetime = 64;

/**
 * Frames outside the data stack: those of generators and coroutines, which live in heap objects, those that are part of their own frame
 * object, and the trampolines that `_PyEval_EvalFrameDefault` puts on the C stack (3.12+) for each entry from C.
 * What recent samples met is copied along with the rest; what is new is read by itself, once.
 *
 * Frames in their own frame objects are made and linked by C code: what Nuitka made of Python, or an extension module
 * (`PyFrame_New`). They run no bytecode, call and are called through C, keep neither a position nor a value stack, and say in
 * their frame object at which line they are.
 */
export class LinkedFrames extends FrameChain implements TaskMemory {
  /** Per place that iterates, hashed: its instruction pointer and the code of the generator met there last, low halves. */
  private readonly usual = new Int32Array(512);

  /**
   * 3.14+: iterators that turned out not to be generators, by low address, and for how many ticks they are not looked
   * at again. Before, only generators suspend who iterates over them.
   */
  private readonly notGenerators = new Int32Array(256);
  private readonly notGeneratorsUntil = new Float64Array(256);

  /** Address of the frame `generatorAt` found, and where in the iterating frame the generator is. */
  private foundLow = 0;
  private foundHigh = 0;
  private foundAt = 0;
  /** The same of the frame that the last `descend` began at. */
  private iteratorLow = 0;
  private iteratorHigh = 0;
  private iteratorAt = 0;

  /** The last `push` left out the frames that follow one which makes no sense, or calls no such function. */
  isCut = false;

  private readonly tasks: RunningTasks | null;
  private readonly generatorFrame: number;

  constructor(memory: Memory, layout: DataStackLayout, codes: CodeCache, tasks: RunningTasks | null) {
    super(memory, layout, codes);
    this.tasks = tasks;
    this.generatorFrame = layout.generator.frame;
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
}
