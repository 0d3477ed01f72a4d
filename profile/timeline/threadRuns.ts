import type { Profile } from '../profile.ts';

/** The runs of each thread in the order of time, kept up to date with what comes: 4 bytes for each run. */
export class ThreadRuns {
  readonly #profile: Profile;
  #indices: Uint32Array<ArrayBuffer>[] = [];
  #counts: number[] = [];
  /** Threads whose runs did not come in order, as those of some files do. */
  readonly #mixed = new Set<number>();
  #length = 0;
  #mergings = 0;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** Takes in what came since the last time. Valid until the profile grows; to read it bit by bit, hold the profile. */
  update(): void {
    const { runs } = this.#profile;
    if (runs.mergings !== this.#mergings) {
      // Indices mean something else now.
      this.#mergings = runs.mergings;
      this.#length = 0;
      this.#counts.fill(0);
      this.#mixed.clear();
    }
    const { threads, starts, length } = runs;
    while (this.#counts.length < this.#profile.threads.length) {
      this.#counts.push(0);
      this.#indices.push(new Uint32Array(16));
    }
    for (let run = this.#length; run < length; run++) {
      const thread = threads[run]!;
      const count = this.#counts[thread]!;
      let indices = this.#indices[thread]!;
      if (count === indices.length) {
        const longer = new Uint32Array(count * 2);
        longer.set(indices);
        this.#indices[thread] = indices = longer;
      }
      if (count > 0 && starts[indices[count - 1]!]! > starts[run]!) this.#mixed.add(thread);
      indices[count] = run;
      this.#counts[thread] = count + 1;
    }
    this.#length = length;
  }

  /** Indices of a thread's runs by their starts; equal ones in the order in which they came. */
  of(thread: number): Uint32Array {
    const indices = this.#indices[thread]?.subarray(0, this.#counts[thread]) ?? new Uint32Array(0);
    if (this.#mixed.delete(thread)) {
      const { starts } = this.#profile.runs;
      indices.sort((a, b) => starts[a]! - starts[b]! || a - b);
    }
    return indices;
  }

  /** Where in `of(thread)` the first run begins that starts at a time (µs) or later. */
  firstFrom(thread: number, time: number): number {
    const { starts } = this.#profile.runs;
    const indices = this.of(thread);
    let [low, high] = [0, indices.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[indices[middle]!]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
