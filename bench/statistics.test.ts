import assert from 'node:assert/strict';
import { median, medianWithInterval } from './statistics.ts';

describe('bench statistics', () => {
  it('takes the middle value', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.ok(Number.isNaN(median([])));
  });

  it('gives an interval that narrows with the number of values', () => {
    const few = medianWithInterval(Array.from({ length: 10 }, (_, i) => i / 10));
    const many = medianWithInterval(Array.from({ length: 1000 }, (_, i) => i / 1000));
    for (const { value, low, high } of [few, many]) assert.ok(low < value && value < high);
    assert.ok(many.high - many.low < (few.high - few.low) / 3);
    // The standard error of the median of n uniform values is 1 / (2 √n): 95 % are ±1.96 of these.
    assert.ok(Math.abs(many.high - many.low - 1.96 / Math.sqrt(1000)) < 0.015);
  });

  it('gives no interval where there is nothing to resample', () => {
    assert.deepEqual(medianWithInterval([3, 5]), { value: 4, low: NaN, high: NaN });
  });
});
