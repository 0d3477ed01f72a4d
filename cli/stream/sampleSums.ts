import { type RunColumns, SampleFlag } from '../../profile/delta.ts';
import type { Skipped, StreamSamples } from './streamEvents.ts';

/** Kinds of samples that are told apart until they are taken: some 40 MB. */
const MAX_KINDS = 200_000;

/** Numbers of stacks are less: a profile keeps 2^21 kinds (native/sampler/tables). */
const STACKS = 2 ** 24;
/** SampleFlag has five bits. */
const FLAGS = 32;

interface Sum {
  samples: number;
  time: number;
  cpu: number;
}

/** Adds up samples that are alike until somebody takes them: what waits for a slow reader is bounded by what differs. */
export class SampleSums {
  readonly #maxKinds: number;
  #sums = new Map<number, Sum>();
  #skipped: Skipped = { samples: 0, time: 0 };

  constructor(maxKinds = MAX_KINDS) {
    this.#maxKinds = maxKinds;
  }

  /** What found no room, in all. */
  get skipped(): Skipped {
    return this.#skipped;
  }

  add({ threads, stacks, flags, counts, durations, cpu }: RunColumns): void {
    for (let run = 0; run < threads.length; run++) {
      const key = (threads[run]! * FLAGS + flags[run]!) * STACKS + stacks[run]!;
      let sum = this.#sums.get(key);
      if (sum === undefined) {
        if (this.#sums.size >= this.#maxKinds) {
          const { samples, time } = this.#skipped;
          this.#skipped = { samples: samples + counts[run]!, time: time + durations[run]! };
          continue;
        }
        this.#sums.set(key, (sum = { samples: 0, time: 0, cpu: 0 }));
      }
      sum.samples += counts[run]!;
      sum.time += durations[run]!;
      sum.cpu += cpu[run]!;
    }
  }

  /** What came since the last time. */
  take(): IterableIterator<StreamSamples> {
    const sums = this.#sums;
    this.#sums = new Map();
    return samplesOf(sums);
  }
}

function* samplesOf(sums: ReadonlyMap<number, Sum>): Generator<StreamSamples, void> {
  for (const [key, { samples, time, cpu }] of sums) {
    const rest = Math.floor(key / STACKS);
    const flags = rest % FLAGS;
    const has = (flag: number): boolean => (flags & flag) !== 0;
    yield {
      thread: Math.floor(rest / FLAGS),
      stack: key % STACKS,
      state: has(SampleFlag.OnCpu) ? 'running' : has(SampleFlag.Ready) ? 'ready' : 'waiting',
      gil: has(SampleFlag.HoldsGil),
      gc: has(SampleFlag.CollectingGarbage),
      partial: has(SampleFlag.Partial),
      samples,
      time: Math.round(time),
      cpu: Math.round(cpu),
    };
  }
}
