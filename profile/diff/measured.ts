import { SampleFlag } from '../delta.ts';
import type { Profile } from '../profile.ts';
import { selfByKey, totalsByKey } from '../stackTotals.ts';
import { StackWeights } from '../weights.ts';
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
  readonly #times: Readonly<Record<'self' | 'total', Float64Array>>;
  /** Samples for each µs. */
  readonly #density: number;

  /** @param length of the keys */
  constructor(profile: Profile, { ofFrame, notRead }: DiffKeysOfSide, length: number, { by, lines, idle, gil }: MeasuredOptions) {
    const weights = new StackWeights(profile, {
      ...(idle === true ? {} : { onCpuOnly: true, readyOnly: true }),
      ...(gil === true ? { gilOnly: true } : {}),
    });
    const { totalTime, totalSamples } = weights;
    const { stackFrames } = profile.columns;
    const keys = Int32Array.from({ length: weights.time.length }, (_, stack) => (stack === 0 ? -1 : ofFrame[stackFrames[stack]!]!));
    this.#times = {
      self: selfByKey(weights, keys, length, notRead),
      total: totalsByKey(weights, keys, length, lines ? 'line of function' : 'function').time,
    };
    const effectiveSamples = effectiveCount(profile, idle === true, gil === true);
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

function effectiveCount({ runs }: Profile, idle: boolean, gil: boolean): number {
  let sum = 0;
  let squares = 0;
  for (let run = 0; run < runs.length; run++) {
    const flags = runs.flags[run]!;
    if (!idle && (flags & (SampleFlag.OnCpu | SampleFlag.Ready)) === 0) continue;
    if (gil && (flags & SampleFlag.HoldsGil) === 0) continue;
    const duration = runs.durations[run]!;
    sum += duration;
    squares += duration ** 2 / runs.counts[run]!;
  }
  return squares > 0 ? sum ** 2 / squares : 0;
}
