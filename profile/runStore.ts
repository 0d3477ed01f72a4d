import type { RunColumns } from './delta.ts';
import { hash } from './pairTable.ts';

/** Runs kept before they are merged: at 37 bytes each, 148 MB. */
export const DEFAULT_MAX_RUNS = 4_000_000;

/** µs; the first quantum runs are merged in. */
const FIRST_QUANTUM = 1000;

/** The quantum doubles when the store is full, and then grows by this until enough is merged: each step is a pass over all runs. */
const FURTHER_GROWTH = 4;

/**
 * The runs of a profile in growable columns; only the first `length` entries mean something, and the
 * columns are replaced when they grow. Meaning of the columns: RunColumns in delta.ts.
 *
 * The store is bounded. When it is full, runs of one thread with the same stack and flags that start
 * in the same quantum of time become one run, and the quantum grows until half of the room is free.
 * Time resolution falls, no sum of durations, counts or CPU changes. Only distinct (thread, stack,
 * flags), which no quantum can merge, may take the store beyond its bound.
 */
export class RunStore implements RunColumns {
  threads = new Uint32Array(0);
  stacks = new Uint32Array(0);
  starts = new Float64Array(0);
  durations = new Float64Array(0);
  counts = new Uint32Array(0);
  cpu = new Float64Array(0);
  flags = new Uint8Array(0);
  length = 0;
  /** µs; 0 while runs are as they were recorded. */
  quantum = 0;
  /** How often runs were merged. After that, indices of runs mean something else. */
  mergings = 0;
  #limit: number;

  constructor(limit: number = DEFAULT_MAX_RUNS) {
    this.#limit = Math.max(2, Math.floor(limit));
  }

  /** Adds runs, merging whenever the store is full. */
  append(runs: RunColumns): void {
    let from = 0;
    // Merging happens at run numbers, not at deltas, so the outcome doesn't depend on how runs are cut into deltas.
    while (runs.stacks.length - from > this.#limit - this.length) {
      const to = from + this.#limit - this.length;
      this.#copy(runs, from, to);
      this.#merge();
      from = to;
    }
    this.#copy(runs, from, runs.stacks.length);
  }

  #copy(runs: RunColumns, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.stacks.length) this.#resize(Math.max(length, Math.min(this.#limit, Math.max(1024, this.stacks.length * 2))));
    this.threads.set(runs.threads.subarray(from, to), this.length);
    this.stacks.set(runs.stacks.subarray(from, to), this.length);
    this.starts.set(runs.starts.subarray(from, to), this.length);
    this.durations.set(runs.durations.subarray(from, to), this.length);
    this.counts.set(runs.counts.subarray(from, to), this.length);
    this.cpu.set(runs.cpu.subarray(from, to), this.length);
    this.flags.set(runs.flags.subarray(from, to), this.length);
    this.length = length;
  }

  #resize(capacity: number): void {
    this.threads = resized(new Uint32Array(capacity), this.threads, this.length);
    this.stacks = resized(new Uint32Array(capacity), this.stacks, this.length);
    this.starts = resized(new Float64Array(capacity), this.starts, this.length);
    this.durations = resized(new Float64Array(capacity), this.durations, this.length);
    this.counts = resized(new Uint32Array(capacity), this.counts, this.length);
    this.cpu = resized(new Float64Array(capacity), this.cpu, this.length);
    this.flags = resized(new Uint8Array(capacity), this.flags, this.length);
  }

  #merge(): void {
    this.mergings++;
    let end = 0;
    for (let i = 0; i < this.length; i++) end = Math.max(end, this.starts[i]!);
    let growth = 2;
    do {
      this.quantum = Math.max(FIRST_QUANTUM, this.quantum * growth);
      growth = FURTHER_GROWTH;
      this.#mergeWithin(this.quantum);
    } while (this.length > this.#limit / 2 && this.quantum <= end);
    // Nothing left to merge: all runs are distinct. Go on with more room rather than merge in vain at every run.
    if (this.length > this.#limit / 2) this.#limit = this.length * 2;
  }

  /** Merges in place: the run written never lies behind the one read. */
  #mergeWithin(quantum: number): void {
    const { threads, stacks, starts, durations, counts, cpu, flags } = this;
    // Open addressing over the runs written for the latest quantum, those from `first` on. Entries below
    // `first` are leftovers of earlier quanta and count as free, so nothing has to be cleared.
    let slots = new Int32Array(1024).fill(-1);
    let latest = -1;
    let first = 0;
    let written = 0;
    for (let i = 0; i < this.length; i++) {
      const thread = threads[i]!;
      const stack = stacks[i]!;
      const flag = flags[i]!;
      const start = starts[i]!;
      const at = Math.floor(start / quantum);
      if (at > latest) {
        latest = at;
        first = written;
      }
      let slot = hash(stack, thread * 256 + flag) & (slots.length - 1);
      let run = slots[slot]!;
      while (
        run >= first &&
        (stacks[run] !== stack ||
          threads[run] !== thread ||
          flags[run] !== flag ||
          Math.floor(starts[run]! / quantum) !== at || // a thread's run may come after a later one of another thread
          counts[run]! + counts[i]! > 0xffff_ffff)
      ) {
        slot = (slot + 1) & (slots.length - 1);
        run = slots[slot]!;
      }
      if (run >= first) {
        starts[run] = Math.min(starts[run]!, start);
        durations[run]! += durations[i]!;
        counts[run]! += counts[i]!;
        cpu[run]! += cpu[i]!;
        continue;
      }
      threads[written] = thread;
      stacks[written] = stack;
      starts[written] = start;
      durations[written] = durations[i]!;
      counts[written] = counts[i]!;
      cpu[written] = cpu[i]!;
      flags[written] = flag;
      slots[slot] = written++;
      if (written - first > slots.length / 2) slots = this.#rehashed(slots.length * 2, first, written);
    }
    this.length = written;
  }

  #rehashed(size: number, first: number, end: number): Int32Array<ArrayBuffer> {
    const slots = new Int32Array(size).fill(-1);
    for (let run = first; run < end; run++) {
      let slot = hash(this.stacks[run]!, this.threads[run]! * 256 + this.flags[run]!) & (size - 1);
      while (slots[slot]! >= 0) slot = (slot + 1) & (size - 1);
      slots[slot] = run;
    }
    return slots;
  }
}

function resized<T extends Uint32Array | Float64Array | Uint8Array>(to: T, from: T, length: number): T {
  to.set(from.subarray(0, length));
  return to;
}
