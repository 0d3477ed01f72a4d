import type { Profile } from './profile.ts';

/** What was counted, not sampled: by a profiler that is called with each call or line. */
export interface ExactCounts {
  /** `calls` of functions (cProfile), or `hits` of lines (line_profiler). */
  readonly of: 'calls' | 'hits';
  /** By frame id: calls of the frame's function, or hits of its line. */
  readonly counts: Float64Array;
}

const known = new WeakMap<Profile, ReadonlyMap<string, ReadonlyMap<number, number>>>();

/** How often a line was hit, or the functions that begin in it were called; undefined where nothing was counted. */
export function exactCount(profile: Profile, file: string, line: number): number | undefined {
  if (profile.exactCounts === undefined) return undefined;
  let byFile = known.get(profile);
  if (byFile === undefined) known.set(profile, (byFile = byFileAndLine(profile, profile.exactCounts)));
  return byFile.get(file)?.get(line);
}

function byFileAndLine(profile: Profile, { of, counts }: ExactCounts): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const byFile = new Map<string, Map<number, number>>();
  for (let frame = 0; frame < Math.min(profile.frameCount, counts.length); frame++) {
    const { name, file } = profile.functions[profile.frameFunction(frame)]!;
    // A module runs once, and begins in the line of whatever is first in it.
    if (of === 'calls' && name === '<module>') continue;
    let lines = byFile.get(file);
    if (lines === undefined) byFile.set(file, (lines = new Map<number, number>()));
    const line = profile.frameLine(frame);
    lines.set(line, (lines.get(line) ?? 0) + counts[frame]!);
  }
  return byFile;
}
