import type { RunColumns } from '../../../profile/delta.ts';
import { RunBuffer } from './runBuffer.ts';

/**
 * Collects samples as runs of equal ones per thread. Times in µs since the session's start.
 */
export class RunRecorder extends RunBuffer {
  /** Per thread: its open run in this batch, or −1. */
  private open = new Int32Array(64).fill(-1);

  /** Adds a sample that stands for `weight` µs and `looks` looks at the thread, which used `cpu` µs of CPU meanwhile. */
  record(thread: number, stack: number, flags: number, now: number, weight: number, cpu: number, looks = 1): void {
    if (thread >= this.open.length) this.growThreads(thread);
    const run = this.open[thread]!;
    if (run >= 0 && this.stacks[run] === stack && this.flags[run] === flags) {
      this.counts[run]! += looks;
      this.durations[run]! += weight;
      this.cpu[run]! += cpu;
      return;
    }
    this.open[thread] = this.push(thread, stack, flags, now, weight, cpu, looks);
  }

  /** Adds samples that are as the thread's last one, and used no CPU. @returns false when there is none to add to */
  extend(thread: number, weight: number, looks: number): boolean {
    const run = thread < this.open.length ? this.open[thread]! : -1;
    if (run < 0) return false;
    this.counts[run]! += looks;
    this.durations[run]! += weight;
    return true;
  }

  /** Ends a thread's run: the next sample starts a new one even if it is equal (something lay between). */
  interrupt(thread: number): void {
    if (thread < this.open.length) this.open[thread] = -1;
  }

  /** The runs since the last call, in the order of their starts. */
  override take(): RunColumns {
    this.open.fill(-1);
    return super.take();
  }

  private growThreads(thread: number): void {
    const open = new Int32Array(2 ** Math.ceil(Math.log2(thread + 1))).fill(-1);
    open.set(this.open);
    this.open = open;
  }
}
