import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DumpSnapshot, NativeFrameRecord, ThreadDump } from '../../../native/dump/dumpSnapshot.ts';
import { readDump } from '../../../native/dump/readDump.ts';
import { openSystem } from '../../../native/os/index.ts';
import { type Interpreter, interpreters, since, title } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';

const targets = path.join(import.meta.dirname, 'targets');
const mainFile = path.join(import.meta.dirname, '../../../cli/main.ts');

async function look(pid: number, neverStop = false): Promise<DumpSnapshot> {
  return readDump(await openSystem(), pid, { locals: 'none', neverStop, native: true });
}

/** Frames by name, innermost first; Python's without their classes, in brackets. */
function namesOf({ frames, native }: ThreadDump): string[] {
  assert(native !== null);
  return native.frames.map((frame) => (typeof frame === 'number' ? `[${frames[frame]!.function.split('.').at(-1)!}]` : frame.function));
}

function nativesOf({ native }: ThreadDump): NativeFrameRecord[] {
  return (native?.frames ?? []).filter((frame) => typeof frame !== 'number');
}

interface JsonFrame {
  readonly kind: string;
  readonly name: string;
  readonly module: string | null;
}
interface JsonThread {
  readonly thread_name: string;
  readonly frames: readonly JsonFrame[];
  readonly native_incomplete: string | null;
  readonly moment: { readonly how: string; readonly one_instant: boolean };
}

/** What the command line says, which did not start the target. */
function dumped(pid: number, ...options: readonly string[]): JsonThread {
  const text = execFileSync(process.execPath, [mainFile, 'dump', '-p', String(pid), '--json', ...options], { encoding: 'utf8' });
  const main = (JSON.parse(text) as JsonThread[]).find((thread) => thread.thread_name === 'MainThread');
  assert(main !== undefined, text);
  return main;
}

describe('Native frames in a dump', function () {
  this.timeout(30_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-native-'));
  const library = path.join(folder, 'nativeCalls.so');
  before(
    () =>
      void execFileSync('cc', [
        '-O1',
        '-fno-optimize-sibling-calls',
        '-shared',
        '-fPIC',
        '-o',
        library,
        path.join(targets, 'nativeCalls.c'),
      ]),
  );
  after(() => fs.rmSync(folder, { recursive: true }));

  const start = (interpreter: Interpreter, what: string): Promise<Target> =>
    startTarget(interpreter, path.join(targets, 'native.py'), { arguments: [library, what] });

  for (const interpreter of interpreters) {
    it(`${title(interpreter)}: are where they belong among Python’s, of threads that wait and are not stopped`, async () => {
      await using target = await start(interpreter, 'wait');
      const innermost = new Map([
        ['locked', 'locked'],
        ['sorts', 'key'],
        ['calls', 'back'],
        ['sleeps', 'sleeps'],
        ['selects', 'selects'],
        ['lists', 'generates'],
      ]);
      let threads = new Map<string, ThreadDump>();
      // Until all have come to what they wait for.
      const isThere = (thread: ThreadDump | undefined, name: string): boolean =>
        thread?.state === 'waiting' && thread.native?.problem === null && thread.frames[0]?.function === name;
      while (![...innermost].every(([thread, name]) => isThere(threads.get(thread), name)))
        threads = new Map((await look(target.pid)).threads.map((thread) => [thread.name ?? '', thread]));
      for (const [name, function_] of innermost) {
        const thread = threads.get(name)!;
        const names = namesOf(thread);
        const all = names.join(' ');
        assert.equal(thread.native?.isMerged, true, all);
        // They wait in C, and all was C before it was Python.
        assert.match(nativesOf(thread)[0]?.library ?? '', /libc|ld-musl/, all);
        assert(names.indexOf(`[${function_}]`) > 0 && !names.at(-1)!.startsWith('['), all);
        assert.deepEqual(
          names.filter((one) => one.startsWith('[')),
          thread.frames.map((frame) => `[${frame.function.split('.').at(-1)!}]`),
        );
      }
      const calls = namesOf(threads.get('calls')!);
      const order = ['[back]', 'inner_call', 'outer_call', '[calls]'].map((name) => calls.indexOf(name));
      assert(
        order.every((place, i) => place > (order[i - 1] ?? 0)),
        calls.join(' '),
      );
      for (const [thread, callee, caller] of [
        ['sorts', '[key]', '[sorts]'],
        ['lists', '[generates]', '[lists]'],
      ] as const) {
        const names = namesOf(threads.get(thread)!);
        const between = names.slice(names.indexOf(callee) + 1, names.indexOf(caller));
        assert(between.length > 0 && between.every((name) => !name.startsWith('[')), names.join(' '));
      }
    });
  }

  for (const interpreter of [since(3, 9)[0], since(3, 12)[0], since(3, 15)[0]].filter((one) => one !== undefined)) {
    it(`${title(interpreter)}: are those of a thread that computes, which goes on as if nothing had been`, async () => {
      await using target = await start(interpreter, 'spin');
      let main = dumped(target.pid, '-n');
      while (!main.frames.some(({ name }) => name === 'computes')) main = dumped(target.pid, '-n');
      assert.equal(main.native_incomplete, null);
      assert.deepEqual(main.moment.how, 'paused');
      const names = main.frames.map(({ name }) => name);
      assert.deepEqual(names.slice(0, 2), ['spin_until', 'spins'], names.join(' '));
      assert.deepEqual(main.frames[0], { ...main.frames[0], kind: 'native', module: library });
      const python = main.frames.filter(({ kind }) => kind === 'python').map(({ name }) => name.split('.').at(-1));
      assert.deepEqual(python, ['computes', '<module>']);
      assert.match(fs.readFileSync(`/proc/${target.pid}/status`, 'latin1'), /^TracerPid:\t0$/m);
      assert.equal(await target.ask(null), true);
    });
  }

  for (const interpreter of [since(3, 9)[0], since(3, 12)[0], since(3, 15)[0]].filter((one) => one !== undefined)) {
    if (interpreter.greenlet === null) continue;
    it(`${title(interpreter)}: of a greenlet end where it begins, as its Python frames do`, async () => {
      await using target = await start(interpreter, 'greenlet');
      let main: ThreadDump | undefined;
      while (main?.frames[0]?.function !== 'key' || main.native?.problem !== null)
        main = (await look(target.pid)).threads.find(({ name }) => name === 'MainThread');
      const names = namesOf(main);
      assert.deepEqual(
        names.filter((name) => name.startsWith('[')),
        ['[key]', '[sorts]'],
      );
      assert.match(names.at(-1)!, /g_initialstub/, names.join(' '));
    });
  }

  it('are not had of a running thread that is not to be stopped, or that we started: it says so, and all Python frames are there', async function () {
    const interpreter = since(3, 12)[0];
    if (interpreter === undefined) this.skip();
    await using target = await start(interpreter, 'spin');
    let main = dumped(target.pid, '-n', '--never-stop');
    while (!main.frames.some(({ name }) => name === 'computes')) main = dumped(target.pid, '-n', '--never-stop');
    assert.match(main.native_incomplete ?? '', /can’t be read without stopping it, which it is not to be/);
    assert(main.frames.every(({ kind }) => kind === 'python'));
    const ours = (await look(target.pid)).threads.find(({ name }) => name === 'MainThread')!;
    assert.match(ours.native?.problem ?? '', /programs that Heatline started itself/);
    assert.deepEqual(namesOf(ours), ['[computes]', '[<module>]']);
  });
});
