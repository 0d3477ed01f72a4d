import assert from 'node:assert/strict';
import { markedBySize, markTree, nextMarked } from './marks.ts';
import { frameFor, step, widerCaller } from './navigation.ts';
import { treeOf } from './testTrees.ts';

const tree = treeOf(['all 100', ' a 60', '  b 50', '   a 30', ' c 30', '  a 10', '  hidden 5']);
// Row by row: 0 all | 1 a, 2 c | 3 b, 4 a, 5 hidden | 6 a
const isA = { functions: Uint8Array.of(1, 0, 0), libraries: new Uint8Array(0) };

describe('markTree', () => {
  it('counts boxes, and time that goes through any of them once', () => {
    const { nodes, count, time } = markTree(tree, isA);
    assert.deepEqual([...nodes], [0, 1, 0, 0, 1, 0, 1]);
    assert.equal(count, 3);
    assert.equal(time, 70);
  });

  it('marks one line of a function where boxes are lines, else all of it', () => {
    const lines = treeOf(['all 100', ' a:3 60', '  a:4 50', ' b:3 30']);
    assert.deepEqual([...markTree(lines, isA, 3).nodes], [0, 1, 0, 0]);
    assert.deepEqual([...markTree(lines, isA).nodes], [0, 1, 0, 1]);
    assert.equal(markTree(tree, isA, 3).count, 3);
  });

  it('is nothing for no match, and for functions that came later', () => {
    assert.equal(markTree(tree, { functions: new Uint8Array(0), libraries: new Uint8Array(0) }).count, 0);
  });
});

describe('nextMarked', () => {
  const order = markedBySize(tree, markTree(tree, isA).nodes);

  it('goes from the widest to the narrowest, and round again', () => {
    assert.deepEqual(order, [1, 6, 4]);
    assert.equal(nextMarked(order, 1, 1), 6);
    assert.equal(nextMarked(order, 4, 1), 1);
    assert.equal(nextMarked(order, 1, -1), 4);
  });

  it('starts at an end from a box that is not marked', () => {
    assert.equal(nextMarked(order, 2, 1), 1);
    assert.equal(nextMarked(order, -1, -1), 4);
    assert.equal(nextMarked([], 0, 1), -1);
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
