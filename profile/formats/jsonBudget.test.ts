import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ProfileFormatError } from '../profileFormatError.ts';
import { JsonBudget, MAX_BYTES, MAX_COST } from './jsonBudget.ts';

/** How often a piece fits. */
function fits(piece: string): number {
  const budget = new JsonBudget();
  budget.push(new TextEncoder().encode(piece));
  return MAX_COST / budget.cost;
}

describe('JsonBudget', () => {
  it('has room for the biggest profile, and not for what takes more memory', () => {
    assert.ok(fits('123.456789,') > 30_000_000);
    assert.ok(fits('123.456789,') < 45_000_000);
    for (const piece of ['{},', '[', '{"a":1},']) assert.ok(fits(piece) < 6_000_000, piece);
    assert.ok(fits('"key":1,') < 3_000_000);
  });

  it('says when it is spent', () => {
    const part = new TextEncoder().encode('{},'.repeat(100_000));
    const budget = new JsonBudget();
    for (let i = 0; i < Math.floor(fits('{},') / 100_000); i++) budget.push(part);
    assert.throws(() => budget.push(part), ProfileFormatError);
    assert.throws(() => new JsonBudget().push(new Uint8Array(MAX_BYTES + 1)), ProfileFormatError);
  });

  it('takes what is in strings for what it is, wherever they are cut', () => {
    const bytes = new TextEncoder().encode('{"{[,:\\"{":["\\\\",[],"é\\\\\\"["]}');
    const costOf = (cuts: readonly number[]): number => {
      const budget = new JsonBudget();
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      for (let i = 1; i < places.length; i++) budget.push(bytes.subarray(places[i - 1], places[i]));
      return budget.cost;
    };
    assert.equal(costOf([]), 3 * 128 + 256 + 2 * 16);
    fc.assert(fc.property(fc.array(fc.nat()), (cuts) => assert.equal(costOf(cuts), costOf([]))));
  });
});
