import { closedGap, placedStart } from '../placedRuns.ts';
import type { Profile } from '../profile.ts';
import type { WrittenSamples } from './format.ts';
import { runSelector } from './runSelector.ts';

/** A run with the time it is drawn at, µs since the session's start. */
export interface PlacedRun {
  readonly run: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The written runs of each thread in the order of time, for formats that have time lines. Each is as long as its duration, and none
 * overlaps another of its thread: sums stay exact, and a run that would begin within the one before begins after it.
 */
export function threadTimelines(profile: Profile, samples: WrittenSamples): (() => Generator<PlacedRun, void>)[] {
  const { runs, threads } = profile;
  const isWritten = runSelector(profile, runs, samples);
  const gap = closedGap(profile);
  const counts = new Uint32Array(threads.length);
  for (let run = 0; run < runs.length; run++) counts[runs.threads[run]!]!++;
  const ofThread = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let run = 0; run < runs.length; run++) {
    const thread = runs.threads[run]!;
    ofThread[thread]![counts[thread]!++] = run;
  }
  return ofThread.map((indices) => {
    return function* () {
      // Equal times keep their order.
      indices.sort((a, b) => runs.starts[a]! - runs.starts[b]! || a - b);
      let last = -Infinity;
      for (const run of indices) {
        const start = placedStart(runs.starts[run]!, last, gap);
        last = start + runs.durations[run]!;
        if (isWritten(run)) yield { run, start, end: last };
      }
    };
  });
}
