import assert from 'node:assert/strict';
import { distanceFromKnown, type KnownShares, SequentialTest, type TestOptions, type Verdict } from '../../../bench/shareDistance.ts';
import type { Profile } from '../../../profile/profile.ts';

/** Judges the self times in a growing profile by what the program knows of them. */
export class ShareCount {
  verdict: Verdict = 'undecided';
  readonly #known: KnownShares;
  readonly #test: SequentialTest;
  /** µs by function. */
  readonly #times = new Map<string, number>();
  #runs = 0;
  #sum = 0;
  #squares = 0;
  #asked = 0;

  constructor(known: KnownShares, options: TestOptions) {
    this.#known = known;
    this.#test = new SequentialTest(options);
  }

  /** Takes in what is new. @returns whether there is a verdict */
  update(profile: Profile): boolean {
    if (this.verdict !== 'undecided') return true;
    const { runs } = profile;
    // What is new is looked at long before any of it is merged.
    const first = runs.firstSince(this.#runs);
    assert.ok(first !== undefined, 'runs were merged before they were looked at');
    this.#runs = runs.appended;
    for (let run = first; run < runs.length; run++) {
      const stack = runs.stacks[run]!;
      const time = runs.durations[run]!;
      const name = stack === 0 ? '' : profile.functions[profile.frameFunction(profile.stackFrame(stack))]!.name;
      const plain = name.slice(name.lastIndexOf('.') + 1);
      this.#times.set(plain, (this.#times.get(plain) ?? 0) + time);
      this.#sum += time;
      this.#squares += time * time;
    }
    // Threads that are looked at together depend on each other: a look is one sample. Runs of equal samples are one each.
    const { ticks, samples } = profile.quality;
    const effective = samples === 0 ? 0 : ((this.#sum * this.#sum) / this.#squares) * Math.min(1, ticks / samples);
    // Every question costs some certainty.
    if (effective < 100 || effective < this.#asked * 1.25) return false;
    this.#asked = effective;
    this.verdict = this.#test.judge(this.distance, effective, Object.keys(this.#known.shares).length + 1);
    return this.verdict !== 'undecided';
  }

  get distance(): number {
    return distanceFromKnown(this.#times, this.#known);
  }

  /** For messages: what was seen, and what there is. */
  describe(): string {
    const { shares, least, most } = this.#known;
    const leaves = Object.entries(shares).map(
      ([name, share]) =>
        `${name} ${percent((this.#times.get(name) ?? 0) / this.#sum)} (${percent(least * share)} to ${percent(most * share)})`,
    );
    const others = [...this.#times]
      .filter(([name]) => !(name in shares))
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
      .map(([name, time]) => `${name} ${percent(time / this.#sum)}`);
    return `${percent(this.distance)} of the time is in wrong functions, as ${Math.round(this.#asked)} samples say: ${leaves.join(', ')}; others: ${others.join(', ')}`;
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
