import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CoreError, lookAtCore, lookAtProcess, RepeatedLook, TargetError } from '../../../native/index.ts';
import { interpreters, since, title } from '../../support/interpreters.ts';
import { writeLiveCore } from '../../support/liveCore.ts';
import { startTarget } from '../../support/target.ts';

const waiting = path.join(import.meta.dirname, 'targets/waiting.py');
const options = { locals: 'short', neverStop: true, tasks: true } as const;
const newest = since(3, 11).at(-1);

describe('looks at all that a process does, in a thread of their own', () => {
  for (const interpreter of [interpreters[0], newest].filter((one) => one !== undefined))
    it(`are the same again and again, as once, on ${title(interpreter)}`, async () => {
      await using target = await startTarget(interpreter, waiting, { arguments: ['wait'] });
      await using other = await startTarget(interpreter, waiting, { arguments: ['wait'] });
      const repeated = new RepeatedLook(options);
      const { signal } = new AbortController();
      try {
        for (const { pid } of [target, other, target, target]) {
          const { threads } = await repeated.look(pid, signal);
          assert.equal(threads.pid, pid);
          assert.ok(threads.threads.some(({ name }) => name === 'MainThread'));
          const once = await lookAtProcess(pid, options);
          assert.equal(once.threads.pythonVersion, threads.pythonVersion);
        }
        await other.kill();
        await assert.rejects(
          repeated.look(other.pid, signal),
          (error) => error instanceof TargetError && error.failure.code === 'no-such-process',
        );
        assert.equal((await repeated.look(target.pid, signal)).threads.pid, target.pid);
      } finally {
        repeated.close();
      }
    });

  it('are given up with the reason that is given, and can be begun again', async function () {
    if (newest === undefined) this.skip();
    await using target = await startTarget(newest, waiting, { arguments: ['wait'] });
    const repeated = new RepeatedLook(options);
    try {
      const controller = new AbortController();
      const looking = repeated.look(target.pid, controller.signal);
      controller.abort(new Error('enough'));
      await assert.rejects(looking, /^Error: enough$/);
      await assert.rejects(repeated.look(target.pid, controller.signal), /^Error: enough$/);
      assert.equal((await repeated.look(target.pid, new AbortController().signal)).threads.pid, target.pid);
      await assert.rejects(lookAtCore('/nowhere', [], 'none', controller.signal), /^Error: enough$/);
    } finally {
      repeated.close();
    }
  });

  it('are those at a core dump, or say why it is none', async function () {
    if (newest === undefined) this.skip();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-looks-'));
    try {
      await using target = await startTarget(newest, waiting, { arguments: ['wait'] });
      const file = path.join(folder, 'core');
      writeLiveCore(target.pid, file);
      const { threads, tasks } = await lookAtCore(file, [], 'short');
      assert.deepEqual([threads.pid, threads.core?.file, tasks], [target.pid, file, null]);
      assert.ok(threads.threads.some(({ frames }) => frames.some(({ locals }) => locals !== null && locals.length > 0)));
      const code = async (name: string): Promise<string> => {
        try {
          await lookAtCore(path.join(folder, name), [], 'none');
        } catch (error) {
          assert.ok(error instanceof CoreError);
          return error.failure.code;
        }
        return 'none';
      };
      fs.writeFileSync(path.join(folder, 'text'), 'text');
      assert.deepEqual([await code('nowhere'), await code('text')], ['no-file', 'not-core']);
      const controller = new AbortController();
      const reading = lookAtCore(file, [], 'short', controller.signal);
      controller.abort(new Error('enough'));
      await assert.rejects(reading, /^Error: enough$/);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
