import type { FlameTree } from './flameTree.ts';

/** Which boxes stand out, and how much of the whole they are. */
export interface Marks {
  /** 1 by function id. */
  readonly functions: Uint8Array;
  /** Number of boxes. */
  readonly count: number;
  /** µs of the whole that went through marked boxes, nested ones counted once. */
  readonly time: number;
}

/** The boxes of the marked functions in a tree. */
export function markTree(tree: FlameTree, functions: Uint8Array): Marks {
  let count = 0;
  let time = 0;
  const covered = new Uint8Array(tree.length); // itself or something above is marked
  for (let node = 1; node < tree.length; node++) {
    const marked = isMarked(functions, tree.func[node]!);
    const above = covered[tree.parent[node]!]!;
    if (marked) {
      count++;
      if (above === 0) time += tree.total[node]!;
    }
    covered[node] = marked ? 1 : above;
  }
  return { functions, count, time };
}

export function isMarked(functions: Uint8Array, func: number): boolean {
  return func >= 0 && func < functions.length && functions[func] === 1;
}

/** The next marked box after a node, row by row from left to right and around again; -1 if there is none. */
export function nextMarked(tree: FlameTree, functions: Uint8Array, node: number, by: 1 | -1): number {
  let at = node;
  for (let tried = 0; tried < tree.length; tried++) {
    at = (at + by + tree.length) % tree.length;
    if (isMarked(functions, tree.func[at]!)) return at;
  }
  return -1;
}
