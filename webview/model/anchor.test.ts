import assert from 'node:assert/strict';
import { anchorOf, rangeOf, WHOLE } from './anchor.ts';
import { NodeIndex } from './nodeIndex.ts';
import { treeOf } from './testTrees.ts';

describe('anchor of a view', () => {
  const before = treeOf(['all 100', ' a 100', '  b 100', '   c 60', '   d 40']);
  const after = new NodeIndex(treeOf(['all 400', ' e 200', ' a 200', '  b 150', '   d 90', '   c 60', '  f 50']));

  it('is the root for the whole, whatever fills it', () => {
    assert.equal(anchorOf(before, { start: 0, end: 100 }), WHOLE);
    assert.deepEqual(rangeOf(after, WHOLE), { start: 0, end: 400 });
  });

  it('is the deepest box around a part', () => {
    const anchor = anchorOf(before, { start: 15, end: 45 });
    assert.deepEqual(anchor, { path: [0, 0, 1, 0, 2, 0], start: 0.25, end: 0.75 });
    assert.deepEqual(rangeOf(after, anchor), { start: 305, end: 335 });
  });

  it('is all of the nearest caller where the box is gone', () => {
    assert.deepEqual(rangeOf(after, { path: [0, 0, 9, 0], start: 0.25, end: 0.5 }), { start: 200, end: 400 });
  });
});
