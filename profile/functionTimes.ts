import { frameGroups, groupsOfStacks } from './frameGroups.ts';
import { heaviest } from './lines.ts';
import { totalsByKey } from './stackTotals.ts';
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
  const { profile, time } = weights;
  const funcs = functionsOfStacks(weights);
  const self = new Float64Array(profile.functions.length);
  for (let stack = 1; stack < time.length; stack++) self[funcs[stack]!]! += time[stack]!;
  const totals = totalsByKey(weights, funcs, profile.functions.length);
  return heaviest(totals.time, totals.samples).map((func) => ({
    func,
    self: self[func]!,
    total: totals.time[func]!,
    samples: totals.samples[func]!,
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
