import { SampleFlag } from '../delta.ts';
import type { SampleFilter } from '../filter.ts';
import type { Profile } from '../profile.ts';
import { selfByKey, totalsByKey } from '../stackTotals.ts';
import { samplesIn, StackWeights } from '../weights.ts';
import type { DiffKeysOfSide } from './diffKeys.ts';
import type { Count } from './significance.ts';

/** Which samples count, and how. */
export interface MeasuredOptions {
  /** What times are compared in: shares of all that counts, or seconds. */
  readonly by: 'share' | 'seconds';
  readonly lines: boolean;
  /** Threads that wait count, too. */
  readonly idle?: boolean;
  /** Only samples of threads that hold the GIL. */
  readonly gil?: boolean;
  /** Only samples taken from `start` to before `end`, µs since the session's start. */
  readonly range?: SampleFilter['range'] | undefined;
}

/** How much of a profile counts. */
export interface DiffSide {
  /** s, of all threads. */
  readonly seconds: number;
  readonly samples: number;
  /** As many equally heavy samples say as much: (Σw)²/Σw² (Kish, Survey Sampling, 1965). */
  readonly effectiveSamples: number;
}

/** Times by key of one of two profiles. */
export class Measured {
  readonly side: DiffSide;
  /** All that counts. */
  readonly all: Count;
  /** The samples that count. */
  readonly weights: StackWeights;
  readonly #times: Readonly<Record<'self' | 'total', Float64Array>>;
  /** Samples for each µs. */
  readonly #density: number;

  /** @param length of the keys */
  constructor(profile: Profile, { ofFrame, notRead }: DiffKeysOfSide, length: number, options: MeasuredOptions) {
    const { by, lines, idle, gil, range } = options;
    const weights = new StackWeights(profile, {
      ...(idle === true ? {} : { onCpuOnly: true, readyOnly: true }),
      ...(gil === true ? { gilOnly: true } : {}),
      ...(range === undefined ? {} : { range }),
    });
    this.weights = weights;
    const { totalTime, totalSamples } = weights;
    const { stackFrames } = profile.columns;
    const keys = Int32Array.from({ length: weights.time.length }, (_, stack) => (stack === 0 ? -1 : ofFrame[stackFrames[stack]!]!));
    this.#times = {
      self: selfByKey(weights, keys, length, notRead),
      total: totalsByKey(weights, keys, length, lines ? 'line of function' : 'function').time,
    };
    const effectiveSamples = effectiveCount(profile, options);
    this.side = { seconds: totalTime / 1e6, samples: totalSamples, effectiveSamples };
    this.#density = totalTime > 0 ? effectiveSamples / totalTime : 0;
    this.all = { count: effectiveSamples, exposure: by === 'share' ? effectiveSamples : this.#density * 1e6 };
  }

  has(key: number): boolean {
    return this.#times.total[key]! > 0 || this.#times.self[key]! > 0;
  }

  count(key: number, of: 'self' | 'total'): Count {
    return { count: this.#times[of][key]! * this.#density, exposure: this.all.exposure };
  }
}

function effectiveCount({ runs }: Profile, { idle, gil, range }: MeasuredOptions): number {
  let sum = 0;
  let squares = 0;
  for (let run = 0; run < runs.length; run++) {
    const flags = runs.flags[run]!;
    if (idle !== true && (flags & (SampleFlag.OnCpu | SampleFlag.Ready)) === 0) continue;
    if (gil === true && (flags & SampleFlag.HoldsGil) === 0) continue;
    const count = runs.counts[run]!;
    let duration = runs.durations[run]!;
    const inside = range === undefined ? count : samplesIn(range, runs.starts[run]!, duration / count, count);
    if (inside <= 0) continue;
    if (inside < count) duration *= inside / count;
    sum += duration;
    squares += duration ** 2 / inside;
  }
  return squares > 0 ? sum ** 2 / squares : 0;
}
