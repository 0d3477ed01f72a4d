import assert from 'node:assert/strict';
import type { Scope } from '../query.ts';
import { isChosen, scopeOf, scopeValue, toggleThread } from './scopes.ts';

describe('The choice of threads', () => {
  it('takes threads in and out one by one', () => {
    let scope: Scope = { kind: 'all' };
    const values = [5, 2, 9, 5, 2, 9].map((thread) => scopeValue((scope = toggleThread(scope, thread))));
    assert.deepEqual(values, ['thread:5', 'threads:2,5', 'threads:2,5,9', 'threads:2,9', 'thread:9', 'all']);
    assert.deepEqual(toggleThread({ kind: 'process', id: 1 }, 3), { kind: 'thread', id: 3 });
  });

  it('is written and read again', () => {
    const scopes: Scope[] = [{ kind: 'all' }, { kind: 'thread', id: 3 }, { kind: 'process', id: 0 }, { kind: 'threads', ids: [1, 4] }];
    for (const scope of scopes) assert.deepEqual(scopeOf(scopeValue(scope)), scope);
    assert.deepEqual(scopeOf('junk'), { kind: 'all' });
    assert.deepEqual(
      scopes.map((scope) => isChosen(scope, 3) || isChosen(scope, 4)),
      [false, true, false, true],
    );
  });
});
