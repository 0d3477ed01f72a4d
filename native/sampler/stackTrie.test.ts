import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StackTrie } from './stackTrie.ts';

describe('StackTrie', () => {
  it('gives equal stacks one number and different stacks different ones', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }), { maxLength: 60 }), (stacks) => {
        const trie = new StackTrie();
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
    const trie = new StackTrie();
    const leaves: number[] = [];
    for (let leaf = 0; leaf < 50_000; leaf++) leaves.push(trie.child(trie.child(trie.child(0, leaf % 7), leaf % 1000), leaf));
    for (let leaf = 0; leaf < leaves.length; leaf++) {
      const stack = leaves[leaf]!;
      const frames = [trie.frames[stack], trie.frames[trie.parents[stack]!], trie.frames[trie.parents[trie.parents[stack]!]!]];
      assert.deepEqual(frames, [leaf, leaf % 1000, leaf % 7]);
    }
  });

  it('stops growing at its capacity', () => {
    const trie = new StackTrie(4);
    const a = trie.child(0, 1);
    trie.child(a, 2);
    trie.child(a, 3);
    assert.equal(trie.child(a, 4), a);
    assert.equal(trie.count, 4);
  });
});
