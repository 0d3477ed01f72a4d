import type { WeighedStacks } from './weighedStacks.ts';

/** What keys are of: lines of files, lines of functions, functions, or expressions. */
export type CutKeys = 'line of file' | 'line of function' | 'function' | 'expression';

/** Total time (µs) and samples, by stack or by key. */
export interface Totals {
  readonly time: Float64Array;
  readonly samples: Float64Array;
}

/** The weight of every stack and all stacks on top of it. */
export function stackTotals(weights: WeighedStacks): Totals {
  const { parents } = weights;
  const time = weights.time.slice();
  const samples = weights.samples.slice();
  // Parents have smaller ids, so going down every stack is complete before it is added to its parent.
  for (let stack = time.length - 1; stack > 0; stack--) {
    if (samples[stack] === 0) continue;
    const parent = parents[stack]!;
    time[parent]! += time[stack]!;
    samples[parent]! += samples[stack]!;
  }
  return { time, samples };
}

/**
 * Totals by key: the weight of all stacks that have the key somewhere between root and leaf, each
 * counted once however often the key occurs in it (recursion).
 * @param keys the key of every stack's leaf frame in its place, from 0 to `keyCount` - 1, or -1.
 * @param cut what keys are of, so that what was cut off stacks is added (CutCalls in delta.ts); undefined: of nothing that it tells
 */
export function totalsByKey(weights: WeighedStacks, keys: Int32Array, keyCount: number, cut?: CutKeys): Totals {
  const { parents } = weights;
  const totals = stackTotals(weights);
  const count = totals.time.length;
  const firstChild = new Int32Array(count);
  const nextSibling = new Int32Array(count);
  for (let stack = count - 1; stack > 0; stack--) {
    if (totals.samples[stack] === 0) continue;
    const parent = parents[stack]!;
    nextSibling[stack] = firstChild[parent]!;
    firstChild[parent] = stack;
  }
  const time = new Float64Array(keyCount);
  const samples = new Float64Array(keyCount);
  /** How often each key occurs between the root and the current stack. */
  const open = new Int32Array(keyCount);
  let stack = firstChild[0]!;
  while (stack !== 0) {
    const key = keys[stack]!;
    if (key >= 0 && open[key]!++ === 0) {
      time[key]! += totals.time[stack]!;
      samples[key]! += totals.samples[stack]!;
    }
    if (firstChild[stack] !== 0) {
      stack = firstChild[stack]!;
      continue;
    }
    for (;;) {
      const left = keys[stack]!;
      if (left >= 0) open[left]!--;
      if (nextSibling[stack] !== 0) {
        stack = nextSibling[stack]!;
        break;
      }
      stack = parents[stack]!;
      if (stack === 0) break;
    }
  }
  if (cut !== undefined) addCut(weights, keys, cut, { time, samples });
  return { time, samples };
}

function addCut({ cut, profile }: WeighedStacks, keys: Int32Array, of: CutKeys, totals: Totals): void {
  if (cut === undefined) return;
  // Where something was cut off, stacks are as in the profile.
  const { stackFrames, stackParents, frameLines } = profile.columns;
  for (let stack = 1; stack < keys.length; stack++) {
    const key = keys[stack]!;
    if (key < 0 || cut.samples[stack] === 0) continue;
    const frame = stackFrames[stack]!;
    const isExpression = profile.instructions.of(frame) !== undefined;
    if (isExpression !== (of === 'expression') || (frameLines[frame] === 0) !== (of === 'function')) continue;
    if (of === 'line of file' && stackParents[stack] !== 0) continue;
    totals.time[key]! += cut.time[stack]!;
    totals.samples[key]! += cut.samples[stack]!;
  }
}

/**
 * Self times by key: of stacks, and of what was cut off others, whose time is that of “(not read)” there (`notRead`, its key).
 * @param keys as for totalsByKey
 */
export function selfByKey({ time, cut }: WeighedStacks, keys: Int32Array, keyCount: number, notRead = -1): Float64Array<ArrayBuffer> {
  const self = new Float64Array(keyCount);
  for (let stack = 1; stack < time.length; stack++) {
    const key = keys[stack]!;
    if (key >= 0) self[key]! += time[stack]!;
  }
  if (cut === undefined) return self;
  for (let stack = 1; stack < time.length; stack++) {
    const key = keys[stack]!;
    if (key >= 0) self[key]! += cut.self[stack]!;
    if (notRead >= 0) self[notRead]! -= cut.self[stack]!;
  }
  if (notRead >= 0) self[notRead] = Math.max(0, self[notRead]!);
  return self;
}
