import { instructionColumns, nativeFigures, runColumns } from '../delta.ts';
import { NO_QUALITY } from '../profile.ts';
import type { Shape } from './jsonReader.ts';

/** Of one thread until version 60, of all from there on. */
const tables = {
  stringArray: true,
  stringTable: true,
  funcTable: members('name', 'lineNumber', 'resource', 'source', 'fileName'),
  frameTable: members('func', 'line', 'column'),
  stackTable: members('frame', 'prefix', 'prefixOffset'),
  resourceTable: members('name'),
} as const;

/** What of a Firefox Profiler's file is read: firefoxReader.ts gets nothing else to see. */
export const firefoxShape: Shape = {
  meta: { ...members('preprocessedProfileVersion', 'interval', 'startTime'), sampleUnits: members('threadCPUDelta') },
  shared: { ...tables, sources: members('filename') },
  threads: {
    ...tables,
    ...members('name', 'isMainThread', 'processName', 'processStartupTime', 'registerTime', 'unregisterTime', 'pid', 'tid'),
    samples: members('stack', 'time', 'timeDeltas', 'weight', 'weightType', 'threadCPUDelta'),
    heatline: members('process', 'pythonThreadId', 'interpreterId', 'counts', 'cpu', 'flags'),
  },
  heatline: {
    ...members('version', 'until', 'timeResolution'),
    coarseTimes: members('until', 'step'),
    quality: { ...members(...Object.keys(NO_QUALITY)), native: members(...nativeFigures) },
    native: members('functionCount', 'functions', 'libraries'),
    processes: members('pid', 'parent', 'name', 'commandLine', 'executable', 'workingDirectory', 'pythonVersion', 'startedAt'),
    instructions: members('names', ...instructionColumns),
    cut: { ...members('stackCount'), calls: members('length', ...runColumns), leaves: members('length', ...runColumns) },
  },
};

function members(...names: readonly string[]): Record<string, true> {
  return Object.fromEntries(names.map((name) => [name, true]));
}
