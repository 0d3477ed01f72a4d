import assert from 'node:assert/strict';
import fc from 'fast-check';
import { layOut } from './flameTree.ts';
import { NodeIndex, pathOf } from './nodeIndex.ts';
import { anyColumns, treeOf } from './testTrees.ts';

describe('NodeIndex', () => {
  it('finds every node of any tree by its path', () => {
    fc.assert(
      fc.property(anyColumns, (columns) => {
        const tree = layOut(columns);
        const index = new NodeIndex(tree);
        for (let node = 0; node < tree.length; node++) assert.deepEqual(index.follow(pathOf(tree, node)), { node, rest: 0 });
        assert.equal(index.find(0, 99, 0), -1);
      }),
    );
  });

  it('finds a node again in a tree that has grown', () => {
    const path = pathOf(treeOf(['all 10', ' a 10', '  b 10']), 2);
    const grown = treeOf(['all 90', ' c 50', '  b 20', ' a 40', '  d 20', '  b 15']);
    const { node } = new NodeIndex(grown).follow(path);
    assert.equal(grown.total[node], 15);
  });

  it('goes as far as it can where the path ends early', () => {
    const index = new NodeIndex(treeOf(['all 10', ' a 10', '  b 10']));
    assert.deepEqual(index.follow([0, 0, 7, 0, 1, 0]), { node: 1, rest: 2 });
    assert.deepEqual(index.follow([]), { node: 0, rest: 0 });
  });

  it('tells lines of a function apart', () => {
    const tree = treeOf(['all 10', ' a:3 6', ' a:4 4']);
    assert.deepEqual(pathOf(tree, 2), [0, 4]);
    assert.equal(new NodeIndex(tree).find(0, 0, 4), 2);
  });
});
