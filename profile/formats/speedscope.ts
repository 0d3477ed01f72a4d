import { ProfileFormatError } from '../profileFormatError.ts';
import type { Profile } from '../profile.ts';
import { type FrameGroups, frameGroups } from '../frameGroups.ts';
import type { WrittenSamples } from './format.ts';
import { jsonPieces } from './jsonPieces.ts';
import { threadName } from './names.ts';
import { runSelector } from './runSelector.ts';
import { firstRuns, RunStore } from '../runStore.ts';
import { stacksByLine } from '../stacksByLine.ts';

/** https://www.speedscope.app/file-format-schema.json; the npm package `speedscope` ships it too. */
export interface SpeedscopeFile {
  readonly $schema: 'https://www.speedscope.app/file-format-schema.json';
  readonly exporter: string;
  readonly name: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly SpeedscopeFrame[] };
  readonly profiles: readonly SpeedscopeThread[];
}

export interface SpeedscopeFrame {
  readonly name: string;
  readonly file: string;
  /** Where in the function. */
  readonly line?: number;
}

export interface SpeedscopeThread {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'microseconds';
  readonly startValue: number;
  readonly endValue: number;
  /** Frames from the root to the leaf. Equal stacks share one list. */
  readonly samples: readonly (readonly number[])[];
  /** µs */
  readonly weights: readonly number[];
}

/** The format spells every stack out. This many frame references make a file of some 150 MB, which speedscope still opens. */
const MAX_REFERENCES = 20_000_000;

/**
 * The profile for speedscope, one part per thread. A very long one gets a coarser time resolution, no total
 * changes. Throws ProfileFormatError if not even that makes it small enough.
 */
export function toSpeedscope(profile: Profile, maxReferences = MAX_REFERENCES, written: WrittenSamples = {}): SpeedscopeFile {
  const { functions, threads } = profile;
  const groups = frameGroups(profile, 'line');
  const frames: SpeedscopeFrame[] = [];
  for (let group = 0; group < groups.length; group++) {
    const { name, file } = functions[groups.func(group)]!;
    const line = groups.line(group);
    frames.push(line === 0 ? { name, file } : { name, file, line });
  }
  const runs = runsWithin(profile, maxReferences);
  const parts = threads.map(() => ({ samples: [] as (readonly number[])[], weights: [] as number[], start: Infinity, total: 0 }));
  const same = stacksByLine(profile);
  const spelledOut = new Map<number, readonly number[]>();
  const isWritten = runSelector(profile, runs, written);
  for (let run = 0; run < runs.length; run++) {
    if (!isWritten(run)) continue;
    const part = parts[runs.threads[run]!]!;
    const stack = same[runs.stacks[run]!]!;
    let path = spelledOut.get(stack);
    if (path === undefined) spelledOut.set(stack, (path = pathOf(profile, stack, groups)));
    part.samples.push(path);
    part.weights.push(runs.durations[run]!);
    part.start = Math.min(part.start, runs.starts[run]!);
    part.total += runs.durations[run]!;
  }
  const heaviest = parts.reduce((best, { total }, i) => (total > (parts[best]?.total ?? 0) ? i : best), 0);
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'Heatline',
    name: profile.processes[0]?.name ?? 'Python',
    activeProfileIndex: heaviest,
    shared: { frames },
    profiles: parts.map(({ samples, weights, start, total }, i) => ({
      type: 'sampled',
      name: threadName(profile, i),
      unit: 'microseconds',
      startValue: total === 0 ? 0 : start,
      endValue: total === 0 ? 0 : start + total,
      samples,
      weights,
    })),
  };
}

/** The text of `toSpeedscope`. */
export function* speedscopeText(profile: Profile, written: WrittenSamples = {}): Generator<string, void> {
  yield* jsonPieces(toSpeedscope(profile, MAX_REFERENCES, written));
}

/** The profile's runs, or as many merged ones as keep within the bound. */
function runsWithin(profile: Profile, maxReferences: number): RunStore {
  const depths = new Int32Array(profile.stackCount);
  for (let stack = 1; stack < depths.length; stack++) depths[stack] = depths[profile.stackParent(stack)]! + 1;
  const references = (runs: RunStore): number => {
    let sum = 0;
    for (let run = 0; run < runs.length; run++) sum += depths[runs.stacks[run]!]!;
    return sum;
  };
  let runs = profile.runs;
  for (;;) {
    const count = references(runs);
    if (count <= maxReferences) return runs;
    const merged = new RunStore(Math.floor((runs.length * maxReferences) / count), { steps: runs.steps });
    merged.append(firstRuns(runs, runs.length));
    if (merged.length >= runs.length) {
      throw new ProfileFormatError(
        'This profile is too big for the speedscope format, which spells out every stack of every sample. Save it in the Firefox Profiler format or as collapsed stacks.',
      );
    }
    runs = merged;
  }
}

/** Frames from the root to the leaf. */
function pathOf(profile: Profile, stack: number, { ofFrame }: FrameGroups): number[] {
  const path: number[] = [];
  for (let at = stack; at !== 0; at = profile.stackParent(at)) path.push(ofFrame[profile.stackFrame(at)]!);
  return path.reverse();
}
