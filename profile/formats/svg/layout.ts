import type { CallTree } from '../../callTree.ts';

/** A box of the flame graph. */
export interface Box {
  /** Of the call tree. */
  readonly node: number;
  /** Levels below the root, which has 0. */
  readonly depth: number;
  /** From 0 to 1, of the root's width. */
  readonly start: number;
  readonly share: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  /** Levels, at least 1. */
  readonly levels: number;
  /** Calls that are left out, as they are too narrow or too deep. */
  readonly leftOut: number;
}

export interface Limits {
  /** Boxes at most: the widest. Browsers get slow with more. */
  readonly boxes: number;
  readonly levels: number;
  /** Share of the whole below which a box is left out. */
  readonly share: number;
}

export const LIMITS: Limits = { boxes: 20_000, levels: 2_000, share: 0.0001 };

/** Places the calls of a tree, the widest first where there are too many. A box's parent is always there, too. */
export function layout({ length, parent, depth, total }: CallTree, limits: Limits = LIMITS): Layout {
  const whole = total[0]!;
  const narrowest = thresholdOf(total.subarray(0, length), limits.boxes, limits.share * whole);
  const boxes: Box[] = [];
  const start = new Float64Array(length);
  /** By node: where its next child begins. */
  const next = new Float64Array(length);
  let levels = 1;
  for (let node = 0; node < length; node++) {
    const above = parent[node]!;
    if (above >= 0) {
      start[node] = next[above]!;
      next[above]! += total[node]!;
    }
    next[node] = start[node]!;
    if (node > 0 && (total[node]! < narrowest || depth[node]! >= limits.levels || boxes.length >= limits.boxes)) continue;
    levels = Math.max(levels, depth[node]! + 1);
    boxes.push({ node, depth: depth[node]!, start: whole === 0 ? 0 : start[node]! / whole, share: whole === 0 ? 1 : total[node]! / whole });
  }
  return { boxes, levels, leftOut: length - boxes.length };
}

/** The total from which on there are at most so many nodes; nodes of equal totals all are in or out, unless none would be in. */
function thresholdOf(totals: Float64Array, count: number, atLeast: number): number {
  if (totals.length <= count) return Math.max(atLeast, Number.MIN_VALUE);
  const sorted = totals.slice().sort();
  return Math.max(atLeast, sorted[sorted.length - count]!, Number.MIN_VALUE);
}
