import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SampleFlag } from '../../profile/delta.ts';
import { type Interpreter, interpreters, title } from '../support/interpreters.ts';
import { startTarget, type Target, type TargetOptions } from '../support/target.ts';
import { EdgeTable } from './edgeTable.ts';
import { EngineFailed, sample } from './sample.ts';

const targets = path.join(import.meta.dirname, 'targets');
const moving = path.join(targets, 'moving.py');
const supported = interpreters.filter(({ major, minor }) => major === 3 && minor >= 11);
const newest = supported.at(-1)!;

/** Starts a target as a child of a shell: our own can't be stopped. */
function startGrandchild(interpreter: Interpreter, script: string, options: TargetOptions): Promise<Target> {
  return startTarget(interpreter, script, { ...options, wrapper: ['sh', '-c', '"$@" <&0 & wait', 'sh'] });
}

function pidOf(shell: Target): number {
  return Number(readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8'));
}

/** Threads that somebody traces or that stand still. */
function tracedThreads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).filter((id) => {
    const status = readFileSync(`/proc/${pid}/task/${id}/status`, 'latin1');
    return !/^TracerPid:\s*0$/m.test(status) || /^State:\s*[Tt]/m.test(status);
  });
}

describe('Sampling processes that are stopped for it', () => {
  for (const interpreter of supported) {
    for (const program of ['alternating', 'generators', 'coroutines', 'objects']) {
      it(`finds only stacks that exist: ${title(interpreter)}, ${program}`, async () => {
        const table = new EdgeTable(interpreter, moving, program);
        await using target = await startGrandchild(interpreter, moving, { arguments: ['run', program] });
        const { profile } = await sample({ pid: pidOf(target), rate: 500, blocking: true }, 400);
        const judgement = table.judge(profile);
        const examples = [...judgement.examples].map(([what, count]) => `${count} ${what}`).join('\n');
        assert.equal(judgement.share('impossible') + judgement.share('foreignLine') + judgement.share('unknown'), 0, examples);
        assert.equal(judgement.share('wrongLine'), 0, examples);
        assert(profile.quality.lost <= 2, `${profile.quality.lost} lost`);
        // 3.12 has 0.5 to 1.3 % of `generators`: `_PyEval_EvalFrameDefault` leads to a C frame that holds what was resumed before, and
        // sets up another one first. Five times that is more than chance makes of 400 samples.
        assert(profile.quality.partial <= 0.05 * profile.quality.samples, `${profile.quality.partial} partial`);
        assert.deepEqual(tracedThreads(pidOf(target)), []);
      }).timeout(30_000);
    }
  }

  it('leaves threads that wait waiting, and says so', async () => {
    await using target = await startGrandchild(newest, path.join(targets, 'behaviour.py'), { arguments: ['threads'] });
    const { profile } = await sample({ pid: pidOf(target), rate: 100, duration: 1000, blocking: true });
    const counts = profile.threads.map(() => ({ all: 0, awake: 0 }));
    const { runs } = profile;
    for (let run = 0; run < runs.length; run++) {
      const count = counts[runs.threads[run]!]!;
      count.all += runs.counts[run]!;
      if ((runs.flags[run]! & (SampleFlag.OnCpu | SampleFlag.Ready)) !== 0) count.awake += runs.counts[run]!;
    }
    const waiters = ['sleep_long', 'wait_for_lock', 'wait_for_pipe', 'wait_in_select'];
    const waiting = counts.filter((_, id) => waiters.includes(profile.threads[id]!.name));
    assert.equal(waiting.length, waiters.length, profile.threads.map(({ name }) => name).join());
    for (const { all, awake } of waiting) assert.deepEqual([all > 0, awake], [true, 0]);
  }).timeout(20_000);

  it('is refused for children of ours, and where a debugger is', async function () {
    await using child = await startTarget(newest, moving, { arguments: ['run', 'alternating'] });
    await assert.rejects(sample({ pid: child.pid, rate: 100, duration: 100, blocking: true }), (error) => {
      assert(error instanceof EngineFailed);
      assert.deepEqual(error.failure, { code: 'not-pausable', pid: child.pid, reason: 'own-child', detail: '' });
      return true;
    });
    await using traced = await startGrandchild(newest, moving, { arguments: ['run', 'alternating'] });
    await using tracer = await startTarget(newest, path.join(targets, 'tracer.py'), { arguments: [String(pidOf(traced))] });
    if (tracer.ready !== 'tracing') this.skip(); // the system lets nobody trace
    await assert.rejects(sample({ pid: pidOf(traced), rate: 100, duration: 100, blocking: true }), (error) => {
      assert(error instanceof EngineFailed);
      assert.deepEqual(error.failure, { code: 'not-pausable', pid: pidOf(traced), reason: 'traced', detail: String(tracer.pid) });
      return true;
    });
  }).timeout(20_000);
});
