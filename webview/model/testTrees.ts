import fc from 'fast-check';
import { ROOT, type TreeColumns } from '../messages.ts';
import { layOut, type FlameTree } from './flameTree.ts';

/** A tree in words, for tests: a line per node, indented by depth, `function total`, and `:line` if there is one. Self time is the rest. */
export function columnsOf(lines: readonly string[]): TreeColumns {
  const parent: number[] = [];
  const func: number[] = [];
  const line: number[] = [];
  const total: number[] = [];
  const open: number[] = [];
  lines.forEach((text, node) => {
    const depth = text.search(/\S/);
    const [name, time] = text.trim().split(' ');
    const [functionName, at = '0'] = name!.split(':');
    open[depth] = node;
    parent.push(depth === 0 ? -1 : open[depth - 1]!);
    func.push(depth === 0 ? ROOT : functionName === 'hidden' ? -2 : functionName!.charCodeAt(0) - 97);
    line.push(Number(at));
    total.push(Number(time));
  });
  const self = [...total];
  parent.forEach((above, node) => above >= 0 && (self[above]! -= total[node]!));
  return {
    parent: Int32Array.from(parent),
    func: Int32Array.from(func),
    line: Int32Array.from(line),
    self: Float64Array.from(self),
    total: Float64Array.from(total),
    samples: Float64Array.from(total, (time) => time / 10),
  };
}

export function treeOf(lines: readonly string[]): FlameTree {
  return layOut(columnsOf(lines));
}

/** Row by row, `function left-right`. */
export function drawing(tree: FlameTree): string[] {
  return Array.from({ length: tree.rows }, (_, row) =>
    Array.from({ length: tree.rowStart[row + 1]! - tree.rowStart[row]! }, (_unused, at) => {
      const node = tree.rowStart[row]! + at;
      const name = tree.func[node] === ROOT ? 'all' : String.fromCharCode(97 + tree.func[node]!);
      return `${name} ${tree.left[node]!}-${tree.left[node]! + tree.total[node]!}`;
    }).join(', '),
  );
}

/** Any tree: siblings are different functions, sorted by total; totals hold self and children. */
export const anyColumns: fc.Arbitrary<TreeColumns> = fc.array(fc.tuple(fc.nat(), fc.nat(5), fc.nat(9)), { maxLength: 60 }).map((nodes) => {
  const parent = [-1];
  const func = [ROOT];
  const self = [1];
  for (const [above, name, time] of nodes) {
    const under = above % parent.length;
    if (parent.some((other, node) => other === under && func[node] === name)) continue;
    parent.push(under);
    func.push(name);
    self.push(time);
  }
  const total = [...self];
  for (let node = total.length - 1; node > 0; node--) total[parent[node]!]! += total[node]!;
  return sorted({ parent, func, self, total });
});

/** Preorder with siblings by total, as the host sends them. */
function sorted(nodes: { parent: number[]; func: number[]; self: number[]; total: number[] }): TreeColumns {
  const order: number[] = [];
  const newParent: number[] = [];
  const visit = (node: number, parent: number): void => {
    const number = order.push(node) - 1;
    newParent.push(parent);
    const children = nodes.parent.flatMap((above, child) => (above === node ? [child] : []));
    for (const child of children.sort((a, b) => nodes.total[b]! - nodes.total[a]!)) visit(child, number);
  };
  visit(0, -1);
  return {
    parent: Int32Array.from(newParent),
    func: Int32Array.from(order, (node) => nodes.func[node]!),
    line: new Int32Array(order.length),
    self: Float64Array.from(order, (node) => nodes.self[node]!),
    total: Float64Array.from(order, (node) => nodes.total[node]!),
    samples: Float64Array.from(order, (node) => nodes.total[node]!),
  };
}
