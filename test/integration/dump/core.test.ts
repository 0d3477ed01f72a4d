import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import zlib from 'node:zlib';
import { dumpJson } from '../../../cli/dumpJson.ts';
import { BufferSource, FileSource } from '../../../native/binary/byteSource.ts';
import { openBinary } from '../../../native/binary/open.ts';
import { CoreError, type CoreFailure } from '../../../native/coreDump/coreFailure.ts';
import { CoreFile } from '../../../native/coreDump/coreFile.ts';
import { CoreProcess } from '../../../native/coreDump/coreProcess.ts';
import type { DumpSnapshot } from '../../../native/dump/dumpSnapshot.ts';
import { readCoreDump, readDump } from '../../../native/dump/readDump.ts';
import { openCore } from '../../../native/openCore.ts';
import { openSystem } from '../../../native/os/index.ts';
import { TargetError } from '../../../native/targetError.ts';
import { readGreenlets } from '../../../native/tasks/readGreenlets.ts';
import { readTasks } from '../../../native/tasks/readTasks.ts';
import { cacheFolder } from '../../support/cache.ts';
import { type Interpreter, interpreters, since, title } from '../../support/interpreters.ts';
import { type LiveCoreOptions, writeLiveCore } from '../../support/liveCore.ts';
import { startTarget } from '../../support/target.ts';

const waiting = path.join(import.meta.dirname, 'targets/waiting.py');
const crashing = path.join(import.meta.dirname, 'targets/crashing.py');
const mainFile = path.join(import.meta.dirname, '../../../cli/main.ts');
const pySpy = path.join(cacheFolder, 'packages/py-spy/bin/py-spy');
/** The oldest, one in the middle, and the newest. */
const some = [interpreters[0], since(3, 11)[0], interpreters.at(-1)].filter((one) => one !== undefined);

/** What `py-spy dump --json` says of a thread. (It knows the system's ids from 3.11 on.) */
interface PySpyThread {
  readonly thread_name: string;
  readonly thread_id: number;
  readonly owns_gil: boolean;
  readonly frames: readonly {
    readonly name: string;
    readonly filename: string;
    readonly line: number;
    readonly locals: readonly { readonly name: string; readonly addr: number; readonly arg: boolean }[];
  }[];
}

async function lookAtCore(file: string, search: readonly string[] = []): Promise<DumpSnapshot> {
  const core = await openCore(file, search);
  try {
    return core.dump('short');
  } finally {
    core.close();
  }
}

/** What a core dump says as a live process does. */
function comparable({ threads, problems, pid, parentPid, pythonVersion, commandLine, executable }: DumpSnapshot): unknown {
  return { threads, problems, pid, parentPid, pythonVersion, commandLine, executable };
}

/** A dump of a live process whose threads all wait, once they do. */
async function lookAtLiving(pid: number): Promise<DumpSnapshot> {
  for (;;) {
    const snapshot = await readDump(await openSystem(), pid, { locals: 'short', neverStop: true, native: false });
    const main = snapshot.threads.find(({ name }) => name === 'MainThread');
    if (snapshot.threads.filter(({ wait }) => wait !== null).length === 4 && main?.state === 'waiting' && main.frames.length === 3)
      return snapshot;
  }
}

/**
 * Writes a core dump of a process whose threads all come to something that they wait for.
 * @returns what was to be seen of it while it lived, before and afterwards
 */
async function writeCore(pid: number, file: string, options: LiveCoreOptions = {}): Promise<DumpSnapshot> {
  for (let before = await lookAtLiving(pid); ;) {
    const pthreads = new Map(before.threads.map(({ osThreadId, pythonThreadId }) => [osThreadId, Number(pythonThreadId)]));
    fs.rmSync(file, { force: true });
    writeLiveCore(pid, file, { pthreads, ...options });
    const after = await lookAtLiving(pid);
    if (isDeepStrictEqual(before.threads, after.threads)) return after;
    before = after;
  }
}

async function failureOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CoreError || error instanceof TargetError) return error.failure;
    throw error;
  }
  return null;
}

/** The kernel's own dump of a program that crashes; null where the kernel gives it to somebody else. */
function crash(interpreter: Interpreter, how: string, folder: string): string | null {
  const pattern = fs.readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  if (!/^[^|/%]+$/.test(pattern)) return null;
  const { signal, stderr } = spawnSync('/bin/sh', ['-c', 'ulimit -c unlimited && exec "$0" "$@"', interpreter.path, crashing, how], {
    cwd: folder,
    env: { ...process.env, ...interpreter.environment },
    encoding: 'utf8',
  });
  // Of the shell: our own limit allows no dumps.
  if (signal === null && stderr.includes('ulimit')) return null;
  assert.equal(signal, how === 'abort' ? 'SIGABRT' : 'SIGSEGV', stderr);
  const file = fs.readdirSync(folder).find((name) => name.startsWith(pattern));
  return file === undefined ? null : path.join(folder, file);
}

describe('A core dump', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-cores-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  for (const interpreter of interpreters) {
    it(`says what was to be seen of ${title(interpreter)} while it lived`, async () => {
      await using target = await startTarget(interpreter, waiting, { arguments: ['wait'] });
      const file = path.join(folder, 'core');
      const living = await writeCore(target.pid, file);
      const dumped = await lookAtCore(file);
      assert.deepEqual(comparable(dumped), comparable(living));
      assert.deepEqual(dumped.core, { file, signal: null, unchecked: [] });
    }).timeout(20_000);
  }

  for (const interpreter of some) {
    it(`by the kernel shows where ${title(interpreter)} has crashed, and who was`, async function () {
      const file = crash(interpreter, 'segv', folder);
      if (file === null) this.skip();
      const { threads, core, problems, commandLine, pythonVersion } = await lookAtCore(file);
      assert.deepEqual(problems, []);
      assert.deepEqual(commandLine, [interpreter.path, crashing, 'segv']);
      assert.equal(pythonVersion.replace(/t$/, ''), interpreter.version);
      const crashed = threads.find(({ osThreadId }) => osThreadId === core?.signal?.threadId);
      assert.deepEqual(core?.signal, { number: 11, code: 1, address: '0x0', sender: null, threadId: crashed?.osThreadId });
      assert.equal(crashed?.name, 'MainThread');
      assert.equal(crashed.state, 'running');
      assert.deepEqual(
        crashed.frames.map(({ function: name }) => name),
        ['string_at', 'inner', 'outer', '<module>'],
      );
      assert.deepEqual(
        crashed.frames[1]?.locals?.map(({ name, text }) => `${name}=${text}`),
        ['z=42', "text='text'", "local={'k': [42, 'text']}"],
      );
      const other = threads.find(({ name }) => name === 'waiter');
      assert.equal(other?.state, 'waiting');
      const waits = other.frames.find(({ function: name }) => name === 'waits');
      assert(waits?.locals?.some(({ name, text }) => name === 'note' && text === "['lab', 1, 2]"));
    }).timeout(20_000);
  }

  const newest = since(3, 8).at(-1);

  it('is printed as a process is, also from a packed file, and for programs', async function () {
    if (newest === undefined) this.skip();
    const file = crash(newest, 'abort', folder);
    if (file === null) this.skip();
    const packed = path.join(folder, 'core.packed');
    fs.writeFileSync(packed, zlib.gzipSync(fs.readFileSync(file), { level: 1 }));
    const text = execFileSync(process.execPath, [mainFile, 'dump', '--core', packed, '-l', '--tasks'], { encoding: 'utf8' });
    assert.match(
      text,
      /^Process \d+: .* abort\nPython v3.*\nCore dump .*packed: thread \d+ \(MainThread\) got SIGABRT, which it sent itself\.\n/,
    );
    assert.match(text, /\n {4}inner \(crashing\.py:\d+\)\n {8}os\.abort\(\)\n {8}Arguments:\n {12}z: 42\n/);
    const [first] = JSON.parse(dumpJson([await lookAtCore(file)], (name) => name, 'none')) as Record<string, unknown>[];
    assert.equal(first?.['thread_name'], 'MainThread');
    assert.equal((first['signal'] as Record<string, unknown>)['name'], 'SIGABRT');
    assert.deepEqual(first['moment'], { one_instant: true, how: 'dumped', pause_us: 0, why: null });
    assert.deepEqual(fs.readdirSync(folder).sort(), [path.basename(file), 'core.packed'].sort());
  }).timeout(30_000);

  it('says the same as py-spy', async function () {
    const interpreter = since(3, 8)[0];
    const file = interpreter === undefined || !fs.existsSync(pySpy) ? null : crash(interpreter, 'segv', folder);
    if (file === null) this.skip();
    const theirs = JSON.parse(execFileSync(pySpy, ['dump', '--core', file, '--json', '-l'], { encoding: 'utf8' })) as PySpyThread[];
    const { threads } = await lookAtCore(file);
    assert.deepEqual(
      threads.map(({ name, pythonThreadId, holdsGil, frames }) => ({
        thread_name: name,
        thread_id: Number(pythonThreadId),
        owns_gil: holdsGil,
        // Of a module's body py-spy shows nothing.
        frames: frames.map(({ function: called, file: filename, line, locals }) => ({
          name: called,
          filename,
          line,
          locals:
            called === '<module>' ? [] : locals?.map((local) => ({ name: local.name, addr: Number(local.address), arg: local.isArgument })),
        })),
      })),
      theirs.map(({ thread_name, thread_id, owns_gil, frames }) => ({
        thread_name,
        thread_id,
        owns_gil,
        frames: frames.map(({ name, filename, line, locals }) => ({
          name,
          filename,
          line,
          locals: name === '<module>' ? [] : locals.map((local) => ({ name: local.name, addr: local.addr, arg: local.arg })),
        })),
      })),
    );
  }).timeout(20_000);

  for (const interpreter of [some[0], some.at(-1)].filter((one) => one !== undefined)) {
    it(`from outside of its container has the ids of outside for ${title(interpreter)}`, async () => {
      await using target = await startTarget(interpreter, waiting, { arguments: ['wait'] });
      const file = path.join(folder, 'core');
      const living = await writeCore(target.pid, file, { renumber: 100_000 });
      const dumped = await lookAtCore(file);
      assert.equal(dumped.pid, target.pid + 100_000);
      const outside = living.threads.map((thread) => ({ ...thread, osThreadId: thread.osThreadId + 100_000 }));
      assert.deepEqual(dumped.threads, outside);
    }).timeout(20_000);
  }

  it('shows the tasks and greenlets that there were while it lived', async function () {
    const interpreter = since(3, 8).findLast(({ greenlet, freeThreaded }) => greenlet !== null && !freeThreaded);
    if (interpreter === undefined) this.skip();
    const system = await openSystem();
    for (const script of ['started.py', '../../asyncio/targets/greenlets.py']) {
      await using target = await startTarget(interpreter, path.join(import.meta.dirname, 'targets', script));
      // After it has said that it is ready it goes on for a moment, until it is in read, epoll_wait or epoll_pwait.
      while (!/^(0|232|281) /.test(fs.readFileSync(`/proc/${target.pid}/syscall`, 'utf8')));
      const living = { tasks: readTasks(system, target.pid), greenlets: readGreenlets(system, target.pid) };
      assert(living.tasks.tasks.length + living.greenlets.greenlets.length > 1);
      const file = path.join(folder, path.basename(script));
      writeLiveCore(target.pid, file);
      const core = await openCore(file, []);
      try {
        // What a dump can't say.
        assert.deepEqual({ ...core.tasks(), workingDirectory: living.tasks.workingDirectory }, living.tasks);
        assert.deepEqual({ ...core.greenlets(), workingDirectory: living.greenlets.workingDirectory }, living.greenlets);
      } finally {
        core.close();
      }
    }
  }).timeout(30_000);

  it('that is cut off says how much is missing, where Python can’t be found any more', async function () {
    if (newest === undefined) this.skip();
    await using target = await startTarget(newest, waiting, { arguments: ['wait'] });
    const file = path.join(folder, 'core');
    writeLiveCore(target.pid, file);
    const { size } = fs.statSync(file);
    fs.truncateSync(file, 100_000);
    const failure = (await failureOf(() => lookAtCore(file))) as CoreFailure;
    assert(failure.code === 'damaged' && failure.detail.startsWith(`${size - 100_000} bytes are missing at its end`));
  }).timeout(20_000);

  describe('of a program whose files are elsewhere', () => {
    /** One whose interpreter is in a library with a build id. */
    const shared = interpreters.find(({ path: file }) => {
      const library = libraryOf(file);
      return library !== null && buildIdOf(library) !== null;
    });
    const moved = (file: string): string => `/nowhere${file}`;

    function libraryOf(executable: string): string | null {
      const lib = path.join(path.dirname(executable), '../lib');
      const name = fs.readdirSync(lib).find((one) => /^libpython[\d.]+m?\.so\.1\.0$/.test(one));
      return name === undefined ? null : path.join(lib, name);
    }

    function buildIdOf(file: string): string | null {
      const source = new FileSource(file);
      try {
        return openBinary(source).buildId();
      } finally {
        source.close();
      }
    }

    it('finds them in folders to search, by path, name or build id, and names those that are missing', async function () {
      if (shared === undefined) this.skip();
      const library = libraryOf(shared.path)!;
      await using target = await startTarget(shared, waiting, { arguments: ['wait'] });
      const file = path.join(folder, 'core');
      // As gdb does, which leaves out mappings altogether.
      const living = await writeCore(target.pid, file, { rename: moved, omitsEmpty: true });
      const missing = await failureOf(() => lookAtCore(file));
      assert.deepEqual(missing, {
        code: 'missing-files',
        file,
        files: (missing as { files: { path: string }[] }).files.map((one) => ({ path: one.path, why: 'absent', found: null })),
      });
      assert((missing as { files: { path: string }[] }).files.some((one) => one.path === moved(library)));

      const search = path.join(folder, 'search');
      const place = async (at: string): Promise<DumpSnapshot> => {
        fs.mkdirSync(path.dirname(path.join(search, at)), { recursive: true });
        fs.copyFileSync(library, path.join(search, at));
        try {
          return await lookAtCore(file, [search]);
        } finally {
          fs.rmSync(search, { recursive: true });
        }
      };
      const buildId = buildIdOf(library)!;
      const byId = `.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}`;
      for (const at of [moved(library), path.basename(library), byId, 'renamed']) {
        const { threads, problems } = await place(at);
        assert.deepEqual(
          threads.map(({ name, frames }) => [name, frames.map((frame) => [frame.function, frame.line])]),
          living.threads.map(({ name, frames }) => [name, frames.map((frame) => [frame.function, frame.line])]),
        );
        // What is not needed is not asked for.
        assert.deepEqual(problems, []);
      }
    }).timeout(30_000);

    it('takes no other build for the one that ran, and says where that is', async function () {
      const other = shared && interpreters.find((one) => one !== shared && libraryOf(one.path) !== null);
      if (shared === undefined || other === undefined) this.skip();
      const library = libraryOf(shared.path)!;
      await using target = await startTarget(shared, waiting, { arguments: ['wait'] });
      const file = path.join(folder, 'core');
      writeLiveCore(target.pid, file, { rename: moved });
      const place = path.join(folder, path.basename(library));
      fs.symlinkSync(libraryOf(other.path)!, place);
      const failure = (await failureOf(() => lookAtCore(file, [folder]))) as { files: unknown[] };
      assert.deepEqual(
        failure.files.find((one) => (one as { path: string }).path === moved(library)),
        { path: moved(library), why: 'other-build', found: place },
      );
    }).timeout(20_000);
  });

  it('that is damaged is an error or a dump that says what is missing, and takes no time', async function () {
    if (newest === undefined) this.skip();
    await using target = await startTarget(newest, waiting, { arguments: ['wait'] });
    await lookAtLiving(target.pid);
    const file = path.join(folder, 'core');
    writeLiveCore(target.pid, file);
    const bytes = fs.readFileSync(file);
    const headers = 64 + 56 * bytes.readUInt16LE(56);
    let looked = 0;
    const look = (source: Buffer): DumpSnapshot | null => {
      looked++;
      try {
        const core = new CoreProcess(new CoreFile(file, new BufferSource(source)), []);
        try {
          return readCoreDump(core, file, 'short');
        } finally {
          core.close();
        }
      } catch (error) {
        if (error instanceof CoreError || error instanceof TargetError) return null;
        throw error;
      }
    };
    const random = numbersFrom(7);
    const whole = look(bytes);
    assert(whole !== null && whole.problems.length === 0);
    for (let i = 0; i < 40; i++) {
      const end = i < 20 ? random(headers + 16_384) : random(bytes.length);
      const cut = look(bytes.subarray(0, end));
      assert(cut === null || cut.problems.some((problem) => problem.includes('cut off')));
    }
    for (let i = 0; i < 60; i++) {
      // In headers and notes more often than in what the program had.
      const range = i % 3 === 0 ? bytes.length : headers + 16_384;
      const places = Array.from({ length: 1 + random(8) }, () => random(range));
      const before = places.map((at) => bytes[at]!);
      for (const at of places) bytes[at] = [0, 0xff, 0x7f, random(256)][random(4)]!;
      look(bytes);
      for (const [k, at] of [...places.entries()].reverse()) bytes[at] = before[k]!;
    }
    assert.deepEqual(comparable(look(bytes)!), comparable(whole));
    assert.equal(looked, 102);
  }).timeout(60_000);
});

/** A generator of numbers from 0 on, below a bound: the same in every run (mulberry32). */
function numbersFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
