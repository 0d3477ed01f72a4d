import assert from 'node:assert/strict';
import { markTree, nextMarked } from './marks.ts';
import { frameFor, step, widerCaller } from './navigation.ts';
import { treeOf } from './testTrees.ts';

const tree = treeOf(['all 100', ' a 60', '  b 50', '   a 30', ' c 30', '  a 10', '  hidden 5']);
// Row by row: 0 all | 1 a, 2 c | 3 b, 4 a, 5 hidden | 6 a
const isA = Uint8Array.of(1, 0, 0);

describe('markTree', () => {
  it('counts boxes, and time that goes through any of them once', () => {
    const { count, time } = markTree(tree, isA);
    assert.equal(count, 3);
    assert.equal(time, 70);
  });

  it('is nothing for no match, and for functions that came later', () => {
    assert.equal(markTree(tree, new Uint8Array(0)).count, 0);
  });
});

describe('nextMarked', () => {
  it('goes row by row, and round again', () => {
    assert.equal(nextMarked(tree, isA, 0, 1), 1);
    assert.equal(nextMarked(tree, isA, 1, 1), 4);
    assert.equal(nextMarked(tree, isA, 6, 1), 1);
    assert.equal(nextMarked(tree, isA, 1, -1), 6);
    assert.equal(nextMarked(tree, new Uint8Array(3), 0, 1), -1);
  });
});

describe('navigation', () => {
  it('steps to callers, to the heaviest callee and to neighbours, cousins included', () => {
    assert.equal(step(tree, 6, 'caller'), 3);
    assert.equal(step(tree, 0, 'caller'), 0);
    assert.equal(step(tree, 0, 'callee'), 1);
    assert.equal(step(tree, 6, 'callee'), 6);
    assert.equal(step(tree, 1, 'next'), 2);
    assert.equal(step(tree, 2, 'next'), 2);
    assert.equal(step(tree, 4, 'previous'), 3);
  });

  it('passes by what stands for hidden calls', () => {
    assert.equal(step(tree, 4, 'next'), 4);
    assert.equal(step(tree, 5, 'callee'), 5);
  });

  it('finds the widest frame in which a box can still be seen', () => {
    assert.equal(frameFor(tree, 6, 0.2), 0);
    assert.equal(frameFor(tree, 6, 0.4), 1);
    assert.equal(frameFor(tree, 6, 0.6), 3);
    assert.equal(frameFor(tree, 6, 0.9), 6);
  });

  it('zooms out to a caller that is wider', () => {
    const chain = treeOf(['all 100', ' a 60', '  b 60', '   c 60', '    d 20']);
    assert.equal(widerCaller(chain, 4), 3);
    assert.equal(widerCaller(chain, 3), 0);
    assert.equal(widerCaller(chain, 0), 0);
  });
});
