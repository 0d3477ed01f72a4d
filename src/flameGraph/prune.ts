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
 * Leaves out what can't be seen. A tree within the budget is sent whole. In a larger one, nodes
 * too narrow for a pixel, at the zoom of the focus within it and at no zoom elsewhere, are replaced
 * by one HIDDEN node per parent; if that is not enough, wider ones go too, until the rest fits.
 * @param budget nodes to send at most, about
 */
export function prune(tree: CallTree, focus: Focus | undefined, budget: number): PrunedTree {
  const { length } = tree;
  if (length <= budget) {
    const { parent, func, line, self, total, samples } = tree;
    return { nodes: { parent, func, line, self, total, samples }, hidden: 0 };
  }
  const chain = focus === undefined ? [0] : nodesAlong(tree, focus.path);
  const onChain = new Set(chain);
  const fineFrom = chain.at(-1)!;
  const keep = new Uint8Array(length);
  const fine = new Uint8Array(length);
  let coarseness = 1;
  let count = 0;
  do {
    // Never 0: nodes without time are the first to go, also where nothing has any.
    const outside = Math.max(Number.MIN_VALUE, tree.total[0]! * SEEN_SHARE * coarseness);
    const inside = focus === undefined ? outside : Math.min(outside, Math.max(Number.MIN_VALUE, focus.span * SEEN_SHARE * coarseness));
    keep.fill(0);
    fine.fill(0);
    count = 0;
    for (let node = 0; node < length; node++) {
      const parent = tree.parent[node]!;
      if (parent >= 0 && keep[parent] === 0) continue;
      fine[node] = node === fineFrom || (parent >= 0 && fine[parent] === 1) ? 1 : 0;
      if (!onChain.has(node) && tree.total[node]! < (fine[node] === 1 ? inside : outside)) continue;
      keep[node] = 1;
      count++;
    }
    coarseness *= 1.5;
  } while (count > budget && count > chain.length);
  return collect(tree, keep, count);
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
