import type { SampleFilter } from './filter.ts';
import type { Profile } from './profile.ts';
import { samplesIn } from './weights.ts';

/** Values of a run's flags: sums of SampleFlag's. */
const STATES = 32;

/**
 * How long each thread was in each state, in a range of time, kept up to date with what comes: what any filter on threads and states
 * would leave is a sum of some of these.
 */
export class StateTimes {
  readonly #profile: Profile;
  readonly #range: SampleFilter['range'];
  /** µs: a row of STATES for each thread. */
  #times = new Float64Array(0);
  #appended = 0;
  #mergings = 0;

  /** Starts up to date. */
  constructor(profile: Profile, range?: SampleFilter['range']) {
    this.#profile = profile;
    this.#range = range;
    this.update();
  }

  /** Takes in what came. */
  update(): void {
    const { runs, threads } = this.#profile;
    if (threads.length * STATES > this.#times.length) {
      const grown = new Float64Array(threads.length * 2 * STATES);
      grown.set(this.#times);
      this.#times = grown;
    }
    // Merging changes no sum, but what of it is in a range.
    let first = this.#range !== undefined && runs.mergings !== this.#mergings ? undefined : runs.firstSince(this.#appended);
    if (first === undefined || this.#appended === 0) {
      this.#times.fill(0);
      first = 0;
    }
    this.#mergings = runs.mergings;
    this.#appended = runs.appended;
    const range = this.#range;
    for (let run = first; run < runs.length; run++) {
      let time = runs.durations[run]!;
      if (range !== undefined) {
        const count = runs.counts[run]!;
        time *= samplesIn(range, runs.starts[run]!, time / count, count) / count;
      }
      this.#times[runs.threads[run]! * STATES + (runs.flags[run]! % STATES)]! += time;
    }
  }

  /** µs that a thread was in states that pass (passingFlags in filter.ts). */
  of(thread: number, passes: Uint8Array): number {
    let sum = 0;
    for (let flags = 0; flags < STATES; flags++) if (passes[flags] !== 0) sum += this.#times[thread * STATES + flags]!;
    return sum;
  }
}
