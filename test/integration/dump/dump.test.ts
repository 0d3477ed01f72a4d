import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { dumpProcesses } from '../../../native/dump/dumpProcesses.ts';
import type { DumpOptions, DumpSnapshot, FrameRecord, ThreadDump } from '../../../native/dump/dumpSnapshot.ts';
import { readDump } from '../../../native/dump/readDump.ts';
import { openSystem } from '../../../native/os/index.ts';
import { cacheFolder } from '../../support/cache.ts';
import { interpreters, since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const script = path.join(import.meta.dirname, 'targets/waiting.py');
const calling = path.join(import.meta.dirname, 'targets/calling.py');
const mainFile = path.join(import.meta.dirname, '../../../cli/main.ts');
const pySpy = path.join(cacheFolder, 'packages/py-spy/bin/py-spy');

async function look(pid: number, options: Partial<DumpOptions> = {}): Promise<DumpSnapshot> {
  return readDump(await openSystem(), pid, { locals: 'short', neverStop: false, native: false, ...options });
}

/** What is to be seen once all of its threads have come to what they wait for. */
async function lookAtWaiting(pid: number): Promise<DumpSnapshot> {
  for (;;) {
    const snapshot = await look(pid);
    const waits = snapshot.threads.filter((thread) => thread.wait !== null).map((thread) => thread.name);
    if (waits.length >= 4 && threadOf(snapshot, 'MainThread').frames.length === 3) return snapshot;
  }
}

function threadOf(snapshot: DumpSnapshot, name: string): ThreadDump {
  const thread = snapshot.threads.find((one) => one.name === name);
  assert(thread !== undefined, `${name} of ${snapshot.threads.map((one) => one.name).join(', ')}`);
  return thread;
}

function frameOf(thread: ThreadDump, name: string): FrameRecord {
  const frame = thread.frames.find((one) => one.function.split('.').at(-1) === name);
  assert(frame !== undefined, `${name} of ${thread.frames.map((one) => one.function).join(', ')}`);
  return frame;
}

/** A frame's variables as text, without addresses: "a b=1". */
function localsOf({ locals }: FrameRecord): string[] {
  assert(locals !== null);
  return locals.map(
    ({ name, text, kind, isArgument }) => `${isArgument ? 'argument' : kind} ${name}=${text.replaceAll(/ at 0x[0-9a-f]+/g, '')}`,
  );
}

describe('A dump', () => {
  for (const interpreter of interpreters) {
    it(`shows all threads of ${title(interpreter)}, their variables, and who waits for whom`, async () => {
      await using target = await startTarget(interpreter, script, { arguments: ['wait'] });
      const snapshot = await lookAtWaiting(target.pid);
      assert.deepEqual(snapshot.problems, []);
      assert.equal(snapshot.threads.length, 5);
      const main = threadOf(snapshot, 'MainThread');
      assert.equal(main.osThreadId, target.pid);
      assert.equal(main.pythonThreadId, JSON.stringify(target.ready));
      assert.deepEqual(
        main.frames.map((one) => one.function.split('.').at(-1)),
        ['inner', 'outer', '<module>'],
      );
      const point = '<Point: x=3, y=[4]>';
      // 2.7 lists a dict by hashes, and attributes are in one.
      const isOrdered = interpreter.major === 3;
      if (isOrdered) {
        const inner = localsOf(frameOf(main, 'inner'));
        for (const one of ['argument z=5.5', 'local count=0', `free p=${point}`, `free q={'k': ${point}}`])
          assert(inner.includes(one), inner.join('\n'));
        const outer = localsOf(frameOf(main, 'outer'));
        for (const one of [`argument p=${point}`, 'argument runs=False', `cell q={'k': ${point}}`])
          assert(outer.includes(one), outer.join('\n'));
        assert.equal(outer.filter((one) => one.startsWith('argument p=')).length, 1);
      }
      const plain = threadOf(snapshot, 'plain');
      const variables = localsOf(frameOf(plain, 'plain')).filter((one) => !one.startsWith('argument named'));
      assert.deepEqual(variables.sort(), ['argument a=1', 'argument args=(3,)', "argument b='two'", 'local kept=[1, 2, 3]']);
      assert(localsOf(frameOf(main, '<module>')).some((one) => one.startsWith('namespace threads=[<Thread')));

      const waitOf = (name: string) => threadOf(snapshot, name).wait;
      assert.equal(snapshot.threads[waitOf('again')?.owner ?? -1]?.name, 'MainThread');
      assert.match(waitOf('again')?.what ?? '', /^RLock 0x/);
      assert.equal(snapshot.threads[waitOf('join')?.owner ?? -1]?.name, 'plain');
      assert.match(waitOf('eventually')?.what ?? '', /^Event 0x/);
      assert.equal(waitOf('eventually')?.owner, null);
      assert.match(waitOf('plain')?.what ?? '', /^Lock 0x/);
      assert.match(waitOf('plain')?.why ?? '', /does not know who holds it/);
    }).timeout(20_000);
  }

  for (const interpreter of [since(3, 8)[0], since(3, 8).at(-1)].filter((one) => one !== undefined)) {
    it(`is of one instant while ${title(interpreter)} runs, or says that it is not`, async () => {
      await using target = await startTarget(interpreter, script, { arguments: ['run'] });
      // How often an instant is found depends on who else has the machine's cores: one will be.
      for (let found = 0; found === 0;) {
        const snapshot = await look(target.pid);
        const main = threadOf(snapshot, 'MainThread');
        assert.equal(main.state === 'waiting', false);
        if (!snapshot.moment.isInstant || !main.holdsGil) continue;
        const inner = localsOf(frameOf(main, 'inner'));
        // text is made from count: of one instant they are one step apart at most.
        const count = Number(/=(\d+)/.exec(inner.find((one) => one.startsWith('local count=')) ?? '')?.[1]);
        const text = Number(/'(\d+)'/.exec(inner.find((one) => one.startsWith('local text=')) ?? '')?.[1]);
        if (Number.isNaN(text)) continue; // it has just begun
        assert(count === text || count === text + 1, `${count} ${text}`);
        found++;
      }
      const running = await look(target.pid, { neverStop: true });
      if (!running.moment.isInstant) assert.match(running.moment.why ?? '', /not to be stopped/);
    }).timeout(50_000);
  }

  it('is of one instant, too, where many threads have large variables', async () => {
    await using target = await startTarget(since(3, 8)[0]!, calling, { arguments: ['15'] });
    for (;;) {
      const { moment, threads } = await look(target.pid);
      assert.notEqual(moment.why, 'there is too much to read at one instant');
      if (!moment.isInstant) continue;
      assert.equal(threads.filter(({ frames }) => frames.some((frame) => frame.function === 'waiting')).length, 15);
      break;
    }
  }).timeout(60_000);

  it('has py-spy’s fields, and says the same of the same frames', async function () {
    const interpreter = since(3, 8)[0];
    if (interpreter === undefined || !fs.existsSync(pySpy)) this.skip();
    await using target = await startTarget(interpreter, script, { arguments: ['wait'] });
    const pid = String(target.pid);
    await lookAtWaiting(target.pid);
    const theirs = JSON.parse(
      execFileSync(pySpy, ['dump', '-p', pid, '--json', '-l'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as unknown;
    const ours = JSON.parse(execFileSync(process.execPath, [mainFile, 'dump', '-p', pid, '--json', '-l'], { encoding: 'utf8' })) as unknown;
    const shape = (threads: unknown): unknown => {
      assert(Array.isArray(threads));
      return (threads as Record<string, unknown>[])
        .map(({ pid: of, thread_id: id, thread_name: name, os_thread_id: osId, active, owns_gil: gil, frames }) => {
          assert(Array.isArray(frames));
          const shown = (frames as Record<string, unknown>[]).map(({ name: called, filename, line, locals }) => {
            // Of a module's body py-spy shows nothing, a cell it shows as such, and what * and ** take is no argument to it.
            const variables =
              called === '<module>' || called === 'outer' || called === 'inner' ? [] : (locals as Record<string, unknown>[]);
            return {
              called,
              filename,
              line,
              locals: variables.map(({ name, addr, arg }) => [name, addr, name === 'args' || name === 'named' || arg]),
            };
          });
          return { of, id, name, osId, active, gil, frames: shown };
        })
        .sort((a, b) => Number(a.osId) - Number(b.osId));
    };
    assert.deepEqual(shape(ours), shape(theirs));
  }).timeout(30_000);

  it('is printed with the source, and where in it the expression is', async function () {
    const interpreter = since(3, 11).at(-1);
    if (interpreter === undefined) this.skip();
    await using target = await startTarget(interpreter, script, { arguments: ['wait'] });
    await lookAtWaiting(target.pid);
    const text = execFileSync(process.execPath, [mainFile, 'dump', '-p', String(target.pid), '-l'], { encoding: 'utf8' });
    assert.match(text, /\(waiting\.py:\d+\)\n {8}with lock:\n {13}\^{4}\n/);
    assert.match(text, / {8}Arguments:\n {12}a: 1\n {12}b: 'two'\n/);
    assert.match(text, /waits for RLock 0x[0-9a-f]+ of thread \d+ \(MainThread\)/);
  }).timeout(20_000);

  it('has the processes that one started, too, also below what is no Python, and tasks', async function () {
    const interpreter = since(3, 8).at(-1);
    if (interpreter === undefined) this.skip();
    const script = path.join(import.meta.dirname, 'targets/started.py');
    await using target = await startTarget(interpreter, script);
    const { child } = target.ready as { child: number };
    const text = execFileSync(process.execPath, [mainFile, 'dump', '-p', String(target.pid), '-s', '--tasks'], { encoding: 'utf8' });
    assert.deepEqual(text.match(/^Process \d+: /gm), [`Process ${target.pid}: `, `Process ${child}: `]);
    // Of the first process alone; the other one has no tasks, and nothing is said of them.
    assert.equal(text.match(/asyncio task/g)?.length, 1);
    assert.match(text, /└─ waiter – waiting for Future\n +wait \(.*started\.py:\d+\)\n/);
    for (const [subprocesses, expected] of [
      [true, [target.pid, child]],
      [false, [target.pid]],
    ] as const) {
      const found: unknown[] = [];
      for await (const one of dumpProcesses(target.pid, { locals: 'none', neverStop: true, native: false }, subprocesses))
        found.push('pid' in one ? one.pid : one.failure);
      assert.deepEqual(found, expected);
    }
  }).timeout(30_000);
});
