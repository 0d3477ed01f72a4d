import type { RunColumns } from '../../../profile/delta.ts';
import { grown } from './grown.ts';

/** Runs of samples in growable columns, until they are taken. Times in µs since the session's start; columns as RunColumns has them. */
export class RunBuffer {
  length = 0;
  protected capacity = 1024;
  protected threads = new Uint32Array(this.capacity);
  protected stacks = new Uint32Array(this.capacity);
  protected starts = new Float64Array(this.capacity);
  protected durations = new Float64Array(this.capacity);
  protected counts = new Uint32Array(this.capacity);
  protected cpu = new Float64Array(this.capacity);
  protected flags = new Uint8Array(this.capacity);

  /** The runs since the last call, in the order in which they were added. */
  take(): RunColumns {
    const { length } = this;
    this.length = 0;
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

  /** @returns its number */
  protected push(thread: number, stack: number, flags: number, now: number, weight: number, cpu: number, looks: number): number {
    if (this.length === this.capacity) this.grow();
    const run = this.length++;
    this.threads[run] = thread;
    this.stacks[run] = stack;
    this.starts[run] = now;
    this.durations[run] = weight;
    this.counts[run] = looks;
    this.cpu[run] = cpu;
    this.flags[run] = flags;
    return run;
  }

  private grow(): void {
    this.capacity *= 2;
    this.threads = grown(this.threads, new Uint32Array(this.capacity));
    this.stacks = grown(this.stacks, new Uint32Array(this.capacity));
    this.starts = grown(this.starts, new Float64Array(this.capacity));
    this.durations = grown(this.durations, new Float64Array(this.capacity));
    this.counts = grown(this.counts, new Uint32Array(this.capacity));
    this.cpu = grown(this.cpu, new Float64Array(this.capacity));
    this.flags = grown(this.flags, new Uint8Array(this.capacity));
  }
}
