import assert from 'node:assert/strict';
import path from 'node:path';
import { SampleFlag } from '../../../profile/delta.ts';
import { readDump } from '../../../native/dump/readDump.ts';
import { openSystem } from '../../../native/os/index.ts';
import { since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { sample } from '../sample.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'busyinterpreter.py');

describe('A thread that is busy in another interpreter', () => {
  for (const interpreter of since(3, 8)) {
    it(`is on a core once, there: ${title(interpreter)}`, async () => {
      await using target = await startTarget(interpreter, script);
      /** µs on a core, by interpreter. */
      const onCore = new Map<number, number>();
      let looked = 0;
      const { profile } = await sample({ pid: target.pid, rate: 1000 }, ({ runs, threads }) => {
        for (; looked < runs.length; looked++) {
          const { interpreterId } = threads[runs.threads[looked]!]!;
          if ((runs.flags[looked]! & SampleFlag.OnCpu) !== 0)
            onCore.set(interpreterId, (onCore.get(interpreterId) ?? 0) + runs.durations[looked]!);
        }
        return Math.max(0, ...onCore.values()) > 300_000;
      });
      const busy = Math.max(...onCore.values());
      const [inside] = [...onCore].find(([, time]) => time === busy)!;
      // It is not the main interpreter, whose thread that hosts the other one is the same of the system.
      assert.notEqual(inside, 0);
      const twins = profile.threads.filter(
        ({ osThreadId }) => osThreadId === profile.threads.find(({ interpreterId }) => interpreterId === inside)!.osThreadId,
      );
      assert.equal(twins.length, 2);
      assert.deepEqual(new Set(twins.map(({ name }) => name)), new Set(['host']));
      const { threads } = await readDump(await openSystem(), target.pid, { locals: 'none', neverStop: false, native: false });
      assert.deepEqual(threads.map(({ name }) => name).sort(), ['MainThread', 'host', 'host']);
      // To begin with it is not known in which of them it is.
      assert((onCore.get(0) ?? 0) < 0.1 * busy, JSON.stringify([...onCore]));
    }).timeout(30_000);
  }
});
