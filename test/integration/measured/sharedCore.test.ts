import assert from 'node:assert/strict';
import path from 'node:path';
import { defaultMaxStopped } from '../../../native/engine.ts';
import { worstAsItRuns } from '../../../native/sampler/session.ts';
import { SampleFlag } from '../../../profile/delta.ts';
import { interpreters, oneOfEachMinor, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { EdgeTable } from '../edgeTable.ts';
import { FaultCount } from './faultCount.ts';
import { sample } from '../sample.ts';

const targets = path.join(import.meta.dirname, '..', 'targets');
const moving = path.join(targets, 'moving.py');
const supported = oneOfEachMinor(interpreters).filter(({ major, minor }) => major === 3 && minor >= 11);
const newest = supported.at(-1)!;

describe('Sampling programs from their own core', () => {
  for (const interpreter of supported) {
    for (const program of ['alternating', 'generators', 'coroutines', 'objects']) {
      it(`finds only stacks that exist, and all of them: ${title(interpreter)}, ${program}`, async () => {
        const table = new EdgeTable(interpreter, moving, program);
        await using target = await startTarget(interpreter, moving, { arguments: ['run', program] });
        // 3.12 unlinks a generator that yields before it names its caller as the current frame (YIELD_VALUE, Python/bytecodes.c,
        // as it is compiled): 1 % of `generators`.
        const count = new FaultCount((profile) => table.judge(profile), {
          wrong: 0.01,
          partial: interpreter.minor === 12 ? 0.04 : 0.02,
          lost: 0.01,
        });
        const { profile } = await sample({ pid: target.pid, rate: 1000, maxStopped: 0.2 }, (growing) => count.update(growing));
        const { stops, shareError, noStops } = profile.quality;
        assert.equal(noStops, null);
        assert(stops > 0 && shareError !== null);
        assert.equal(count.verdict, 'right', count.describe());
      }).timeout(120_000);
    }
  }

  it('sleeps between looks from there however often it may look, and leaves the program its time', async () => {
    await using target = await startTarget(newest, moving, { arguments: ['run', 'alternating'] });
    // Long enough for the mean of what looks cost to be known.
    const { profile } = await sample({ pid: target.pid, rate: 'max', blocking: true }, ({ quality }) => quality.stops >= 2000);
    const { stops, stoppedTime, elapsed, shareError, noStops, samples } = profile.quality;
    assert.equal(noStops, null);
    assert(shareError !== null && shareError <= worstAsItRuns / 2, `${shareError}`);
    assert(stops >= samples / 2, `${stops} of ${samples}`);
    assert(stoppedTime <= 1.5 * defaultMaxStopped.blocking * elapsed, `${stoppedTime} of ${elapsed}`);
  }).timeout(60_000);

  it('leaves threads that wait waiting, and says so', async () => {
    await using target = await startTarget(newest, path.join(targets, 'behaviour.py'), { arguments: ['threads'] });
    const { profile } = await sample({ pid: target.pid, rate: 100, duration: 1000, blocking: true });
    const counts = profile.threads.map(() => ({ all: 0, onCpu: 0, time: 0 }));
    const { runs } = profile;
    for (let run = 0; run < runs.length; run++) {
      const count = counts[runs.threads[run]!]!;
      count.all += runs.counts[run]!;
      count.time += runs.durations[run]!;
      if ((runs.flags[run]! & SampleFlag.OnCpu) !== 0) count.onCpu += runs.counts[run]!;
    }
    const waiters = ['sleep_long', 'wait_for_lock', 'wait_for_pipe', 'wait_in_select'];
    const waiting = counts.filter((_, id) => waiters.includes(profile.threads[id]!.name));
    assert.equal(waiting.length, waiters.length, profile.threads.map(({ name }) => name).join());
    for (const { all, onCpu } of waiting) assert.deepEqual([all > 0, onCpu], [true, 0]);
    // Every moment of each thread is some sample's, also those at which it was not seen standing still.
    for (const { time } of counts) assert(Math.abs(time - counts[0]!.time) < 1, counts.map((count) => count.time).join());
  }).timeout(20_000);

  it('takes nothing of a program’s time that is not to be touched, or is looked at too often for it', async () => {
    await using target = await startTarget(newest, moving, { arguments: ['run', 'alternating'] });
    const never = await sample({ pid: target.pid, rate: 1000, maxStopped: 0 }, 200);
    assert.deepEqual(
      [never.profile.quality.stops, never.profile.quality.stoppedTime, never.profile.quality.noStops, never.profile.quality.shareError],
      [0, 0, 'asked', worstAsItRuns],
    );
    const often = await sample({ pid: target.pid, rate: 10_000 }, 200);
    assert.deepEqual([often.profile.quality.stops, often.profile.quality.noStops], [0, 'rate']);
  }).timeout(20_000);
});
