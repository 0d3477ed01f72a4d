import { isNative } from './delta.ts';
import { frameGroups, groupsOfStacks } from './frameGroups.ts';
import { PairTable } from './pairTable.ts';
import { selfByKey, totalsByKey } from './stackTotals.ts';
import { FOLDED, type WeighedStacks } from './weighedStacks.ts';

/** What a line of a file took. Recursion counts once per stack, so no total exceeds that of all samples. */
export interface LineTime {
  readonly line: number;
  /** µs in which the line itself was executing. */
  readonly self: number;
  /** µs in which the line was executing or waiting for what it called. */
  readonly total: number;
  /** Number of samples in the total. */
  readonly samples: number;
}

/** Lines that were seen, in order, by `co_filename`. Frames without a line are no line's. */
export function lineTimes(weights: WeighedStacks): Map<string, LineTime[]> {
  const { profile, time, parents } = weights;
  const fileIds = new Map<string, number>();
  const fileOf = Int32Array.from(profile.functions, ({ file }) => {
    const id = fileIds.get(file) ?? fileIds.size;
    fileIds.set(file, id);
    return id;
  });
  const files = [...fileIds.keys()];
  const lines = new PairTable(profile.frameCount);
  const { frameFunctions, frameLines } = profile.columns;
  const { stackFrames } = weights;
  const lineOf = new Int32Array(profile.frameCount);
  for (let frame = 0; frame < lineOf.length; frame++) {
    lineOf[frame] = frameLines[frame] === 0 ? -1 : lines.id(fileOf[frameFunctions[frame]!]!, frameLines[frame]!);
  }
  const keys = new Int32Array(time.length).fill(-1);
  // What a line does in native code is its own time. Parents come first.
  const isPython = Uint8Array.from(profile.functions, (record) => (isNative(record) ? 0 : 1));
  for (let stack = 1; stack < time.length; stack++) {
    const frame = stackFrames[stack]!;
    if (frame >= FOLDED) continue;
    keys[stack] = isPython[frameFunctions[frame]!] === 1 ? lineOf[frame]! : keys[parents[stack]!]!;
  }
  const self = selfByKey(weights, keys, lines.length);
  const totals = totalsByKey(weights, keys, lines.length, 'line of file');
  const times = new Map<string, LineTime[]>();
  for (let id = 0; id < lines.length; id++) {
    if (totals.samples[id] === 0) continue;
    const file = files[lines.first(id)]!;
    let ofFile = times.get(file);
    if (ofFile === undefined) times.set(file, (ofFile = []));
    ofFile.push({ line: lines.second(id), self: self[id]!, total: totals.time[id]!, samples: totals.samples[id]! });
  }
  for (const ofFile of times.values()) ofFile.sort((a, b) => a.line - b.line);
  return times;
}

/** A place that calls. */
export interface Caller {
  /** Of the calling function. */
  readonly name: string;
  readonly file: string;
  /** Where in it the call is; 0 if unknown. */
  readonly line: number;
  /** µs of the samples with this call in their stack; recursion counts once per stack. */
  readonly time: number;
}

/**
 * Who called the function when it was at this line: the `limit` places with the most time, most
 * first. Stacks in which the line has no caller (a module's own code) add nothing.
 */
export function callersOfLine(weights: WeighedStacks, file: string, line: number, limit: number): Caller[] {
  const { profile, time, parents } = weights;
  const { frameFunctions, frameLines } = profile.columns;
  const { stackFrames } = weights;
  const inFile = Uint8Array.from(profile.functions, (record) => (record.file === file && !isNative(record) ? 1 : 0));
  const isPython = Uint8Array.from(profile.functions, (record) => (isNative(record) ? 0 : 1));
  const groups = frameGroups(profile, 'line');
  const keys = groupsOfStacks(weights, groups);
  // Native frames and folded libraries between count as who called them. Parents come first.
  for (let stack = 1; stack < time.length; stack++)
    if (stackFrames[stack]! >= FOLDED || isPython[frameFunctions[stackFrames[stack]!]!] === 0) keys[stack] = keys[parents[stack]!]!;
  // A stack's key is its caller. From the highest id down, parents still have their own group when it is read.
  for (let stack = time.length - 1; stack > 0; stack--) {
    const frame = stackFrames[stack]!;
    const isThere = frame < FOLDED && frameLines[frame] === line && inFile[frameFunctions[frame]!] === 1;
    keys[stack] = isThere ? keys[parents[stack]!]! : -1;
  }
  const totals = totalsByKey(weights, keys, groups.lengthWithFolded);
  return heaviest(totals.time, totals.samples, limit).map((group) => {
    const { name, file: callerFile } = profile.functions[groups.func(group)]!;
    return { name, file: callerFile, line: groups.line(group), time: totals.time[group]! };
  });
}

/** Keys that have samples, most time first. */
export function heaviest(time: Float64Array, samples: Float64Array, limit = Infinity): number[] {
  const keys: number[] = [];
  for (let key = 0; key < time.length; key++) if (samples[key]! > 0) keys.push(key);
  keys.sort((a, b) => time[b]! - time[a]! || a - b);
  return keys.slice(0, Math.max(0, limit));
}
