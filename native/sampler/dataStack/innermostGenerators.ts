import type { DataStackLayout } from '../../cpython/layout.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import type { CallerJudge } from '../callers/callerJudge.ts';
import { ChainFailure } from './frameChain.ts';
import { linkLifetime } from './frameCopies.ts';
import type { LinkedFrames } from './linkedFrames.ts';
import { frameStride, FrameWord, type SampledThread } from '../threads/sampledThread.ts';
import type { StackTrie } from '../tables/stackTrie.ts';

/**
 * The generators that run above the innermost frame of the data stack: those that it iterates over lie on its value stack, those
 * that C resumed are known by the thread state's hint alone. Both were copied at other moments than that frame,
 * which is therefore read once more where it matters (docs/sampling.md).
 */
export class InnermostGenerators {
  /** Of the last `push`: generators were running that could not be read. */
  partial = false;
  private readonly linked: LinkedFrames;
  private readonly judge: CallerJudge;
  private readonly trie: StackTrie;
  private readonly hasStackTop: boolean;
  private readonly instructionWord: number;

  constructor(linked: LinkedFrames, judge: CallerJudge, trie: StackTrie, { frame }: DataStackLayout) {
    this.linked = linked;
    this.judge = judge;
    this.trie = trie;
    this.hasStackTop = frame.stackTop >= 0;
    this.instructionWord = frame.instruction >> 2;
  }

  /**
   * @param stack ends in the innermost frame of the data stack; 0: there is none
   * @param depth number of frames of the data stack, which the thread remembers; of the innermost one:
   * @param code its number
   * @param kind InstructionKind of its instruction
   * @param frameOffset where in the copy it is
   * @param address low half of its address
   * @param suspended whether it is
   * @returns `stack` with the frames of generators on top
   */
  push(
    thread: SampledThread,
    stack: number,
    depth: number,
    code: number,
    kind: number,
    frameOffset: number,
    address: number,
    suspended: boolean,
  ): number {
    this.partial = false;
    this.judge.none();
    if (depth > 0) {
      // Generators above the last frame are part of the stack already, or that frame is not: it is being cleared.
      if (stack !== thread.frames[(depth - 1) * frameStride + FrameWord.Stack]) return stack;
      this.judge.fromFrame(thread, depth);
    }
    const { words } = this.linked;
    if (depth > 0 && suspended && (kind & InstructionKind.Iterates) !== 0) {
      const found = this.linked.descend(thread, frameOffset, address, code);
      if (found > 0) {
        const instruction = words[(frameOffset >> 2) + this.instructionWord]!;
        if (this.linked.isUsual(instruction)) return this.pushed(stack, thread);
        if (this.stillIterates(thread, address, frameOffset)) {
          this.linked.makeUsual(instruction);
          return this.pushed(stack, thread);
        }
        this.partial = true;
        return stack;
      }
      if (this.hasStackTop) {
        this.partial = true; // suspended in a generator that can't be read
        return stack;
      }
    }
    // Where nothing is on the data stack, compiled functions may have been running, whatever does now.
    const mayBeCompiled = depth === 0 && this.judge.mayMove && this.linked.now - thread.lastRootFrames < linkLifetime;
    // Generators resumed by C (next(), list(), an event loop) are known only by the thread state's hint.
    const canCallC = depth === 0 || (this.hasStackTop ? !suspended : suspended);
    if (!canCallC) return stack;
    const hint = this.linked.hintOffset(thread);
    this.partial = mayBeCompiled;
    if (hint < 0) return stack;
    const low = words[hint >> 2]!;
    const high = words[(hint >> 2) + 1]!;
    if ((low | high) === 0 || (depth > 0 && low === address) || this.linked.onDataStack(thread, low, high)) return stack;
    const found = this.linked.chain(thread, low, high, depth > 0 ? address : 0);
    if (
      found > 0 &&
      (depth === 0 ? this.linked.isOutermost(thread, hint, !this.judge.mayMove) : this.isStill(thread, address, frameOffset))
    ) {
      this.partial = false;
      return this.pushed(stack, thread);
    }
    // Later than the copy of the data stack, the hint or what it led to was no frame any more: another moment's C stack, or
    // a generator's end. It matters where generators run.
    if (found > 0 || (found === ChainFailure.Broken && this.areRunning(thread))) this.partial = true;
    return stack;
  }

  /** Whether a link that leads to no frame may have led to one a moment ago: else it is what former frames of other sizes left. */
  mayHaveEnded(thread: SampledThread, low: number, high: number): boolean {
    return this.areRunning(thread) || this.linked.onCStack(thread, low, high);
  }

  /** Whether the thread runs generators: one was met in a recent sample. */
  areRunning(thread: SampledThread): boolean {
    return this.linked.now - thread.lastGenerator < linkLifetime;
  }

  private isStill(thread: SampledThread, low: number, frameOffset: number): boolean {
    const address = thread.addressOf(low);
    return address !== 0 && this.linked.isStill(address, frameOffset);
  }

  private stillIterates(thread: SampledThread, low: number, frameOffset: number): boolean {
    const address = thread.addressOf(low);
    return address !== 0 && this.linked.stillIterates(address, frameOffset);
  }

  private pushed(stack: number, thread: SampledThread): number {
    const result = this.linked.push(this.trie, stack, thread, this.judge);
    if (this.linked.isCut) this.partial = true;
    return result;
  }
}
