import { SampleFlag, type RunColumns } from '../delta.ts';
import type { Profile } from '../profile.ts';
import type { WrittenSamples } from './format.ts';

/** Tells of each run whether it is among the samples that are written: StackWeights' rules, for formats that write runs. */
export function runSelector(
  { threads }: Profile,
  runs: Pick<RunColumns, 'threads' | 'flags'>,
  { threads: chosenThreads, processes, onCpuOnly = false, readyOnly = false, gilOnly = false }: WrittenSamples,
): (run: number) => boolean {
  const asked = (onCpuOnly ? SampleFlag.OnCpu : 0) | (readyOnly ? SampleFlag.Ready : 0);
  const isAllowed = threads.map(
    ({ process }, thread) =>
      (chosenThreads === undefined || chosenThreads.has(thread)) && (processes === undefined || processes.has(process)),
  );
  return (run) => {
    const flags = runs.flags[run]!;
    return isAllowed[runs.threads[run]!]! && (!gilOnly || (flags & SampleFlag.HoldsGil) !== 0) && (asked === 0 || (flags & asked) !== 0);
  };
}
