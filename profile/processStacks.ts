import { PairTable } from './pairTable.ts';

/** The weights of stacks by the process that was seen with them: only the pairs that there are. */
export class ProcessStacks {
  /** By pair id: µs. May be longer than there are pairs. */
  time = new Float64Array(32);
  /** By pair id: number of samples. */
  samples = new Float64Array(32);
  #pairs = new PairTable();

  /** Number of pairs. */
  get length(): number {
    return this.#pairs.length;
  }

  /** Process id (not pid). */
  process(pair: number): number {
    return this.#pairs.first(pair);
  }

  stack(pair: number): number {
    return this.#pairs.second(pair);
  }

  add(process: number, stack: number, time: number, samples: number): void {
    const pair = this.#pairs.id(process, stack);
    if (pair === this.time.length) {
      const [longerTime, longerSamples] = [new Float64Array(pair * 2), new Float64Array(pair * 2)];
      longerTime.set(this.time);
      longerSamples.set(this.samples);
      this.time = longerTime;
      this.samples = longerSamples;
    }
    this.time[pair]! += time;
    this.samples[pair]! += samples;
  }

  clear(): void {
    this.#pairs = new PairTable();
    this.time.fill(0);
    this.samples.fill(0);
  }
}
