import type { RunColumns } from '../../profile/delta.ts';
import { grown } from './grown.ts';

/**
 * Collects samples as runs of equal ones per thread. Times in µs since the session's start.
 */
export class RunRecorder {
  private capacity = 1024;
  private length = 0;
  private threads = new Uint32Array(this.capacity);
  private stacks = new Uint32Array(this.capacity);
  private starts = new Float64Array(this.capacity);
  private durations = new Float64Array(this.capacity);
  private counts = new Uint32Array(this.capacity);
  private cpu = new Float64Array(this.capacity);
  private flags = new Uint8Array(this.capacity);
  /** Per thread: its open run in this batch, or −1. */
  private open = new Int32Array(64).fill(-1);

  /** Adds a sample that stands for `weight` µs and `looks` looks at the thread, which used `cpu` µs of CPU meanwhile. */
  record(thread: number, stack: number, flags: number, now: number, weight: number, cpu: number, looks = 1): void {
    if (thread >= this.open.length) this.growThreads(thread);
    let run = this.open[thread]!;
    if (run >= 0 && this.stacks[run] === stack && this.flags[run] === flags) {
      this.counts[run]! += looks;
      this.durations[run]! += weight;
      this.cpu[run]! += cpu;
      return;
    }
    if (this.length === this.capacity) this.growRuns();
    run = this.length++;
    this.threads[run] = thread;
    this.stacks[run] = stack;
    this.starts[run] = now;
    this.durations[run] = weight;
    this.counts[run] = looks;
    this.cpu[run] = cpu;
    this.flags[run] = flags;
    this.open[thread] = run;
  }

  /** Ends a thread's run: the next sample starts a new one even if it is equal (something lay between). */
  interrupt(thread: number): void {
    if (thread < this.open.length) this.open[thread] = -1;
  }

  /** The runs since the last call, in the order of their starts. */
  take(): RunColumns {
    const { length } = this;
    this.length = 0;
    this.open.fill(-1);
    return {
      threads: this.threads.slice(0, length),
      stacks: this.stacks.slice(0, length),
      starts: this.starts.slice(0, length),
      durations: this.durations.slice(0, length),
      counts: this.counts.slice(0, length),
      cpu: this.cpu.slice(0, length),
      flags: this.flags.slice(0, length),
    };
  }

  private growRuns(): void {
    this.capacity *= 2;
    this.threads = grown(this.threads, new Uint32Array(this.capacity));
    this.stacks = grown(this.stacks, new Uint32Array(this.capacity));
    this.starts = grown(this.starts, new Float64Array(this.capacity));
    this.durations = grown(this.durations, new Float64Array(this.capacity));
    this.counts = grown(this.counts, new Uint32Array(this.capacity));
    this.cpu = grown(this.cpu, new Float64Array(this.capacity));
    this.flags = grown(this.flags, new Uint8Array(this.capacity));
  }

  private growThreads(thread: number): void {
    const open = new Int32Array(2 ** Math.ceil(Math.log2(thread + 1))).fill(-1);
    open.set(this.open);
    this.open = open;
  }
}
