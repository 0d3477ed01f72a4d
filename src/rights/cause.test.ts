import assert from 'node:assert/strict';
import '../testing/fakeVscode.ts';
import type { AccessObstacle } from '../../native/index.ts';

describe('causeText', () => {
  let causeText: typeof import('./cause.ts').causeText;
  before(async () => ({ causeText } = await import('./cause.ts')));

  it('says each cause in one sentence of its own', () => {
    const reasons: AccessObstacle[] = [
      'other-user',
      'ptrace-scope',
      'ptrace-scope-root',
      'ptrace-scope-nobody',
      'not-dumpable',
      'missing-capability',
      'hidden',
      'even-root',
      'unknown',
    ];
    const texts = reasons.map((reason) => causeText({ code: 'permission-denied', pid: 4711, owner: 'eve', reason }, 'app.py'));
    assert.equal(new Set(texts).size, reasons.length);
    for (const text of texts) assert.match(text.replace('app.py', 'app'), /^[A-Za-z][^.{}]*\.$/);
  });
});
