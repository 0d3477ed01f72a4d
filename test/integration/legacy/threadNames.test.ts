import assert from 'node:assert/strict';
import path from 'node:path';
import { readThreadNames } from '../../../native/cpython/threadNames.ts';
import { openTarget } from '../../../native/openTarget.ts';
import { openSystem } from '../../../native/os/index.ts';
import { listInterpreters } from '../../../native/sampler/threads/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { legacy, title } from './legacy.ts';

const script = path.join(import.meta.dirname, 'targets', 'threadNames.py');

describe('Thread names to Python 3.10', () => {
  for (const interpreter of legacy) {
    it(`are those that ${title(interpreter)} says`, async () => {
      await using process = await startTarget(interpreter, script);
      const said = process.ready as Record<string, string>;
      const expected = Object.fromEntries(
        Object.entries(said).map(([id, name]) => [id, name.length > 256 ? `${name.slice(0, 256)}…` : name]),
      );
      assert.equal(Object.keys(expected).length, interpreter.major === 2 ? 43 : 42);
      const target = openTarget(await openSystem(), process.pid);
      try {
        const [main] = listInterpreters(target)!.interpreters;
        assert.deepEqual(Object.fromEntries(readThreadNames(target.memory, main!.address, target.layout) ?? []), expected);
      } finally {
        target.close();
      }
    });
  }
});
