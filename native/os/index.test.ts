import assert from 'node:assert/strict';
import { TargetError } from '../targetError.ts';
import { platformOf } from './index.ts';

describe('the choice of a platform', () => {
  it('says which system it does not know', () => {
    for (const [name, processor] of [
      ['sunos', 'x64'],
      ['linux', 'mips'],
    ] as const) {
      assert.throws(
        () => platformOf(name, processor),
        (error) => {
          assert.ok(error instanceof TargetError);
          assert.deepEqual(error.failure, { code: 'unsupported-system', system: `${name} ${processor}` });
          return true;
        },
      );
    }
  });

  it('is the same each time', () => {
    assert.equal(platformOf('linux', 'x64'), platformOf('linux', 'x64'));
  });
});
