import { isNotRead } from './delta.ts';
import { type FrameGroups, frameGroups, groupsOfStacks } from './frameGroups.ts';
import { heaviest } from './lines.ts';
import { type CutKeys, selfByKey, totalsByKey } from './stackTotals.ts';
import { FOLDED, type WeighedStacks } from './weighedStacks.ts';

/** What a function took. Recursion counts once per stack, so no total exceeds that of all samples. */
export interface FunctionTime {
  /** Function id; from FOLDED on a folded library. */
  readonly func: number;
  /** µs in which the function itself was executing. */
  readonly self: number;
  /** µs in which it was executing or waiting for what it called. */
  readonly total: number;
  /** Number of samples in the total. */
  readonly samples: number;
}

/** What a line of a function took. */
export interface FunctionLineTime extends FunctionTime {
  /** 0 for code without a line. */
  readonly line: number;
}

/** A function at the other end of a call. */
export interface CallTime {
  /** Function id. */
  readonly func: number;
  /** µs of the samples with this call in their stack; recursion counts once per stack. */
  readonly time: number;
  readonly samples: number;
}

/** Functions that were seen, by total, descending. */
export function functionTimes(weights: WeighedStacks): FunctionTime[] {
  return timesOfGroups(weights, frameGroups(weights.profile), 'function').map(withoutLine);
}

/**
 * Modules that were seen, by total, descending, each by the first function of its file (of native code: of its library). What was cut off
 * stacks (CutCalls in delta.ts) is told by function, not by module, and so in no total.
 */
export function moduleTimes(weights: WeighedStacks): FunctionTime[] {
  return timesOfGroups(weights, frameGroups(weights.profile, 'module'), undefined).map(withoutLine);
}

function withoutLine({ func, self, total, samples }: FunctionLineTime): FunctionTime {
  return { func, self, total, samples };
}

/** Lines of functions that were seen, by total, descending. */
export function functionLineTimes(weights: WeighedStacks): FunctionLineTime[] {
  return timesOfGroups(weights, frameGroups(weights.profile, 'line'), 'line of function');
}

function timesOfGroups(weights: WeighedStacks, groups: FrameGroups, by: CutKeys | undefined): FunctionLineTime[] {
  const { profile } = weights;
  const keys = groupsOfStacks(weights, groups);
  const notRead = groups.ofFrame.findIndex((_, frame) => isNotRead(profile.functions[profile.frameFunction(frame)]!));
  const self = selfByKey(weights, keys, groups.lengthWithFolded, notRead < 0 ? -1 : groups.ofFrame[notRead]!);
  const totals = totalsByKey(weights, keys, groups.lengthWithFolded, by);
  return heaviest(totals.time, totals.samples).map((group) => ({
    func: groups.func(group),
    line: groups.line(group),
    self: self[group]!,
    total: totals.time[group]!,
    samples: totals.samples[group]!,
  }));
}

/** Who called a function: the `limit` functions with the most time, most first; itself too if it recurses. */
export function callersOfFunction(weights: WeighedStacks, func: number, limit: number): CallTime[] {
  const groups = frameGroups(weights.profile);
  const keys = groupsOfStacks(weights, groups);
  const wanted = groupOfFunction(groups, func);
  const { parents } = weights;
  // From the highest id down, so that a parent still has its own function when it is read.
  for (let stack = keys.length - 1; stack > 0; stack--) keys[stack] = keys[stack] === wanted ? keys[parents[stack]!]! : -1;
  return callTimes(weights, groups, keys, limit);
}

/** What a function called: the `limit` functions with the most time, most first; itself too if it recurses. */
export function calleesOfFunction(weights: WeighedStacks, func: number, limit: number): CallTime[] {
  const groups = frameGroups(weights.profile);
  const keys = groupsOfStacks(weights, groups);
  const wanted = groupOfFunction(groups, func);
  const { parents } = weights;
  for (let stack = keys.length - 1; stack > 0; stack--) if (keys[parents[stack]!] !== wanted) keys[stack] = -1;
  return callTimes(weights, groups, keys, limit);
}

function groupOfFunction({ length }: FrameGroups, func: number): number {
  return func < FOLDED ? func : length + func - FOLDED;
}

function callTimes(weights: WeighedStacks, groups: FrameGroups, keys: Int32Array, limit: number): CallTime[] {
  const { time, samples } = totalsByKey(weights, keys, groups.lengthWithFolded);
  return heaviest(time, samples, limit).map((group) => ({ func: groups.func(group), time: time[group]!, samples: samples[group]! }));
}
