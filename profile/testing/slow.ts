import type { Profile } from '../profile.ts';
import type { StackWeights } from '../weights.ts';

/*
 * Queries done the slow and obvious way, one stack after the other, for tests to compare with.
 */

/** Frames of a stack, root first. */
export function framesOf(profile: Profile, stack: number): { func: number; line: number; file: string }[] {
  const frames = [];
  for (let at = stack; at !== 0; at = profile.stackParent(at)) {
    const func = profile.frameFunction(profile.stackFrame(at));
    frames.push({ func, line: profile.frameLine(profile.stackFrame(at)), file: profile.functions[func]!.file });
  }
  return frames.reverse();
}

export interface SlowTotals {
  self: number;
  total: number;
  samples: number;
}

/** Self and total by key, every key once per stack. `key` gets the frames and the place of one of them; undefined: none. */
export function slowTotals(
  weights: StackWeights,
  key: (frames: ReturnType<typeof framesOf>, at: number) => string | undefined,
): Map<string, SlowTotals> {
  const totals = new Map<string, SlowTotals>();
  weights.samples.forEach((samples, stack) => {
    if (samples === 0) return;
    const frames = framesOf(weights.profile, stack);
    const keys = frames.map((_, at) => key(frames, at));
    for (const one of new Set(keys)) {
      if (one === undefined) continue;
      const entry = totals.get(one) ?? { self: 0, total: 0, samples: 0 };
      totals.set(one, entry);
      entry.total += weights.time[stack]!;
      entry.samples += samples;
      if (keys.at(-1) === one) entry.self += weights.time[stack]!;
    }
  });
  return totals;
}

/** Self, total and samples of every node of a call tree, by its path. */
export function slowCallTree(
  weights: StackWeights,
  {
    inverted = false,
    byLine = false,
    isHidden = (): boolean => false,
  }: { inverted?: boolean; byLine?: boolean; isHidden?: (func: number) => boolean },
): Map<string, SlowTotals> {
  const nodes = new Map<string, SlowTotals>([['', { self: 0, total: 0, samples: 0 }]]);
  weights.samples.forEach((samples, stack) => {
    if (samples === 0) return;
    const words = framesOf(weights.profile, stack)
      .filter(({ func }) => !isHidden(func))
      .map(({ func, line }) => `/${func}${byLine ? `:${line}` : ''}`);
    if (inverted) words.reverse();
    for (let depth = 0; depth <= words.length; depth++) {
      const path = words.slice(0, depth).join('');
      const node = nodes.get(path) ?? { self: 0, total: 0, samples: 0 };
      nodes.set(path, node);
      node.total += weights.time[stack]!;
      node.samples += samples;
      if (depth === words.length) node.self += weights.time[stack]!;
    }
  });
  return nodes;
}
