import assert from 'node:assert/strict';
import { lastAtMost, rangeAt } from './ranges.ts';

describe('ranges of addresses', () => {
  it('are found by the last number that is not above a value', () => {
    const found = (value: number): number => lastAtMost([10, 20, 20, 30], value);
    assert.deepEqual([found(9), found(10), found(19), found(20), found(29), found(30), found(99)], [-1, 0, 0, 2, 2, 3, 3]);
    assert.equal(lastAtMost([], 5), -1);
    assert.equal(lastAtMost(Float64Array.of(10, 0, 20, 99, 30, 0), 25, 2), 1);
  });

  it('hold addresses up to their ends, without these', () => {
    const [first, second] = [
      { start: 16, end: 32 },
      { start: 48, end: 64 },
    ];
    const found = (address: number): unknown => rangeAt([first, second], address);
    assert.deepEqual([15, 16, 31, 32, 47, 48, 63, 64].map(found), [null, first, first, null, null, second, second, null]);
    assert.equal(rangeAt([], 5), null);
  });
});
