import assert from 'node:assert/strict';
import path from 'node:path';
import { listPythonProcesses, startEngine } from '../../../native/index.ts';
import { SampleFlag } from '../../../profile/delta.ts';
import type { Profile } from '../../../profile/profile.ts';
import { interpreters, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { EngineFailed, sample } from '../sample.ts';

const targets = path.join(import.meta.dirname, '..', 'targets');
// What the system does is the same with each version, and where a thread state has the system's ids changed with 3.11.
const chosen = [
  interpreters[0]!,
  interpreters.find(({ major, minor }) => major === 3 && minor === 10),
  interpreters.find(({ major, minor }) => major === 3 && minor === 12),
  interpreters.at(-1)!,
].filter((one) => one !== undefined);

/** Of one thread: the functions in its samples, and in how many it could run. */
function seenOf(profile: Profile, thread: number): { names: string[]; samples: number; awake: number } {
  const names = new Set<string>();
  const { runs } = profile;
  let [samples, awake] = [0, 0];
  for (let run = 0; run < runs.length; run++) {
    if (runs.threads[run] !== thread) continue;
    samples += runs.counts[run]!;
    if ((runs.flags[run]! & (SampleFlag.OnCpu | SampleFlag.Ready)) !== 0) awake += runs.counts[run]!;
    for (let at = runs.stacks[run]!; at !== 0; at = profile.stackParent(at))
      names.add(profile.functions[profile.frameFunction(profile.stackFrame(at))]!.name);
  }
  return { names: [...names].sort(), samples, awake };
}

describe('A process that is not as Python made it', () => {
  for (const interpreter of chosen) {
    it(`${title(interpreter)}: a child that C forked has its own thread and its CPU time`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'cfork.py'));
      const child = target.ready as number;
      const { profile } = await sample({ pid: child, rate: 500 }, 200);
      assert.deepEqual(
        profile.threads.map(({ osThreadId, isMain }) => [osThreadId, isMain]),
        [[child, true]],
      );
      const { names, samples, awake } = seenOf(profile, 0);
      assert.deepEqual(names, ['<module>', 'child', 'work']);
      assert(awake > 0.9 * samples, `it could run in ${awake} of ${samples} samples`);
    }).timeout(60_000);

    it(`${title(interpreter)}: a process whose main thread has ended goes on in its other threads`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'leader.py'));
      const { profile } = await sample({ pid: target.pid, rate: 500 }, 400);
      assertSurvived(profile);
      const listed = (await listPythonProcesses()).find(({ pid }) => pid === target.pid);
      assert.equal(listed?.script, path.join(targets, 'leader.py'));
    }).timeout(60_000);

    it(`${title(interpreter)}: a process whose main thread ends while it is sampled goes on`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'leader.py'), { arguments: ['later'] });
      let told = -1;
      const { profile, reason } = await sample({ pid: target.pid, rate: 500 }, ({ quality }) => {
        if (told < 0 && quality.samples > 100) {
          told = quality.elapsed;
          target.tell('');
        }
        return told >= 0 && quality.elapsed > told + 500_000 && quality.samples > 400;
      });
      assert.equal(reason, 'stopped');
      assertSurvived(profile);
    }).timeout(60_000);
  }
});

describe('A process that is no Python, and has one below it', () => {
  const [interpreter] = chosen.slice(-1);
  // A shell that waits for what it runs.
  const start = (): ReturnType<typeof startTarget> =>
    startTarget(interpreter!, path.join(targets, 'leader.py'), { arguments: ['later'], wrapper: ['sh', '-c', '"$@"; exit 0', 'sh'] });

  it('is sampled with what it starts', async () => {
    await using target = await start();
    const { profile } = await sample({ pid: target.pid, rate: 500, subprocesses: true }, 100);
    assert.equal(profile.processes.length, 1);
    assert.notEqual(profile.processes[0]!.pid, target.pid);
    assert(profile.functions.some(({ name }) => name === 'survive'));
  }).timeout(60_000);

  it('is said to be waited for, unless there is one already', async () => {
    const waited: string[] = [];
    await new Promise<void>((resolve) => {
      const engine = startEngine({ pid: process.pid, rate: 500, subprocesses: true, waits: true }, ({ type }) => {
        waited.push(type);
        engine.stop();
        if (type !== 'waiting') resolve();
      });
    });
    assert.deepEqual(waited, ['waiting', 'failed']);
    await using target = await start();
    const { events } = await sample({ pid: target.pid, rate: 500, subprocesses: true, waits: true }, 10);
    assert.equal(events[0], 'started');
  }).timeout(60_000);

  it('is waited for no longer than it was to be sampled', async () => {
    await assert.rejects(
      sample({ pid: process.pid, rate: 500, subprocesses: true, waits: true, duration: 300 }),
      (error) => error instanceof EngineFailed && error.failure.code === 'not-python',
    );
  });

  it('is not waited for unless that is asked for', async () => {
    await assert.rejects(
      sample({ pid: process.pid, rate: 500, subprocesses: true }),
      (error) => error instanceof EngineFailed && error.failure.code === 'not-python',
    );
  });

  it('says which they are', async () => {
    await using target = await start();
    const { profile } = await sample({ pid: target.pid, rate: 500, subprocesses: true }, 10);
    await assert.rejects(sample({ pid: target.pid, rate: 500 }), (error) => {
      assert(error instanceof EngineFailed);
      assert.deepEqual(
        { ...error.failure, executable: '' },
        { code: 'not-python', pid: target.pid, executable: '', below: [profile.processes[0]!.pid] },
      );
      return true;
    });
  }).timeout(60_000);
});

function assertSurvived(profile: Profile): void {
  const survivor = profile.threads.findIndex(({ isMain }) => !isMain);
  const { names, samples, awake } = seenOf(profile, survivor);
  assert(names.includes('survive') && names.includes('work'), names.join());
  assert(samples > 100 && awake > 0.9 * samples, `it could run in ${awake} of ${samples} samples`);
  assert.equal(profile.threads[survivor]!.endedAt, undefined);
}
