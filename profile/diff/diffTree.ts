import { PairTable } from '../pairTable.ts';
import type { Profile } from '../profile.ts';
import { type DiffPlace, functionKeys } from './diffKeys.ts';
import { Measured, type MeasuredOptions } from './measured.ts';
import { type DiffRanges, significanceLevel } from './profileDiff.ts';
import { adjusted, chanceOfChange } from './significance.ts';

/** The calls of two profiles in one tree; parents before children, node 0 is the root. */
export interface DiffTree {
  /** -1 at the root. */
  readonly parent: Int32Array;
  /** Index into `places`; -1 at the root. */
  readonly func: Int32Array;
  /** µs if seconds are compared; else parts of 1 000 000 of what counts in that profile. */
  readonly selfBefore: Float64Array;
  readonly selfAfter: Float64Array;
  readonly totalBefore: Float64Array;
  readonly totalAfter: Float64Array;
  /** 1: chance would make any total of all nodes look so different more rarely than `significanceLevel`. */
  readonly isSignificant: Uint8Array;
  /** As AFTER has them, or BEFORE where AFTER has none. */
  readonly places: readonly DiffPlace[];
  /** Nodes that are left out, for they are smaller than all that are there. */
  readonly hiddenNodes: number;
}

/** What the whole weighs where shares are compared. */
export const WHOLE = 1e6;

/**
 * The call trees of two profiles laid over each other. Functions are matched as `diffProfiles` does it, and what is more than chance is told as there.
 * @param maxNodes that are told; the smallest are left out, whichever profile they are larger in
 */
export function diffTree(
  before: Profile,
  after: Profile,
  options: Omit<MeasuredOptions, 'lines' | 'range'> & DiffRanges,
  maxNodes: number,
): DiffTree {
  const keys = functionKeys(before, after);
  const { rangeBefore, rangeAfter, ...same } = options;
  const sides = [
    { profile: before, keys: keys.before, range: rangeBefore },
    { profile: after, keys: keys.after, range: rangeAfter },
  ].map(({ profile, keys: ofSide, range }) => ({
    profile,
    ofFrame: ofSide.ofFrame,
    measured: new Measured(profile, ofSide, keys.length, { ...same, lines: false, ...(range === undefined ? {} : { range }) }),
  }));
  const pairs = new PairTable(sides[0]!.profile.stackCount + 1);
  const self = sides.map(({ profile, ofFrame, measured: { weights } }) => {
    const { time, parents, stackFrames } = weights;
    const reached = reachedStacks(time, parents);
    const nodeOf = new Int32Array(time.length);
    const times: number[] = [];
    const scale = same.by === 'seconds' ? 1 : weights.totalTime > 0 ? WHOLE / weights.totalTime : 0;
    for (let stack = 0; stack < profile.stackCount; stack++) {
      if (reached[stack] === 0) continue;
      const node = stack === 0 ? 0 : pairs.id(nodeOf[parents[stack]!]!, ofFrame[stackFrames[stack]!]!) + 1;
      nodeOf[stack] = node;
      times[node] = (times[node] ?? 0) + time[stack]! * scale;
    }
    return times;
  });
  const length = pairs.length + 1;
  const [selfBefore, selfAfter] = self.map((times) => Float64Array.from({ length }, (_, node) => times[node] ?? 0)) as [
    Float64Array,
    Float64Array,
  ];
  const parent = Int32Array.from({ length }, (_, node) => (node === 0 ? -1 : pairs.first(node - 1)));
  const [totalBefore, totalAfter] = [totals(selfBefore, parent), totals(selfAfter, parent)];
  const counts = sides.map(({ measured: { all } }, side) => {
    const whole = [totalBefore, totalAfter][side]![0]!;
    return (time: number) => ({ count: whole > 0 ? (time / whole) * all.count : 0, exposure: all.exposure });
  });
  const chances = adjusted(Array.from(totalBefore, (time, node) => chanceOfChange(counts[0]!(time), counts[1]!(totalAfter[node]!))));
  const kept = largest(totalBefore, totalAfter, maxNodes);
  const pick = (column: Float64Array): Float64Array => Float64Array.from(kept, (node) => column[node]!);
  const place = new Int32Array(length);
  kept.forEach((node, at) => (place[node] = at));
  return {
    parent: Int32Array.from(kept, (node) => (node === 0 ? -1 : place[parent[node]!]!)),
    func: Int32Array.from(kept, (node) => (node === 0 ? -1 : pairs.second(node - 1))),
    selfBefore: pick(selfBefore),
    selfAfter: pick(selfAfter),
    totalBefore: pick(totalBefore),
    totalAfter: pick(totalAfter),
    isSignificant: Uint8Array.from(kept, (node) => (chances[node]! < significanceLevel ? 1 : 0)),
    places: Array.from({ length: keys.length }, (_, key) => keys.after.place(key) ?? keys.before.place(key)!),
    hiddenNodes: length - kept.length,
  };
}

/** 1 by stack that has time, or has one on top of it that has. */
function reachedStacks(time: Float64Array, parents: Uint32Array): Uint8Array {
  const reached = new Uint8Array(time.length);
  reached[0] = 1;
  // Parents have smaller ids.
  for (let stack = time.length - 1; stack > 0; stack--) {
    if (time[stack]! > 0) reached[stack] = 1;
    if (reached[stack] === 1) reached[parents[stack]!] = 1;
  }
  return reached;
}

function totals(self: Float64Array, parent: Int32Array): Float64Array {
  const total = self.slice();
  for (let node = total.length - 1; node > 0; node--) total[parent[node]!]! += total[node]!;
  return total;
}

/** The nodes that are largest in either profile, in their order. No node is larger than its parent, so these are there, too. */
function largest(before: Float64Array, after: Float64Array, count: number): Int32Array {
  const size = (node: number): number => Math.max(before[node]!, after[node]!);
  const nodes = Int32Array.from(before, (_, node) => node);
  if (nodes.length <= count) return nodes;
  // Of equal ones the first: that is the parent.
  return nodes
    .sort((a, b) => size(b) - size(a) || a - b)
    .slice(0, count)
    .sort();
}
