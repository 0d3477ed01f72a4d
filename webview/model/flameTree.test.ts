import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deepestAround, firstBeyond, layOut, nodeAt, rightEdge } from './flameTree.ts';
import { NodeIndex } from './nodeIndex.ts';
import { anyColumns, columnsOf, drawing, treeOf } from './testTrees.ts';

const lines = ['all 100', ' a 60', '  c 30', '  d 20', ' b 30', '  c 30'];

describe('layOut', () => {
  it('puts callees under their callers, from the left', () => {
    assert.deepEqual(drawing(treeOf(lines)), ['all 0-100', 'a 0-60, b 60-90', 'c 0-30, d 30-50, c 60-90']);
  });

  it('numbers any tree by row and position, with children in one piece and inside their parents', () => {
    fc.assert(
      fc.property(anyColumns, (columns) => {
        const tree = layOut(columns);
        assert.equal(tree.length, columns.parent.length);
        assert.equal(tree.rowStart[tree.rows], tree.length);
        for (let row = 0; row < tree.rows; row++) {
          assert.ok(tree.rowStart[row]! < tree.rowStart[row + 1]!, 'no row is empty');
          for (let node = tree.rowStart[row]!; node < tree.rowStart[row + 1]!; node++) {
            assert.equal(tree.depth[node], row);
            if (node > tree.rowStart[row]!) assert.ok(tree.left[node]! >= rightEdge(tree, node - 1));
            for (let child = tree.firstChild[node]!; child < tree.firstChild[node + 1]!; child++) {
              assert.equal(tree.parent[child], node);
              assert.ok(tree.left[child]! >= tree.left[node]! && rightEdge(tree, child) <= rightEdge(tree, node));
            }
          }
        }
        const pathTotals = (parent: Int32Array, func: Int32Array, total: Float64Array): string[] =>
          Array.from(parent, (_, node) => {
            const names: number[] = [];
            for (let at = node; at >= 0; at = parent[at]!) names.unshift(func[at]!);
            return `${names.join('/')}=${total[node]!}`;
          }).sort();
        assert.deepEqual(pathTotals(tree.parent, tree.func, tree.total), pathTotals(columns.parent, columns.func, columns.total));
      }),
    );
  });

  it('keeps siblings in place while they grow alike, and lets one pass that clearly outgrew another', () => {
    const before = new NodeIndex(treeOf(['all 100', ' a 40', ' b 35', ' c 10']));
    assert.deepEqual(drawing(layOut(columnsOf(['all 120', ' b 50', ' a 45', ' d 15', ' c 10']), before)), [
      'all 0-120',
      'a 0-45, b 45-95, d 95-110, c 110-120',
    ]);
    assert.deepEqual(drawing(layOut(columnsOf(['all 150', ' b 80', ' a 45', ' c 10']), before)), [
      'all 0-150',
      'b 0-80, a 80-125, c 125-135',
    ]);
  });

  it('is the same tree, whatever was shown before', () => {
    fc.assert(
      fc.property(anyColumns, anyColumns, (columns, others) => {
        const plain = layOut(columns);
        const kept = layOut(columns, new NodeIndex(layOut(others)));
        const words = (tree: typeof plain): string[] =>
          Array.from(tree.func, (func, node) => `${tree.depth[node]!} ${func} ${tree.total[node]!} ${tree.self[node]!}`).sort();
        assert.deepEqual(words(kept), words(plain));
      }),
    );
  });

  it('copes with very deep and very wide trees', () => {
    const length = 50_000;
    const column = (value: (node: number) => number): Float64Array => Float64Array.from({ length }, (_, node) => value(node));
    const ints = (value: (node: number) => number): Int32Array => Int32Array.from({ length }, (_, node) => value(node));
    const rest = { line: new Int32Array(length), self: column(() => 1), samples: column(() => 1) };
    const deep = layOut({
      ...rest,
      parent: ints((node) => node - 1),
      func: ints((node) => (node === 0 ? -1 : 0)),
      total: column((node) => length - node),
    });
    assert.equal(deep.rows, length);
    const wide = {
      ...rest,
      parent: ints((node) => (node === 0 ? -1 : 0)),
      func: ints((node) => node - 1),
      total: column((node) => (node === 0 ? length - 1 : 1)),
    };
    assert.equal(layOut(wide, new NodeIndex(layOut(wide))).rows, 2);
  });
});

describe('finding nodes by position', () => {
  const tree = treeOf(lines);

  it('finds the node at a time in a row, and none in the gaps', () => {
    assert.equal(nodeAt(tree, 0, 99), 0);
    assert.equal(nodeAt(tree, 1, 0), 1);
    assert.equal(nodeAt(tree, 1, 60), 2);
    assert.equal(nodeAt(tree, 1, 95), -1);
    assert.equal(nodeAt(tree, 2, 55), -1);
    assert.equal(nodeAt(tree, 2, 60), 5);
    assert.equal(nodeAt(tree, 3, 10), -1);
    assert.equal(nodeAt(tree, -1, 10), -1);
  });

  it('agrees with looking at every node', () => {
    fc.assert(
      fc.property(anyColumns, fc.double({ min: 0, max: 1, noNaN: true }), (columns, share) => {
        const any = layOut(columns);
        const time = share * any.total[0]!;
        for (let row = 0; row < any.rows; row++) {
          const nodes = Array.from({ length: any.rowStart[row + 1]! - any.rowStart[row]! }, (_, at) => any.rowStart[row]! + at);
          assert.equal(nodeAt(any, row, time), nodes.find((node) => any.left[node]! <= time && rightEdge(any, node) > time) ?? -1);
          assert.equal(firstBeyond(any, row, time), nodes.find((node) => rightEdge(any, node) > time) ?? any.rowStart[row + 1]!);
        }
      }),
    );
  });

  it('finds the deepest node that fills a range', () => {
    assert.equal(deepestAround(tree, 0, 100), 0);
    assert.equal(deepestAround(tree, 0, 60), 1);
    assert.equal(deepestAround(tree, 60, 90), 5);
    assert.equal(deepestAround(tree, 35, 45), 4);
    assert.equal(deepestAround(tree, 25, 45), 1);
  });
});
