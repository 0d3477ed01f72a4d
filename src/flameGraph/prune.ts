import type { CallTree } from '../../profile/callTree.ts';
import { HIDDEN, type TreeColumns } from '../../webview/messages.ts';
import type { NodePath } from '../../webview/query.ts';

/** What the page looks at: the deepest node that fills its view, and the µs across it. */
export interface Focus {
  readonly path: NodePath;
  readonly span: number;
}

export interface PrunedTree {
  readonly nodes: TreeColumns;
  /** How many nodes were left out. */
  readonly hidden: number;
}

/** Half a pixel of a wide screen. */
const SEEN_SHARE = 1 / 8000;

/**
 * Leaves out what can't be seen. A tree within the budget is sent whole. Of a larger one, nodes
 * too narrow for a pixel, at the zoom of the focus within it and at no zoom elsewhere, are replaced
 * by one HIDDEN node per parent; if that is not enough, the narrowest of the others go too, and of equally wide ones – a recursion
 * deeper than the budget – the deepest.
 * @param budget nodes to send at most, about: below a focus that is deeper than that, half as many
 */
export function prune(tree: CallTree, focus: Focus | undefined, budget: number): PrunedTree {
  const { length } = tree;
  if (length <= budget) {
    const { parent, func, line, self, total, samples } = tree;
    return { nodes: { parent, func, line, self, total, samples }, hidden: 0 };
  }
  const chain = focus === undefined ? [0] : nodesAlong(tree, focus.path);
  const keep = new Uint8Array(length);
  for (const node of chain) keep[node] = 1;
  const room = Math.max(budget - chain.length, Math.floor(budget / 2));
  const count = chain.length + keepWidest(tree, widthsFrom(tree, focus, chain.at(-1)!), keep, room);
  return collect(tree, keep, count);
}

/** By node: its share of what is across the view; no node has a wider one than its parent, unless that is on the way to the focus. */
function widthsFrom(tree: CallTree, focus: Focus | undefined, fineFrom: number): Float64Array {
  const { length } = tree;
  const widths = new Float64Array(length);
  const fine = new Uint8Array(length);
  const outside = Math.max(Number.MIN_VALUE, tree.total[0]!);
  const inside = focus === undefined ? outside : Math.min(outside, Math.max(Number.MIN_VALUE, focus.span));
  for (let node = 0; node < length; node++) {
    const parent = tree.parent[node]!;
    fine[node] = node === fineFrom || (parent >= 0 && fine[parent] === 1) ? 1 : 0;
    widths[node] = tree.total[node]! / (fine[node] === 1 ? inside : outside);
  }
  return widths;
}

/** Marks the widest nodes that can be seen, as many as there is room for, each with its parents. @returns how many */
function keepWidest(tree: CallTree, widths: Float64Array, keep: Uint8Array, room: number): number {
  const { length, parent } = tree;
  const isCandidate = (node: number): boolean => keep[node] === 0 && widths[node]! >= SEEN_SHARE;
  let candidates = 0;
  const sorted = new Float64Array(length);
  for (let node = 0; node < length; node++) if (isCandidate(node)) sorted[candidates++] = widths[node]!;
  const narrowest = candidates <= room ? 0 : room === 0 ? Infinity : sorted.subarray(0, candidates).sort()[candidates - room]!;
  const deepest =
    candidates <= room
      ? Infinity
      : deepestThatFits(
          tree,
          room,
          (node) => isCandidate(node) && widths[node]! >= narrowest,
          (node) => widths[node]! > narrowest,
        );
  let count = 0;
  for (let node = 0; node < length; node++) {
    if (!isCandidate(node) || keep[parent[node]!] === 0) continue;
    if (widths[node]! < narrowest || (widths[node] === narrowest && tree.depth[node]! > deepest)) continue;
    keep[node] = 1;
    count++;
  }
  return count;
}

/** To which depth all nodes of the narrowest width can be kept that is kept at all. */
function deepestThatFits(tree: CallTree, room: number, isWanted: (node: number) => boolean, isSure: (node: number) => boolean): number {
  const byDepth: number[] = [];
  let left = room;
  for (let node = 0; node < tree.length; node++) {
    if (!isWanted(node)) continue;
    if (isSure(node)) left--;
    else byDepth[tree.depth[node]!] = (byDepth[tree.depth[node]!] ?? 0) + 1;
  }
  let deepest = -1;
  for (const [depth, nodes = 0] of byDepth.entries()) {
    left -= nodes;
    if (left < 0) break;
    deepest = depth;
  }
  return deepest;
}

/** The nodes from the root along a path, as far as it goes. */
function nodesAlong(tree: CallTree, path: NodePath): number[] {
  const nodes = [0];
  let step = 0;
  // Preorder: the children of a node come after it and before anything that is not below it.
  for (let node = 1; node < tree.length && step + 1 < path.length; node++) {
    const at = nodes.at(-1)!;
    if (tree.depth[node]! <= tree.depth[at]!) break;
    if (tree.parent[node] !== at || tree.func[node] !== path[step] || tree.line[node] !== path[step + 1]) continue;
    nodes.push(node);
    step += 2;
  }
  return nodes;
}

function collect(tree: CallTree, keep: Uint8Array, count: number): PrunedTree {
  const { length } = tree;
  /** By node: how many nodes its HIDDEN child stands for, and their time. */
  const hiddenNodes = new Int32Array(length);
  const hiddenTime = new Float64Array(length);
  const nearestKept = new Int32Array(length);
  let parents = 0;
  for (let node = 1; node < length; node++) {
    const parent = tree.parent[node]!;
    nearestKept[node] = keep[node] === 1 ? node : nearestKept[parent]!;
    if (keep[node] === 1) continue;
    const above = nearestKept[node]!;
    if (hiddenNodes[above] === 0) parents++;
    hiddenNodes[above]!++;
    if (keep[parent] === 1) hiddenTime[above]! += tree.total[node]!;
  }
  const size = count + parents;
  const nodes = {
    parent: new Int32Array(size),
    func: new Int32Array(size),
    line: new Int32Array(size),
    self: new Float64Array(size),
    total: new Float64Array(size),
    samples: new Float64Array(size),
  };
  const numberOf = new Int32Array(length);
  let next = 0;
  for (let node = 0; node < length; node++) {
    if (keep[node] === 0) continue;
    numberOf[node] = next;
    nodes.parent[next] = node === 0 ? -1 : numberOf[tree.parent[node]!]!;
    for (const column of ['func', 'line', 'self', 'total', 'samples'] as const) nodes[column][next] = tree[column][node]!;
    next++;
  }
  for (let node = 0; node < length; node++) {
    if (hiddenNodes[node] === 0) continue;
    nodes.parent[next] = numberOf[node]!;
    nodes.func[next] = HIDDEN;
    nodes.total[next] = hiddenTime[node]!;
    nodes.samples[next] = hiddenNodes[node]!;
    next++;
  }
  return { nodes, hidden: length - count };
}
