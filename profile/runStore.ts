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
  threads: Uint32Array = new Uint32Array(0);
  stacks: Uint32Array = new Uint32Array(0);
  starts: Float64Array = new Float64Array(0);
  durations: Float64Array = new Float64Array(0);
  counts: Uint32Array = new Uint32Array(0);
  cpu: Float64Array = new Float64Array(0);
  flags: Uint8Array = new Uint8Array(0);
  length = 0;
  /** µs; 0 while runs are as they were recorded. */
  quantum: number;
  /** How often runs were merged. After that, indices of runs mean something else. */
  mergings = 0;
  #limit: number;

  /** @param quantum µs in which runs were merged before, for instance those of a file */
  constructor(limit: number = DEFAULT_MAX_RUNS, quantum = 0) {
    this.#limit = Math.max(2, Math.floor(limit));
    this.quantum = quantum;
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

  /** Makes room for as many runs, or as many as are kept, at once rather than as they come. */
  reserve(length: number): void {
    const capacity = Math.min(this.#limit, length);
    if (capacity > this.stacks.length) this.#resize(capacity);
  }

  /** Gives the room back that is free. */
  shrink(): void {
    const { length } = this;
    this.threads = new Uint32Array(shrunk(this.threads, length));
    this.stacks = new Uint32Array(shrunk(this.stacks, length));
    this.starts = new Float64Array(shrunk(this.starts, length));
    this.durations = new Float64Array(shrunk(this.durations, length));
    this.counts = new Uint32Array(shrunk(this.counts, length));
    this.cpu = new Float64Array(shrunk(this.cpu, length));
    this.flags = new Uint8Array(shrunk(this.flags, length));
  }

  /**
   * The same as `append` in an empty store, but takes all runs over with their columns, which are the store's from then on, and
   * merges none.
   */
  adopt(runs: RunColumns): void {
    if (this.length > 0) throw new Error('There are runs in the store.');
    ({
      threads: this.threads,
      stacks: this.stacks,
      starts: this.starts,
      durations: this.durations,
      counts: this.counts,
      cpu: this.cpu,
      flags: this.flags,
    } = runs);
    this.length = runs.stacks.length;
    this.#limit = Math.max(this.#limit, this.length);
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
    let slots = new Int32Array(1024);
    do {
      this.quantum = Math.max(FIRST_QUANTUM, this.quantum * growth);
      growth = FURTHER_GROWTH;
      slots = this.#mergeWithin(this.quantum, slots.fill(-1));
    } while (this.length > this.#limit / 2 && this.quantum <= end);
    giveBack(slots);
    // Nothing left to merge: all runs are distinct. Go on with more room rather than merge in vain at every run.
    if (this.length > this.#limit / 2) this.#limit = this.length * 2;
  }

  /**
   * Merges in place: the run written never lies behind the one read.
   * @param free a hash table for that, all −1
   * @returns the table, which may have grown
   */
  #mergeWithin(quantum: number, free: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
    const { threads, stacks, starts, durations, counts, cpu, flags } = this;
    // Open addressing over the runs written for the latest quantum, those from `first` on. Entries below
    // `first` are leftovers of earlier quanta and count as free, so nothing has to be cleared.
    let slots = free;
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
      let slot = slotOf(stack, thread, flag, at) & (slots.length - 1);
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
      if (written - first > slots.length / 2) {
        const size = slots.length * 2;
        giveBack(slots);
        slots = this.#rehashed(size, first, written, quantum);
      }
    }
    this.length = written;
    return slots;
  }

  #rehashed(size: number, first: number, end: number, quantum: number): Int32Array<ArrayBuffer> {
    const slots = new Int32Array(size).fill(-1);
    for (let run = first; run < end; run++) {
      let slot = slotOf(this.stacks[run]!, this.threads[run]!, this.flags[run]!, Math.floor(this.starts[run]! / quantum)) & (size - 1);
      while (slots[slot]! >= 0) slot = (slot + 1) & (size - 1);
      slots[slot] = run;
    }
    return slots;
  }
}

/** The first of these runs, in the same memory. */
export function firstRuns({ threads, stacks, starts, durations, counts, cpu, flags }: RunColumns, length: number): RunColumns {
  return {
    threads: threads.subarray(0, length),
    stacks: stacks.subarray(0, length),
    starts: starts.subarray(0, length),
    durations: durations.subarray(0, length),
    counts: counts.subarray(0, length),
    cpu: cpu.subarray(0, length),
    flags: flags.subarray(0, length),
  };
}

/** With the quantum: files have one thread after the other, so that runs of many quanta are in the table, of the same few stacks. */
function slotOf(stack: number, thread: number, flags: number, quantum: number): number {
  return hash(stack, hash(thread * 256 + flags, quantum | 0));
}

/**
 * The memory of a column's first entries; that of the column is given back at once where the engine can (not in Node 20), and not
 * only when garbage is collected.
 */
function shrunk(column: Uint32Array | Float64Array | Uint8Array, length: number): ArrayBufferLike {
  const bytes = length * column.BYTES_PER_ELEMENT;
  const { buffer, byteOffset } = column;
  if (byteOffset === 0 && buffer.byteLength === bytes) return buffer;
  const { transfer } = buffer as { transfer?: (length: number) => ArrayBuffer };
  return transfer === undefined || byteOffset > 0 ? buffer.slice(byteOffset, byteOffset + bytes) : transfer.call(buffer, bytes);
}

/** Of what is not needed any more: at once where the engine can (not in Node 20), as no garbage is collected while little is made. */
function giveBack({ buffer }: Int32Array<ArrayBuffer>): void {
  const { transfer } = buffer as { transfer?: (length: number) => ArrayBuffer };
  transfer?.call(buffer, 0);
}

function resized<T extends Uint32Array | Float64Array | Uint8Array>(to: T, from: T, length: number): T {
  to.set(from.subarray(0, length));
  return to;
}
