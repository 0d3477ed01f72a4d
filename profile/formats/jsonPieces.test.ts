import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Column, expanded, jsonPieces } from './jsonPieces.ts';

describe('jsonPieces', () => {
  it('is what JSON.stringify says, of whatever there is', () => {
    fc.assert(
      fc.property(fc.jsonValue() as fc.Arbitrary<unknown>, (value) => {
        assert.equal([...jsonPieces(value)].join(''), JSON.stringify(value));
        assert.deepEqual(expanded(value), value);
      }),
    );
    for (const value of [{ a: undefined, b: { c: undefined } }, [1e-7, -0, NaN, Infinity, 2 ** 60], '\u2028"\ud800'])
      assert.equal([...jsonPieces(value)].join(''), JSON.stringify(value));
  });

  it('takes columns for lists', () => {
    const columns = {
      rows: new Column(3, (row) => ({ row, cells: new Column(2, (cell) => (cell === 0 ? null : row / 2)) })),
      none: new Column(0, () => 0),
    };
    const lists = { rows: [0, 1, 2].map((row) => ({ row, cells: [null, row / 2] })), none: [] };
    assert.equal([...jsonPieces(columns)].join(''), JSON.stringify(lists));
    assert.deepEqual(expanded(columns), lists);
  });

  it('comes in pieces however long a list is', () => {
    const pieces = [...jsonPieces(new Column(1_000_000, (row) => row))];
    assert.equal((JSON.parse(pieces.join('')) as number[]).length, 1_000_000);
    assert.ok(Math.max(...pieces.map(({ length }) => length)) < 70_000);
  });
});
