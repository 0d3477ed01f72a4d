import type { Layout } from '../../cpython/layout.ts';
import type { SpanPlan } from '../../memory/memory.ts';
import type { InterpreterSource } from '../threads/interpreters.ts';
import type { SampledThread } from '../threads/sampledThread.ts';

/**
 * Tells which threads may have run while a copy was made, by the GIL (to 3.11 there is one) before and after all else: who
 * does not hold it does not run Python, and its stack is copied as it is.
 */
export class GilWatch {
  private readonly address: number;
  private readonly length: number;
  /** Words of the copied span: the last or only holder, whether it still holds it, number of switches; −1: not told (to 3.6). */
  private readonly lockedWord: number;
  private readonly switchWord: number;
  private beforeOffset = -1;
  private afterOffset = -1;

  constructor({
    layout,
    runtimeAddress,
    currentThreadAddress,
  }: Pick<InterpreterSource, 'runtimeAddress' | 'currentThreadAddress'> & { layout: Layout }) {
    const { gil, runtime } = layout;
    const isTold = runtime.gil >= 0;
    this.address = isTold ? runtimeAddress + runtime.gil + gil.lastHolder : currentThreadAddress;
    this.length = isTold ? gil.switchNumber + 8 - gil.lastHolder : 8;
    this.lockedWord = isTold ? (gil.locked - gil.lastHolder) >> 2 : -1;
    this.switchWord = isTold ? (gil.switchNumber - gil.lastHolder) >> 2 : -1;
  }

  planBefore(plan: SpanPlan): void {
    this.beforeOffset = this.address === 0 ? -1 : plan.add(this.address, this.length);
    this.afterOffset = -1;
  }

  planAfter(plan: SpanPlan): void {
    this.afterOffset = this.address === 0 ? -1 : plan.add(this.address, this.length);
  }

  /**
   * Whether a thread may have run between the two looks of a copy. One that took and released the GIL between them without
   * any other taking it goes unnoticed: that takes two system calls of the target within the few microseconds of a copy.
   */
  mayHaveRun(words: Int32Array, { addressLow, addressHigh }: SampledThread): boolean {
    const before = this.beforeOffset >> 2;
    const after = this.afterOffset >> 2;
    if (this.afterOffset < 0) return true;
    if (this.lockedWord < 0) {
      const isFree = (at: number): boolean => words[at] !== addressLow || words[at + 1] !== addressHigh;
      return !isFree(before) || !isFree(after);
    }
    // Someone else took it, and this thread may have had it in between.
    if (words[before + this.switchWord] !== words[after + this.switchWord]) return true;
    if (words[before] !== addressLow || words[before + 1] !== addressHigh) return false;
    return words[before + this.lockedWord] !== 0 || words[after + this.lockedWord] !== 0;
  }
}
