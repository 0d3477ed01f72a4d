import type { RunColumns } from './delta.ts';
import { hash } from './pairTable.ts';
import type { TimeSteps } from './timeSteps.ts';

/** Columns of which the first `length` entries mean something, to be changed. */
export interface ChangeableRuns extends RunColumns {
  length: number;
}

/** A step of time, or the part of it that steps of another length leave: from `start` to before `end`, µs. */
interface Span {
  start: number;
  end: number;
}

export interface MergingOptions {
  /** All is in one step: no longer one could merge more. */
  readonly isLast?: boolean;
  /** It does not matter if runs go on beyond their step. */
  readonly isUnbounded?: boolean;
}

/**
 * Merges the oldest runs of a store, in place and as many at a time as asked for, so that it takes no memory besides and nobody
 * waits for it: runs of one thread with the same stack and flags that lie in one step of time become one. No sum changes.
 *
 * A run that goes on beyond its step stays as it is: so what is merged in a step lies before all that comes later, and can be
 * laid out there without overlapping (`layOut`).
 *
 * When all is merged, runs are in order as before: by their first sample, and of one thread by their times.
 */
export class RunMerging {
  /** Runs before this are merged. */
  merged = 0;
  /** How many runs this is about; those merged away are no longer among them. */
  end: number;
  readonly isLast: boolean;
  readonly isUnbounded: boolean;
  /** How many of the merged ones are alone as they go on beyond their step. */
  alone = 0;
  /** As `end` was in the beginning. */
  readonly #asked: number;
  readonly #runs: ChangeableRuns;
  readonly #steps: TimeSteps;
  /**
   * Open addressing over the merged runs of the latest step, those from #first on. Entries below are leftovers of steps before
   * and count as free, so that nothing has to be cleared.
   */
  #slots: Int32Array<ArrayBuffer>;
  #first = 0;
  #latest = -1;
  readonly #span: Span = { start: 0, end: 0 };
  #laidOut = 0;
  /** µs by thread, where its run before ends. */
  #cursors = new Float64Array(64);

  /**
   * @param runs the columns of which are asked for anew each time
   * @param end how many of them, from the first on
   */
  constructor(runs: ChangeableRuns, end: number, steps: TimeSteps, { isLast = false, isUnbounded = false }: MergingOptions = {}) {
    // To make room for more is a pause, if there are millions.
    if (isLast) this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(512, end) * 2))).fill(-1);
    else this.#slots = new Int32Array(1024).fill(-1);
    this.#runs = runs;
    this.end = end;
    this.#asked = end;
    this.#steps = steps;
    this.isLast = isLast;
    this.isUnbounded = isUnbounded;
  }

  /** Merges so many more runs. @returns whether any went away */
  merge(count: number): boolean {
    const from = this.merged;
    const to = Math.min(this.end, from + count);
    for (let run = from; run < to; run++) this.#take(run);
    const gone = to - this.merged;
    if (gone > 0) {
      const runs = this.#runs;
      for (const column of [runs.threads, runs.stacks, runs.starts, runs.durations, runs.counts, runs.cpu, runs.flags])
        column.copyWithin(this.merged, to, runs.length);
      runs.length -= gone;
      this.end -= gone;
    }
    if (this.merged === this.end) this.giveUp();
    return gone > 0;
  }

  /** How many runs were looked at. */
  get seen(): number {
    return this.#asked - (this.end - this.merged);
  }

  /** No more are merged. */
  giveUp(): void {
    giveBack(this.#slots);
    this.#slots = new Int32Array(0);
  }

  /**
   * Gives so many more merged runs times at which they don't overlap: of each thread one behind the other, in each step.
   * @returns whether all of the merged ones have them
   */
  layOut(count: number): boolean {
    this.#layOutUntil(Math.min(this.merged, this.#laidOut + count));
    return this.#laidOut === this.merged;
  }

  /** The same for all that it is about, from the beginning: more may be merged into that afterwards, and was perhaps in shorter steps before. */
  layOutSoFar(): void {
    this.#laidOut = 0;
    this.#cursors.fill(0);
    this.#layOutUntil(this.end);
    this.#laidOut = 0;
    this.#cursors.fill(0);
  }

  #layOutUntil(to: number): void {
    const { threads, starts, durations } = this.#runs;
    const span = { start: 0, end: 0 };
    for (let run = this.#laidOut; run < to; run++) {
      const thread = threads[run]!;
      const start = starts[run]!;
      if (thread >= this.#cursors.length) {
        const cursors = new Float64Array(2 * thread);
        cursors.set(this.#cursors);
        this.#cursors = cursors;
      }
      if (start < span.start || start >= span.end) this.#findSpan(start, span);
      // Files of other tools may have more time in a step than there is. It overlaps there, and so here.
      const cursor = this.#cursors[thread]!;
      if (cursor > start && cursor < span.end) starts[run] = cursor;
      this.#cursors[thread] = Math.max(cursor, starts[run]! + durations[run]!);
    }
    this.#laidOut = to;
  }

  #take(from: number): void {
    const { threads, stacks, starts, durations, counts, cpu, flags } = this.#runs;
    const span = this.#span;
    const thread = threads[from]!;
    const stack = stacks[from]!;
    const flag = flags[from]!;
    const start = starts[from]!;
    if (start < span.start || start >= span.end) {
      this.#findSpan(start, span);
      if (span.start > this.#latest) {
        this.#latest = span.start;
        this.#first = this.merged;
      }
    }
    const isWithin = this.isUnbounded || start + durations[from]! <= span.end;
    if (isWithin) {
      const mask = this.#slots.length - 1;
      let slot = slotOf(stack, thread, flag, span.start) & mask;
      let run = this.#slots[slot]!;
      while (
        run >= this.#first &&
        (stacks[run] !== stack ||
          threads[run] !== thread ||
          flags[run] !== flag ||
          starts[run]! < span.start || // a thread's run may come after a later one of another thread
          starts[run]! >= span.end ||
          counts[run]! + counts[from]! > 0xffff_ffff)
      ) {
        slot = (slot + 1) & mask;
        run = this.#slots[slot]!;
      }
      if (run >= this.#first) {
        starts[run] = Math.min(starts[run]!, start);
        durations[run]! += durations[from]!;
        counts[run]! += counts[from]!;
        cpu[run]! += cpu[from]!;
        return;
      }
      this.#slots[slot] = this.merged;
    } else this.alone++;
    const to = this.merged++;
    if (to < from) {
      threads[to] = thread;
      stacks[to] = stack;
      starts[to] = start;
      durations[to] = durations[from]!;
      counts[to] = counts[from]!;
      cpu[to] = cpu[from]!;
      flags[to] = flag;
    }
    if (this.merged - this.#first > this.#slots.length / 2) this.#rehash();
  }

  /** Where in time there is no step, each time is its own. */
  #findSpan(time: number, span: Span): void {
    let before = 0;
    for (const { until, step } of this.#steps) {
      if (time < until) {
        const start = Math.floor(time / step) * step;
        span.start = Math.max(before, start);
        span.end = Math.min(until, start + step);
        return;
      }
      before = until;
    }
    span.start = time;
    span.end = time;
  }

  #rehash(): void {
    const { threads, stacks, starts, durations, flags } = this.#runs;
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const span = { start: 0, end: 0 };
    for (let run = this.#first; run < this.merged; run++) {
      const start = starts[run]!;
      if (start < span.start || start >= span.end) this.#findSpan(start, span);
      if (!this.isUnbounded && start + durations[run]! > span.end) continue;
      let slot = slotOf(stacks[run]!, threads[run]!, flags[run]!, span.start) & (slots.length - 1);
      while (slots[slot]! >= 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = run;
    }
    giveBack(this.#slots);
    this.#slots = slots;
  }
}

/** With the step: files have one thread after the other, so that runs of many steps are in the table, of the same few stacks. */
function slotOf(stack: number, thread: number, flags: number, step: number): number {
  return hash(stack, hash(thread * 256 + flags, step | 0));
}

/** Of what is not needed any more: at once where the engine can (not in Node 20), as no garbage is collected while little is made. */
function giveBack({ buffer }: Int32Array<ArrayBuffer>): void {
  const { transfer } = buffer as { transfer?: (length: number) => ArrayBuffer };
  transfer?.call(buffer, 0);
}
