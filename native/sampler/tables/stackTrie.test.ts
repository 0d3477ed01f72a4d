import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StackTrie } from './stackTrie.ts';

describe('StackTrie', () => {
  it('gives equal stacks one number and different stacks different ones', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }), { maxLength: 60 }), (stacks) => {
        const trie = new StackTrie(() => -2);
        const numbers = new Map<string, number>();
        for (const frames of stacks) {
          let stack = 0;
          for (const frame of frames) stack = trie.child(stack, frame);
          const key = frames.join(',');
          assert.equal(numbers.get(key) ?? stack, stack);
          numbers.set(key, stack);
        }
        assert.equal(new Set(numbers.values()).size, numbers.size);
      }),
    );
  });

  it('leads from a stack back to its frames after growing many times', () => {
    const trie = new StackTrie(() => -2);
    const leaves: number[] = [];
    for (let leaf = 0; leaf < 50_000; leaf++) leaves.push(trie.child(trie.child(trie.child(0, leaf % 7), leaf % 1000), leaf));
    for (let leaf = 0; leaf < leaves.length; leaf++) {
      const stack = leaves[leaf]!;
      const frames = [trie.frames[stack], trie.frames[trie.parents[stack]!], trie.frames[trie.parents[trie.parents[stack]!]!]];
      assert.deepEqual(frames, [leaf, leaf % 1000, leaf % 7]);
    }
  });

  it('has no lasting number for what finds no room any more, but one until it forgets them, and knows the rest still', () => {
    const cut = 99;
    const trie = new StackTrie(() => cut, 4, 8);
    const a = trie.child(0, 1);
    const b = trie.child(a, 2);
    trie.child(a, 3);
    const above = (stack: number, ...frames: number[]): number => frames.reduce((parent, frame) => trie.child(parent, frame), stack);
    const framesOf = (stack: number): number[] => (stack === 0 ? [] : [...framesOf(trie.parentOf(stack)), trie.frameOf(stack)]);
    const stacks = [above(0, 1, 4, 5), above(0, 1, 2, 7), above(0, 8, 9, 1)];
    assert.deepEqual(stacks.map(framesOf), [
      [1, 4, 5],
      [1, 2, 7],
      [8, 9, 1],
    ]);
    assert.deepEqual(
      stacks.map((stack) => trie.isPassing(stack)),
      [true, true, true],
    );
    assert.equal(above(0, 8, 9, 1), stacks[2]);
    assert.deepEqual(
      stacks.map((stack) => framesOf(trie.cutAbove(stack))),
      [[1, cut], [1, 2, cut], [cut]],
    );
    assert.deepEqual(
      stacks.map((stack) => trie.isCut(trie.cutAbove(stack))),
      [true, true, true],
    );
    assert.deepEqual([above(0, 1, 2), trie.isPassing(b), trie.isCut(b)], [b, false, false]);
    assert(trie.isCrowded);
    trie.forgetPassing();
    assert(!trie.isCrowded);
    assert.deepEqual(framesOf(above(0, 8, 9)), [8, 9]);
    assert.deepEqual(framesOf(above(0, 1, 2)), [1, 2]);
  });

  it('cuts what finds no room at all, wherever that is', () => {
    const cut = 99;
    const trie = new StackTrie(() => cut, 4, 2);
    const above = (stack: number, ...frames: number[]): number => frames.reduce((parent, frame) => trie.child(parent, frame), stack);
    const framesOf = (stack: number): number[] => (stack === 0 ? [] : [...framesOf(trie.parentOf(stack)), trie.frameOf(stack)]);
    above(0, 1, 2);
    above(0, 1, 3);
    assert.deepEqual(framesOf(above(0, 1, 4, 5, 6, 7)), [1, cut]);
    assert.deepEqual(framesOf(above(0, 8, 9)), [cut]);
    assert.deepEqual(framesOf(above(0, 1, 4, 5)), [1, 4, 5]);
    for (let frame = 10; frame < 1000; frame++) above(0, 1, frame % 7, frame);
    assert(trie.count <= 8, `${trie.count}`);
  });
});
