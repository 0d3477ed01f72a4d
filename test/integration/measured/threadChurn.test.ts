import assert from 'node:assert/strict';
import path from 'node:path';
import { interpreters, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { sample } from '../sample.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'churn.py');

describe('Sampling a program that makes threads all the time', () => {
  for (const interpreter of interpreters) {
    it(`${title(interpreter)}: takes none of them for the thread that makes it`, async () => {
      await using target = await startTarget(interpreter, script);
      // A state that is not its thread's yet is there for some µs of each.
      const { profile } = await sample({ pid: target.pid, rate: 5000 }, ({ threads }) => threads.length > 400);
      const main = profile.threads.filter(({ osThreadId }) => osThreadId === target.pid);
      assert.equal(main.length, 1, JSON.stringify(main));
    }).timeout(60_000);
  }
});
