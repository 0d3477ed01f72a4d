import { HIDDEN } from '../messages.ts';
import type { FlameTree } from './flameTree.ts';

export type Step = 'caller' | 'callee' | 'previous' | 'next';

/** Where a step leads from a node; the node itself where there is nothing. */
export function step(tree: FlameTree, node: number, direction: Step): number {
  switch (direction) {
    case 'caller':
      return Math.max(0, tree.parent[node]!);
    case 'callee':
      return widestChild(tree, node);
    case 'previous':
      return neighbour(tree, node, -1);
    case 'next':
      return neighbour(tree, node, 1);
  }
}

function widestChild(tree: FlameTree, node: number): number {
  let widest = node;
  let width = -1;
  for (let child = tree.firstChild[node]!; child < tree.firstChild[node + 1]!; child++) {
    if (tree.func[child] === HIDDEN || tree.total[child]! <= width) continue;
    widest = child;
    width = tree.total[child]!;
  }
  return widest;
}

/** The next box in the row, cousins included. */
function neighbour(tree: FlameTree, node: number, by: 1 | -1): number {
  const row = tree.depth[node]!;
  let at = node + by;
  while (at >= tree.rowStart[row]! && at < tree.rowStart[row + 1]!) {
    if (tree.func[at] !== HIDDEN) return at;
    at += by;
  }
  return node;
}

/** The widest ancestor (or the node itself) that can fill the view with the node still `share` of it. */
export function frameFor(tree: FlameTree, node: number, share: number): number {
  let frame = node;
  while (frame > 0 && tree.total[node]! >= tree.total[tree.parent[frame]!]! * share) frame = tree.parent[frame]!;
  return frame;
}

/** The nearest box above that is noticeably wider; the root if there is none. */
export function widerCaller(tree: FlameTree, node: number): number {
  let caller = Math.max(0, tree.parent[node]!);
  while (caller > 0 && tree.total[caller]! <= tree.total[node]! * 1.001) caller = tree.parent[caller]!;
  return caller;
}
