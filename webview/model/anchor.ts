import { HIDDEN } from '../messages.ts';
import type { NodePath } from '../query.ts';
import type { Range } from './camera.ts';
import { deepestAround, type FlameTree } from './flameTree.ts';
import { pathOf, type NodeIndex } from './nodeIndex.ts';

/** A view that can be found again in another tree: a node, and where the view's edges lie in shares of its width. */
export interface Anchor {
  readonly path: NodePath;
  readonly start: number;
  readonly end: number;
}

/** All there is, now and later. */
export const WHOLE: Anchor = { path: [], start: 0, end: 1 };

/**
 * What holds a range of times in place when another tree comes. The whole is held by the root and by nothing below it, also
 * where one call fills it all for now: what begins later would lie outside.
 */
export function anchorOf(tree: FlameTree, range: Range): Anchor {
  const whole = tree.total[0]!;
  if (range.end - range.start >= whole * (1 - 1e-9)) return WHOLE;
  let node = deepestAround(tree, range.start, range.end);
  if (tree.func[node] === HIDDEN) node = tree.parent[node]!; // what it stands for is about to come
  const [left, width] = [tree.left[node]!, tree.total[node]!];
  if (width <= 0) return WHOLE;
  return {
    path: pathOf(tree, node),
    start: Math.max(0, (range.start - left) / width),
    end: Math.min(1, (range.end - left) / width),
  };
}

/** Where an anchor is in a tree; if its node is not there, all of the nearest caller that is. */
export function rangeOf(index: NodeIndex, { path, start, end }: Anchor): Range {
  const { tree } = index;
  const { node, rest } = index.follow(path);
  const [left, width] = [tree.left[node]!, tree.total[node]!];
  return rest > 0 ? { start: left, end: left + width } : { start: left + start * width, end: left + end * width };
}
