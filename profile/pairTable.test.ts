import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PairTable } from './pairTable.ts';

describe('PairTable', () => {
  it('gives equal pairs the same id, others the next, and keeps them while it grows', () => {
    const number = fc.oneof(fc.nat(20), fc.integer());
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 500 }), (pairs) => {
        const table = new PairTable();
        const ids = new Map<string, number>();
        for (const [first, second] of pairs) {
          const key = `${first},${second}`;
          const expected = ids.get(key) ?? ids.size;
          ids.set(key, expected);
          assert.equal(table.id(first, second), expected);
        }
        assert.equal(table.length, ids.size);
        for (const [key, id] of ids) assert.equal(`${table.first(id)},${table.second(id)}`, key);
      }),
    );
  });
});
