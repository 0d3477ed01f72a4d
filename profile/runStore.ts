import type { RunColumns } from './delta.ts';
import { type ChangeableRuns, RunMerging } from './runMerging.ts';
import { areSameSteps, FIRST_STEP, longerSteps, longestStep, stepOver, stepsByAge, type TimeSteps } from './timeSteps.ts';

/**
 * Runs kept before they are merged: at 37 bytes each, 74 MB. Who writes a file needs as much again for a while, and the process
 * that samples has some 110 MB without them.
 */
export const DEFAULT_MAX_RUNS = 2_000_000;

/** Runs kept of a file, which does not grow: 148 MB. */
export const MAX_KEPT_RUNS = 2 * DEFAULT_MAX_RUNS;

/** Where all runs are merged at once, the step doubles, and then grows by this until enough is merged: each is a pass over all runs. */
const FURTHER_GROWTH = 4;

/** Of steps to the age of what is in them, to begin with; it grows as there are more kinds of runs. */
const FIRST_RATIO = 2 ** -16;

/** From here on the oldest runs are merged in one step: there are no more than a few left that are shorter. */
const LAST_RATIO = 2 ** 14;

/**
 * Work goes on whenever so large a part of the bound was added, and takes in so many times as many runs as that: 15 600, which takes
 * some 10 ms. Where most are different they are more, so that all are through before an eighth of the room is filled.
 */
const WORK = { turn: 1 / 2048, times: 16 };

/** Runs: with more, there is room for all that are kept. */
const ALL_AT_ONCE = 131_072;

export interface RunStoreOptions {
  /** How exactly times were known before, for instance those of a file. */
  readonly steps?: TimeSteps;
  /**
   * Runs come in the order of time, without an end: the oldest are merged in steps that double with age, a little at a time as more
   * come. Otherwise all are merged in the same steps, at once.
   */
  readonly byAge?: boolean;
}

/**
 * The runs of a profile in growable columns; only the first `length` entries mean something, and the
 * columns are replaced when they grow. Meaning of the columns: RunColumns in delta.ts.
 *
 * The store is bounded. When it is full, runs of one thread with the same stack and flags that lie in the same step of time become
 * one, as long as their time all together and at the place of the first, or behind what comes there before. `steps` tells which.
 * It is less known when samples were, no sum of durations, counts or CPU changes. Only distinct (thread, stack, flags), which
 * no step can merge, take the store beyond its bound: by a quarter of it more than there are of them.
 *
 * Whoever looks at what is new only asks `firstSince` for it; `mergings` tells whether anything else has changed.
 */
export class RunStore implements ChangeableRuns {
  threads: Uint32Array = new Uint32Array(0);
  stacks: Uint32Array = new Uint32Array(0);
  starts: Float64Array = new Float64Array(0);
  durations: Float64Array = new Float64Array(0);
  counts: Uint32Array = new Uint32Array(0);
  cpu: Float64Array = new Float64Array(0);
  flags: Uint8Array = new Uint8Array(0);
  length = 0;
  /** Where times are no longer exact: those of all runs were when they came. */
  steps: TimeSteps;
  /** How often runs were merged. After that, indices of runs mean something else, and times of those before `steps` end. */
  mergings = 0;
  /** How many runs have come so far. */
  appended = 0;
  readonly #byAge: boolean;
  #bound: number;
  /** Runs that were of different thread, stack or flags when all were merged that could be, if these were too many. */
  #different = 0;
  /** From this run on all are as they came. */
  #unmerged = 0;
  #ratio = FIRST_RATIO;
  #merging: RunMerging | undefined;
  #isLayingOut = false;
  #holds = 0;

  constructor(limit: number = DEFAULT_MAX_RUNS, { steps = [], byAge = false }: RunStoreOptions = {}) {
    this.#bound = Math.max(byAge ? 16 : 2, Math.floor(limit));
    this.steps = steps;
    this.#byAge = byAge;
  }

  /** Adds runs, merging as the store gets full. */
  append(runs: RunColumns): void {
    // Merging happens at run numbers, not at deltas, so the outcome doesn't depend on how runs are cut into deltas.
    const total = runs.stacks.length;
    const turn = Math.max(1, Math.floor(this.#bound * WORK.turn));
    for (let from = 0; from < total;) {
      const room = this.#byAge ? turn - (this.appended % turn) : Math.max(0, this.#limit - this.length);
      const to = Math.min(total, from + room);
      this.#copy(runs, from, to);
      from = to;
      if (!this.#byAge) {
        if (from < total) this.#mergeAll();
      } else if (this.appended % turn === 0 && this.#holds === 0)
        this.#work(turn * Math.max(WORK.times, Math.ceil((8 * this.length) / this.#room)));
    }
  }

  /**
   * The first run that came after the first so many (`appended`); undefined where some of what came after was merged since, so that
   * all have to be looked at anew.
   */
  firstSince(appended: number): number | undefined {
    const first = this.length - (this.appended - appended);
    return first >= this.#unmerged ? first : undefined;
  }

  /**
   * Until the result is called, runs only come: nothing that is there changes, also not in columns that are replaced. Of one thread,
   * none overlaps another then unless they did when they came.
   */
  hold(): () => void {
    if (this.#merging !== undefined && this.#holds === 0) {
      this.#merging.layOutSoFar();
      this.mergings++;
    }
    this.#holds++;
    let isHeld = true;
    return () => {
      if (isHeld) this.#holds--;
      isHeld = false;
    };
  }

  /** Makes room for as many runs, or as many as are kept, at once rather than as they come. */
  reserve(length: number): void {
    const capacity = Math.min(this.#limit, length);
    if (capacity > this.stacks.length) this.#resize(capacity);
  }

  /** Gives the room back that is free. */
  shrink(): void {
    this.#resize(this.length);
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
    this.appended = this.length;
    this.#bound = Math.max(this.#bound, this.length);
  }

  #copy(runs: RunColumns, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.stacks.length) this.#resize(this.#capacityFor(length));
    this.threads.set(runs.threads.subarray(from, to), this.length);
    this.stacks.set(runs.stacks.subarray(from, to), this.length);
    this.starts.set(runs.starts.subarray(from, to), this.length);
    this.durations.set(runs.durations.subarray(from, to), this.length);
    this.counts.set(runs.counts.subarray(from, to), this.length);
    this.cpu.set(runs.cpu.subarray(from, to), this.length);
    this.flags.set(runs.flags.subarray(from, to), this.length);
    this.length = length;
    this.appended += to - from;
  }

  #capacityFor(length: number): number {
    const bound = this.#bound;
    if (length > bound) return length + (bound >> 1);
    // Memory that nothing was written to takes none, while to copy 74 MB is a pause.
    return length > ALL_AT_ONCE ? bound : Math.min(bound, Math.max(length, 1024, this.stacks.length * 2));
  }

  #resize(capacity: number): void {
    const { length } = this;
    // Whoever reads bit by bit still has the columns.
    const resize = this.#holds === 0 ? moved : copied;
    this.threads = new Uint32Array(resize(this.threads, length, capacity));
    this.stacks = new Uint32Array(resize(this.stacks, length, capacity));
    this.starts = new Float64Array(resize(this.starts, length, capacity));
    this.durations = new Float64Array(resize(this.durations, length, capacity));
    this.counts = new Uint32Array(resize(this.counts, length, capacity));
    this.cpu = new Float64Array(resize(this.cpu, length, capacity));
    this.flags = new Uint8Array(resize(this.flags, length, capacity));
  }

  /** How many runs there may be beside those that can't be merged. */
  get #room(): number {
    return Math.max(this.#bound - this.#different, this.#bound / 4);
  }

  get #limit(): number {
    return Math.ceil(this.#different + this.#room);
  }

  /** A turn at what is under way, of so many runs, or begins it when it is time. */
  #work(count: number): void {
    if (this.#merging === undefined && this.length >= this.#different + 0.75 * this.#room) {
      const end = this.length - Math.floor(this.#room / 4);
      let last = 0;
      for (let run = 0; run < end; run++) last = Math.max(last, this.starts[run]!);
      this.#begin(end, last + 1);
      return;
    }
    const merging = this.#merging;
    if (merging === undefined) return;
    if (this.#isLayingOut) {
      if (merging.layOut(4 * count)) this.#merging = undefined;
      this.mergings++;
      return;
    }
    const before = merging.end;
    if (merging.merge(count)) this.mergings++;
    this.#unmerged -= before - merging.end;
    if (merging.merged === merging.end || (merging.merged > this.#enough && !merging.isLast)) this.#judge(merging);
  }

  /**
   * Begins to merge the oldest runs, in longer steps than before.
   * @param end how many
   * @param until µs, behind the first samples of all of them
   * @param isUnbounded as in MergingOptions
   */
  #begin(end: number, until: number, isUnbounded = false): void {
    const now = Math.max(until, this.starts[this.length - 1]!);
    let steps = longerSteps(this.steps, stepsByAge(now, until, this.#ratio));
    const isLast = isUnbounded || steps.at(-1)!.step >= until || this.#ratio >= LAST_RATIO;
    if (isLast) steps = [{ until, step: Math.max(longestStep(steps), stepOver(until)) }];
    this.steps = steps;
    this.#unmerged = Math.max(this.#unmerged, end);
    this.#isLayingOut = false;
    this.#merging = new RunMerging(this, end, steps, { isLast, isUnbounded });
  }

  /** So few the oldest runs are to become. */
  get #enough(): number {
    return this.#different + this.#room / 4;
  }

  /** Goes on with longer steps if these merge too little. */
  #judge(merging: RunMerging): void {
    const { merged, seen, end, alone } = merging;
    if (merged > this.#enough) {
      const { steps } = this;
      const { until } = steps.at(-1)!;
      // A sampler's threads have one such run each; only of time that overlaps there are more.
      if (merging.isLast && !merging.isUnbounded && alone > this.#bound / 4) {
        this.#begin(end, until, true);
        return;
      }
      if (!merging.isLast) {
        merging.giveUp();
        const growth = merged > 0.75 * seen ? 32 : 4;
        do {
          this.#ratio *= growth;
          this.#begin(end, until);
        } while (areSameSteps(this.steps, steps));
        return;
      }
      this.#different = merged;
    } else if (merged < this.#room / 32) this.#ratio = Math.max(FIRST_RATIO, this.#ratio / 2);
    this.#isLayingOut = true;
  }

  #mergeAll(): void {
    let last = 0;
    let end = 0;
    for (let run = 0; run < this.length; run++) {
      last = Math.max(last, this.starts[run]!);
      end = Math.max(end, this.starts[run]! + this.durations[run]!);
    }
    let step = longestStep(this.steps);
    let growth = 2;
    let merging: RunMerging;
    do {
      step = Math.max(FIRST_STEP, step * growth);
      growth = FURTHER_GROWTH;
      merging = new RunMerging(this, this.length, [{ until: Infinity, step }]);
      merging.merge(Infinity);
    } while (this.length > this.#bound / 2 && step <= end);
    merging.layOut(Infinity);
    this.mergings++;
    this.#unmerged = this.length;
    this.steps = [{ until: last + 1, step }];
    // Nothing left to merge: all runs are distinct. Go on with more room rather than merge in vain at every run.
    if (this.length > this.#bound / 2) this.#bound = this.length * 2;
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

type Column = Uint32Array | Float64Array | Uint8Array;

/**
 * Memory of another size with a column's first entries; that of the column is given back at once where the engine can (not in
 * Node 20), and not only when garbage is collected.
 */
function moved(column: Column, length: number, capacity: number): ArrayBufferLike {
  const bytes = capacity * column.BYTES_PER_ELEMENT;
  const { buffer, byteOffset } = column;
  if (byteOffset === 0 && buffer.byteLength === bytes) return buffer;
  const { transfer } = buffer as { transfer?: (length: number) => ArrayBuffer };
  if (transfer === undefined || byteOffset > 0) return copied(column, length, capacity);
  if (bytes <= buffer.byteLength) return transfer.call(buffer, bytes);
  // V8 writes zeros to all that `transfer` adds, which then takes memory before anything is in it.
  const larger = copied(column, length, capacity);
  transfer.call(buffer, 0);
  return larger;
}

function copied(column: Column, length: number, capacity: number): ArrayBufferLike {
  const to = new Uint8Array(capacity * column.BYTES_PER_ELEMENT);
  to.set(new Uint8Array(column.buffer, column.byteOffset, length * column.BYTES_PER_ELEMENT));
  return to.buffer;
}
