import assert from 'node:assert/strict';
import path from 'node:path';
import { objectLayout } from '../../../native/cpython/objectLayout.ts';
import { openTarget } from '../../../native/openTarget.ts';
import { openSystem } from '../../../native/os/index.ts';
import { valueLimits } from '../../../native/values/valueLimits.ts';
import { ValueReader } from '../../../native/values/valueReader.ts';
import { interpreters, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const script = path.join(import.meta.dirname, 'targets/values.py');

/** What values.py says of a value. */
interface Case {
  readonly address: number;
  readonly expected: string;
  readonly name: string;
}

function isCase(value: unknown): value is Case {
  return typeof value === 'object' && value !== null && 'address' in value && typeof value.address === 'number' && 'expected' in value;
}

describe('Values', () => {
  for (const interpreter of interpreters) {
    it(`are shown as the program itself would, on ${title(interpreter)}`, async () => {
      await using program = await startTarget(interpreter, script);
      const { ready } = program;
      assert(typeof ready === 'object' && ready !== null && 'cases' in ready && Array.isArray(ready['cases']));
      const cases = (ready['cases'] as unknown[]).filter(isCase);
      assert(cases.length > 270, `${cases.length} values`);
      const target = openTarget(await openSystem(), program.pid, 'wanted');
      try {
        const objects = objectLayout(target.layout);
        assert(objects !== null);
        const reader = new ValueReader(target.memory, target.layout, objects, valueLimits.short);
        const wrong = cases
          .map(({ address, expected, name }) => ({ name, expected, shown: reader.show(address) }))
          .filter(({ expected, shown }) => expected !== shown);
        assert.deepEqual(wrong, []);
      } finally {
        target.close();
      }
    }).timeout(20_000);
  }
});
