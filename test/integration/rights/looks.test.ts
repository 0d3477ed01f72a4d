import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import {
  connectEngine,
  connectLook,
  endOf,
  type GreenletSnapshot,
  type HelperConnection,
  type HelperLook,
  type HelperOptions,
  lookAtGreenlets,
  lookAtProcess,
  lookAtTasks,
  startTimeOf,
  TargetError,
} from '../../../native/index.ts';
import { helperArguments } from '../../../native/helper/commandLine.ts';
import { collapsedLines } from '../../../profile/formats/collapsed.ts';
import { Profile } from '../../../profile/profile.ts';
import { since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { Guest, obstacleToGuests } from './guest.ts';

const targets = path.join(import.meta.dirname, '../asyncio/targets');

/** Tasks, greenlets and threads of what belongs to root, for someone who is not: the interpreters lie where nobody else may look. */
describe('what a helper sees of tasks, greenlets and threads', function () {
  this.timeout(120_000);
  let guest: Guest | null = null;
  before(function () {
    const obstacle = obstacleToGuests();
    if (obstacle !== null || since(3, 8).length === 0) {
      console.log(`      skipped: ${obstacle ?? 'there is no Python'}`);
      this.skip();
    }
    guest = new Guest();
    guest.allowSudo();
  });
  after(() => guest?.remove());

  /** As the guest would start it: by sudo, with an empty environment. */
  function startHelper(options: HelperOptions | HelperLook): { readonly connection: HelperConnection; readonly child: ChildProcess } {
    const child = guest!.spawn(
      '/usr/bin/sudo',
      ['-n', '--', '/usr/bin/env', '-i', guest!.node, guest!.cli, 'helper', ...helperArguments(options)],
      { stdio: 'pipe' },
    );
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
    const connection: HelperConnection = {
      messages: child.stdout!,
      send: (command) => void child.stdin!.write(Uint8Array.of(command)),
      whyEnded: async () => {
        const [reason, detail] = endOf(...(await ended), said);
        return { reason, detail };
      },
      close: () => void child.stdin!.end(),
    };
    return { connection, child };
  }

  for (const interpreter of since(3, 8)) {
    it(`are the tasks that root sees, on ${title(interpreter)}`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'tasks.py'));
      const startTime = (await startTimeOf(target.pid))!;
      const { connection, child } = startHelper({ pid: target.pid, startTime, look: 'tasks' });
      const ended = once(child, 'close');
      const seen = await connectLook(connection, target.pid, 'tasks');
      assert(seen.tasks.length > 25);
      assert.deepEqual(seen, await lookAtTasks(target.pid));
      assert.deepEqual((await ended)[0], 0);
    });

    it(`are the threads that root sees, with their variables and tasks, on ${title(interpreter)}`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'tasks.py'));
      const startTime = (await startTimeOf(target.pid))!;
      const { connection, child } = startHelper({ pid: target.pid, startTime, look: 'threads', locals: true, neverStop: true });
      const ended = once(child, 'close');
      const seen = await connectLook(connection, target.pid, 'threads');
      const own = await lookAtProcess(target.pid, { locals: 'short', neverStop: true, tasks: true });
      assert.ok(seen.threads.threads.some(({ frames }) => frames.some(({ locals }) => locals !== null && locals.length > 0)));
      assert.deepEqual(seen.tasks, own.tasks);
      assert.deepEqual(
        seen.threads.threads.map(({ osThreadId, name, frames }) => [osThreadId, name, frames]),
        own.threads.threads.map(({ osThreadId, name, frames }) => [osThreadId, name, frames]),
      );
      assert.deepEqual((await ended)[0], 0);
    });

    it(`are the tasks of samples, on ${title(interpreter)}`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'running.py'));
      const startTime = (await startTimeOf(target.pid))!;
      const { connection } = startHelper({ pid: target.pid, startTime, rate: 1000, subprocesses: false, tasks: true });
      const profile = new Profile();
      await new Promise<void>((resolve, reject) => {
        const engine = connectEngine(connection, target.pid, (event) => {
          if (event.type === 'failed') reject(new TargetError(event.failure));
          else if (event.type === 'ended') resolve();
          else if (event.type === 'delta') {
            profile.append(event.delta);
            if (profile.quality.samples > 200) engine.stop();
          }
        });
      });
      const lines = [...collapsedLines(profile)];
      const count = (some: readonly string[]): number => some.reduce((sum, line) => sum + Number(/ (\d+)\n?$/.exec(line)![1]), 0);
      const inSteps = lines.filter((line) => /;step\d /.test(line));
      const named = inSteps.filter((line) => /;Task: (?:n-\d+|lasting n° 3) /.test(line));
      assert(count(named) > count(inSteps) / 2, `${count(named)} of ${count(inSteps)}`);
    });

    it(`are the greenlets that root sees, on ${title(interpreter)}`, async function () {
      if (interpreter.greenlet === null || interpreter.freeThreaded) this.skip();
      await using target = await startTarget(interpreter, path.join(targets, 'greenlets.py'));
      const startTime = (await startTimeOf(target.pid))!;
      const seen = await connectLook(startHelper({ pid: target.pid, startTime, look: 'greenlets' }).connection, target.pid, 'greenlets');
      assert(seen.greenlets.length > 200);
      const byId = (snapshot: GreenletSnapshot): object => ({
        ...snapshot,
        greenlets: snapshot.greenlets
          .map((one) => ({ ...one, parent: snapshot.greenlets[one.parent]?.id }))
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
      });
      assert.deepEqual(byId(seen), byId(await lookAtGreenlets(target.pid)));
    });
  }

  it('are none of a process that is none that was meant, or has none', async () => {
    const sleep = spawn('sleep', ['1000']);
    try {
      await once(sleep, 'spawn');
      const startTime = (await startTimeOf(sleep.pid!))!;
      const code = async (options: HelperLook): Promise<string> => {
        try {
          await connectLook(startHelper(options).connection, options.pid, options.look);
        } catch (error) {
          assert(error instanceof TargetError);
          return error.failure.code;
        }
        return 'none';
      };
      assert.equal(await code({ pid: sleep.pid!, startTime, look: 'tasks' }), 'not-python');
      assert.equal(await code({ pid: sleep.pid!, startTime: startTime + 1, look: 'greenlets' }), 'no-such-process');
    } finally {
      sleep.kill();
    }
  });

  it('ends with who asked, and leaves nothing behind', async () => {
    await using target = await startTarget(since(3, 8).at(-1)!, path.join(targets, 'tasks.py'), { arguments: ['20000'] });
    const controller = new AbortController();
    const startTime = (await startTimeOf(target.pid))!;
    const { connection, child } = startHelper({ pid: target.pid, startTime, look: 'tasks' });
    const ended = once(child, 'close');
    connection.messages.once('data', () => controller.abort(new Error('enough'))); // it is ready
    await assert.rejects(connectLook(connection, target.pid, 'tasks', controller.signal), /^Error: enough$/);
    await ended;
    assert.deepEqual(helpersOf(target.pid), []);
  });
});

/** Helpers that read a process. */
function helpersOf(pid: number): string[] {
  return fs.readdirSync('/proc').filter((name) => {
    try {
      const words = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return words[2] === 'helper' && words[words.indexOf('--pid') + 1] === String(pid);
    } catch {
      return false; // it is none, or gone
    }
  });
}
