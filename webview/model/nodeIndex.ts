import { MAX_PATH_LENGTH, type NodePath } from '../query.ts';
import type { FlameTree } from './flameTree.ts';

/**
 * Finds nodes by what they are: the calls that lead to them. That is how zoom, selection and order
 * survive when another tree takes the place of one. An open-addressing hash of (parent, function,
 * line), because a Map per node would cost more than all the rest.
 */
export class NodeIndex {
  readonly tree: FlameTree;
  readonly #slots: Int32Array; // node + 1, or 0
  readonly #mask: number;

  constructor(tree: FlameTree) {
    this.tree = tree;
    const size = 2 ** Math.ceil(Math.log2(tree.length * 2));
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
    for (let node = 1; node < tree.length; node++) {
      let slot = hash(tree.parent[node]!, tree.func[node]!, tree.line[node]!) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = node + 1;
    }
  }

  /** The child of a node that is this function (at this line), or -1. */
  find(parent: number, func: number, line: number): number {
    const { tree } = this;
    let slot = hash(parent, func, line) & this.#mask;
    for (;;) {
      const node = this.#slots[slot]! - 1;
      if (node === -1) return -1;
      if (tree.parent[node] === parent && tree.func[node] === func && tree.line[node] === line) return node;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** The node a path leads to, as far as it goes: `rest` is how many of its steps lead nowhere here. */
  follow(path: NodePath): { node: number; rest: number } {
    let node = 0;
    for (let step = 0; step + 1 < path.length; step += 2) {
      const child = this.find(node, path[step]!, path[step + 1]!);
      if (child === -1) return { node, rest: (path.length - step) / 2 };
      node = child;
    }
    return { node, rest: 0 };
  }
}

function hash(parent: number, func: number, line: number): number {
  let value = Math.imul(parent, 0x9e3779b1) ^ Math.imul(func, 0x85ebca6b) ^ Math.imul(line, 0xc2b2ae35);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return value ^ (value >>> 13);
}

/** The calls that lead to a node. */
export function pathOf(tree: FlameTree, node: number): NodePath {
  const path: number[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) path.push(tree.line[at]!, tree.func[at]!);
  path.reverse();
  return path.slice(0, MAX_PATH_LENGTH);
}
