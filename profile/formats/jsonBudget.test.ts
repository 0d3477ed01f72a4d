import assert from 'node:assert/strict';
import { ProfileFormatError } from '../profileFormatError.ts';
import { JsonBudget, MAX_BYTES, MAX_COST } from './jsonBudget.ts';

describe('JsonBudget', () => {
  it('says when there is too much text', () => {
    const budget = new JsonBudget();
    budget.pass(MAX_BYTES - 1);
    budget.pass(1);
    assert.throws(() => budget.pass(1), ProfileFormatError);
    assert.equal(budget.cost, 0);
  });

  it('says when too much memory would be taken', () => {
    const budget = new JsonBudget();
    budget.take(MAX_COST - 1);
    budget.take(1);
    assert.throws(() => budget.take(1), ProfileFormatError);
  });
});
