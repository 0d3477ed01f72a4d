import type { FlameTree } from './flameTree.ts';
import { type FunctionSet, isIn } from './functions.ts';

/** Which boxes stand out, and how much of the whole they are. */
export interface Marks {
  /** 1 by node. */
  readonly nodes: Uint8Array;
  /** Number of boxes. */
  readonly count: number;
  /** µs of the whole that went through marked boxes, nested ones counted once. */
  readonly time: number;
}

/**
 * The boxes of the marked functions in a tree.
 * @param functions those to mark
 * @param line of these functions, in trees by line; 0 for any
 */
export function markTree(tree: FlameTree, functions: FunctionSet, line = 0): Marks {
  let count = 0;
  let time = 0;
  const nodes = new Uint8Array(tree.length);
  const covered = new Uint8Array(tree.length); // itself or something above is marked
  for (let node = 1; node < tree.length; node++) {
    const marked = tree.func[node]! >= 0 && isIn(functions, tree.func[node]!) && isLine(tree.line[node]!, line);
    const above = covered[tree.parent[node]!]!;
    if (marked) {
      nodes[node] = 1;
      count++;
      if (above === 0) time += tree.total[node]!;
    }
    covered[node] = marked ? 1 : above;
  }
  return { nodes, count, time };
}

/** Whether what is at a line is meant by another; 0 at either: no line is told. */
export function isLine(line: number, meant: number): boolean {
  return line === 0 || meant === 0 || line === meant;
}

/** The marked boxes, widest first; equal ones row by row from left to right. */
export function markedBySize({ total }: FlameTree, nodes: Uint8Array): readonly number[] {
  const marked: number[] = [];
  for (let node = 0; node < nodes.length; node++) if (nodes[node] === 1) marked.push(node);
  return marked.sort((a, b) => total[b]! - total[a]! || a - b);
}

/** What comes after a node in such an order, and around again; from elsewhere its first or last. -1 if there is none. */
export function nextMarked(order: readonly number[], node: number, by: 1 | -1): number {
  const at = order.indexOf(node);
  if (at === -1) return (by === 1 ? order[0] : order.at(-1)) ?? -1;
  return order[(at + by + order.length) % order.length]!;
}
