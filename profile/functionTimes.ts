import { isNotRead } from './delta.ts';
import { type FrameGroups, frameGroups, groupsOfStacks } from './frameGroups.ts';
import { heaviest } from './lines.ts';
import { type CutKeys, selfByKey, totalsByKey } from './stackTotals.ts';
import type { StackWeights } from './weights.ts';

/** What a function took. Recursion counts once per stack, so no total exceeds that of all samples. */
export interface FunctionTime {
  /** Function id. */
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
export function functionTimes(weights: StackWeights): FunctionTime[] {
  return timesOfGroups(weights, frameGroups(weights.profile), 'function').map(({ func, self, total, samples }) => ({
    func,
    self,
    total,
    samples,
  }));
}

/** Lines of functions that were seen, by total, descending. */
export function functionLineTimes(weights: StackWeights): FunctionLineTime[] {
  return timesOfGroups(weights, frameGroups(weights.profile, 'line'), 'line of function');
}

function timesOfGroups(weights: StackWeights, groups: FrameGroups, by: CutKeys): FunctionLineTime[] {
  const { profile, time } = weights;
  const keys = groupsOfStacks(profile, time.length, groups);
  const notRead = groups.ofFrame.findIndex((_, frame) => isNotRead(profile.functions[profile.frameFunction(frame)]!));
  const self = selfByKey(weights, keys, groups.length, notRead < 0 ? -1 : groups.ofFrame[notRead]!);
  const totals = totalsByKey(weights, keys, groups.length, by);
  return heaviest(totals.time, totals.samples).map((group) => ({
    func: groups.func(group),
    line: groups.line(group),
    self: self[group]!,
    total: totals.time[group]!,
    samples: totals.samples[group]!,
  }));
}

/** Who called a function: the `limit` functions with the most time, most first; itself too if it recurses. */
export function callersOfFunction(weights: StackWeights, func: number, limit: number): CallTime[] {
  const keys = functionsOfStacks(weights);
  const { parents } = weights;
  // From the highest id down, so that a parent still has its own function when it is read.
  for (let stack = keys.length - 1; stack > 0; stack--) keys[stack] = keys[stack] === func ? keys[parents[stack]!]! : -1;
  return callTimes(weights, keys, limit);
}

/** What a function called: the `limit` functions with the most time, most first; itself too if it recurses. */
export function calleesOfFunction(weights: StackWeights, func: number, limit: number): CallTime[] {
  const keys = functionsOfStacks(weights);
  const { parents } = weights;
  for (let stack = keys.length - 1; stack > 0; stack--) if (keys[parents[stack]!] !== func) keys[stack] = -1;
  return callTimes(weights, keys, limit);
}

function functionsOfStacks(weights: StackWeights): Int32Array {
  return groupsOfStacks(weights.profile, weights.time.length, frameGroups(weights.profile));
}

function callTimes(weights: StackWeights, keys: Int32Array, limit: number): CallTime[] {
  const { time, samples } = totalsByKey(weights, keys, weights.profile.functions.length);
  return heaviest(time, samples, limit).map((func) => ({ func, time: time[func]!, samples: samples[func]! }));
}
