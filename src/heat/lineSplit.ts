import { type InnermostSource, innermostSource } from '../../profile/innermost.ts';
import { type SelfSplit, SelfSplits } from '../../profile/selfSplits.ts';
import type { WeighedStacks } from '../../profile/weighedStacks.ts';
import type { ProfiledName } from '../notebooks/cellFiles.ts';

/** How a line's own time was spent, for its hover. */
export interface LineSplit extends Omit<SelfSplit, 'functions'> {
  readonly by: Exclude<InnermostSource, null>;
  /** µs; most first. */
  readonly functions: readonly { readonly name: string; readonly file: string; readonly time: number }[];
}

/**
 * @param names of the line's file in the profile
 * @param line as profiled, 1-based
 * @param limit most native functions
 * @returns undefined where the profile does not tell
 */
export function lineSplit(weights: WeighedStacks, names: readonly ProfiledName[], line: number, limit: number): LineSplit | undefined {
  const { profile } = weights;
  const by = innermostSource(profile);
  const splits = by === null ? undefined : SelfSplits.of(weights);
  if (by === null || splits === undefined) return undefined;
  const isOf = (frame: number): boolean => {
    const { file } = profile.functions[profile.frameFunction(frame)]!;
    return names.some((name) => name.file === file && line - name.shift === profile.frameLine(frame));
  };
  const { functions, ...times } = splits.split(isOf, limit);
  return {
    ...times,
    by,
    functions: functions.map(({ func, time }) => {
      const { name, file, library } = profile.functions[func]!;
      return { name, file: library ?? file, time };
    }),
  };
}
