import { CopyBuffer } from '../../memory/copyBuffer.ts';
import { SpanPlan } from '../../memory/memory.ts';
import type { Interpreter, InterpreterSource } from './interpreters.ts';

const two32 = 2 ** 32;

/**
 * The heads of a process's lists: of its interpreters and of each one's threads. What is new is put at the head
 * (PyThreadState_New, Python/pystate.c).
 */
export class ListHeads {
  private readonly plan = new SpanPlan();
  private copy = new CopyBuffer(256);
  /** What is to be found there, two halves each. */
  private readonly expected: number[] = [];
  private readonly source: InterpreterSource;

  constructor(source: InterpreterSource) {
    this.source = source;
  }

  /** The lists as they were found. @param head of the list of interpreters */
  note(head: number, interpreters: readonly Interpreter[]): void {
    const { plan, expected } = this;
    const { layout, runtimeAddress } = this.source;
    plan.clear();
    expected.length = 0;
    plan.add(runtimeAddress + layout.runtime.interpretersHead, 8);
    expected.push((head % two32) | 0, Math.floor(head / two32) | 0);
    for (const { address, headLow, headHigh } of interpreters) {
      plan.add(address + layout.interpreter.threadsHead, 8);
      expected.push(headLow, headHigh);
    }
    if (this.copy.bytes.length < plan.totalLength) this.copy = new CopyBuffer(2 * plan.totalLength);
  }

  /** The head that `findChange` found. */
  low = 0;
  high = 0;
  private changed = -1;

  /**
   * Reads them.
   * @returns the number of the only interpreter whose list of threads begins with another one now; −1 when that is not what has
   *   changed
   */
  findChange(): number {
    const { plan, copy, expected } = this;
    this.changed = -1;
    if (this.source.memory.readSpans(plan, copy.bytes) < plan.totalLength) return -1;
    for (let i = 0; i < expected.length; i += 2) {
      if (copy.words[i] === expected[i] && copy.words[i + 1] === expected[i + 1]) continue;
      if (i === 0 || this.changed >= 0) return -1;
      this.changed = i;
    }
    if (this.changed < 0) return -1;
    this.low = copy.words[this.changed]!;
    this.high = copy.words[this.changed + 1]!;
    return this.changed / 2 - 1;
  }

  /** What was found is what there is from now on. */
  accept(): void {
    this.expected[this.changed] = this.low;
    this.expected[this.changed + 1] = this.high;
  }

  /** Whether they are as they were, by one read. */
  areUnchanged(): boolean {
    const { plan, copy, expected } = this;
    if (this.source.memory.readSpans(plan, copy.bytes) < plan.totalLength) return false;
    for (let i = 0; i < expected.length; i++) if (copy.words[i] !== expected[i]) return false;
    return true;
  }
}
