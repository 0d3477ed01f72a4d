import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { listPythonProcesses } from '../../native/processes.ts';
import type { Profile } from '../../profile/profile.ts';
import { type Interpreter, interpreters, title } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { EngineFailed, sample } from './sample.ts';

const targets = path.join(import.meta.dirname, 'targets');

/** What it takes to link an interpreter into a program. */
interface Library {
  readonly include: string;
  /** The static library. */
  readonly archive: string;
  readonly others: string;
  readonly prefix: string;
}

const askForLibrary = `
import sysconfig, json, os, sys
v = sysconfig.get_config_var
print(json.dumps({'include': sysconfig.get_paths()['include'], 'archive': os.path.join(v('LIBPL') or '', v('LIBRARY') or ''), 'others': '%s %s' % (v('LIBS'), v('SYSLIBS')), 'prefix': sys.prefix}))
`;

/** Null for an interpreter that came without one, or with one that takes more libraries than it says (Debian's). */
function libraryOf(interpreter: Interpreter): Library | null {
  const library = JSON.parse(
    execFileSync(interpreter.path, ['-c', askForLibrary], { env: { ...process.env, ...interpreter.environment }, encoding: 'utf8' }),
  ) as Library;
  return !library.archive.startsWith('/usr/') && fs.existsSync(library.archive) && fs.existsSync(path.join(library.include, 'Python.h'))
    ? library
    : null;
}

interface SharedLibrary {
  readonly interpreter: Interpreter;
  readonly library: string;
  readonly prefix: string;
}

/** Null for an interpreter that came without one. */
function sharedLibraryOf(interpreter: Interpreter): SharedLibrary | null {
  if (interpreter.major < 3) return null;
  const ask =
    "import sysconfig, json, sys; v = sysconfig.get_config_var; print(json.dumps(['%s/%s' % (v('LIBDIR'), v('INSTSONAME')), sys.prefix]))";
  const [library, prefix] = JSON.parse(
    execFileSync(interpreter.path, ['-c', ask], { env: { ...process.env, ...interpreter.environment }, encoding: 'utf8' }),
  ) as [string, string];
  return library.includes('.so') && fs.existsSync(library) ? { interpreter, library, prefix } : null;
}

/** Functions in samples. */
function functionsOf(profile: Profile): string[] {
  return [...new Set(profile.functions.map(({ name }) => name))];
}

/** Each thread of the system is one of the profile. */
function assertThreadsAreApart(profile: Profile): void {
  for (const [id, { osThreadId }] of profile.threads.entries())
    assert.equal(
      profile.threads.findIndex((thread) => thread.osThreadId === osThreadId),
      id,
    );
}

describe('A program that has Python built in', function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
  after(() => fs.rmSync(folder, { recursive: true }));

  /** Builds the host without a name for anything in it. */
  function build(interpreter: Interpreter, { include, archive, others }: Library): string {
    const program = path.join(folder, `host-${interpreter.version}`);
    if (!fs.existsSync(program))
      execFileSync('cc', [
        '-O1',
        '-s',
        '-w',
        '-no-pie',
        `-I${include}`,
        '-o',
        program,
        path.join(targets, 'host.c'),
        archive,
        ...others.split(/\s+/).filter((word) => word !== ''),
        '-lm',
      ]);
    return program;
  }

  const shared = interpreters.flatMap((interpreter) => sharedLibraryOf(interpreter) ?? []);
  /** Starts a program with two Pythons. */
  function startTwo(how: 'at-once' | 'later', one: SharedLibrary, other: SharedLibrary): ReturnType<typeof startTarget> {
    const program = path.join(folder, 'twoPythons');
    if (!fs.existsSync(program)) execFileSync('cc', ['-O1', '-o', program, path.join(targets, 'twoPythons.c'), '-ldl', '-lpthread']);
    const args = [one.library, one.prefix, other.library, other.prefix];
    return startTarget({ ...one.interpreter, path: program }, how, { arguments: args });
  }
  const worksSeen = (profile: Profile): string[] =>
    functionsOf(profile)
      .filter((name) => name.startsWith('work_'))
      .sort();
  for (const [one, other] of [
    [shared.at(-1), shared[0]],
    [shared[0], shared.at(-1)],
  ]) {
    if (one === undefined || other === undefined || one === other) continue;
    it(`from two libraries, ${title(one.interpreter)} and ${title(other.interpreter)}: is read in both`, async () => {
      await using target = await startTwo('at-once', one, other);
      const { profile } = await sample(
        { pid: target.pid, rate: 500 },
        (seen) => seen.quality.samples >= 100 && worksSeen(seen).length === 2,
      );
      assert.deepEqual(
        profile.processes.map(({ pid, pythonVersion }) => [pid, pythonVersion]).sort(),
        [one, other].map(({ interpreter }) => [target.pid, interpreter.version]).sort(),
      );
      assert.deepEqual(worksSeen(profile), ['work_0', 'work_1']);
      assertThreadsAreApart(profile);
    });

    it(`from two libraries, ${title(one.interpreter)}, and later ${title(other.interpreter)}: is read in both`, async () => {
      await using target = await startTwo('later', one, other);
      let told = 0;
      let firstTold = 0; // µs
      let answered: Promise<unknown> = Promise.resolve();
      const { profile } = await sample({ pid: target.pid, rate: 500 }, (seen) => {
        // The library is loaded while the first is sampled, and begins after that was seen.
        if (told < 2 && seen.quality.samples > 50 * (told + 1)) {
          if (told++ === 0) firstTold = seen.quality.elapsed;
          answered = answered.then(() => target.ask(''));
        }
        return worksSeen(seen).length === 2;
      });
      assert.equal(await answered, 'begun');
      const [first, second] = profile.processes;
      assert.deepEqual(
        [first, second].map((process) => [process?.pid, process?.pythonVersion, process?.parent]),
        [one, other].map(({ interpreter }) => [target.pid, interpreter.version, null]),
      );
      assert(second!.startedAt > firstTold);
      assertThreadsAreApart(profile);
    });
  }

  const [latest] = shared.slice(-1);
  if (latest !== undefined)
    it(`from one library that is loaded twice, ${title(latest.interpreter)}: is read in both`, async () => {
      await using target = await startTwo('later', latest, latest);
      const begun = target.ask('').then(() => target.ask(''));
      const { profile } = await sample({ pid: target.pid, rate: 500 }, (seen) => worksSeen(seen).length === 2);
      assert.equal(await begun, 'begun');
      assert.deepEqual(
        profile.processes.map(({ pid, pythonVersion }) => [pid, pythonVersion]),
        [latest, latest].map(({ interpreter }) => [target.pid, interpreter.version]),
      );
      assertThreadsAreApart(profile);
    });

  for (const one of [shared[0], latest]) {
    if (one === undefined) continue;
    it(`in its children only, ${title(one.interpreter)}: is read with these, and alone tells which they are`, async () => {
      const program = path.join(folder, 'prefork');
      if (!fs.existsSync(program)) execFileSync('cc', ['-O1', '-o', program, path.join(targets, 'prefork.c'), '-ldl']);
      await using target = await startTarget({ ...one.interpreter, path: program }, '-', { arguments: [one.library, one.prefix] });
      const begin = async (): Promise<void> => assert.equal(await target.ask(''), 'begun');
      await begin();
      const names = (pid: number): readonly number[] =>
        fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
      const failure = await sample({ pid: target.pid, rate: 500 }).then(
        () => null,
        (error: unknown) => (error instanceof EngineFailed ? error.failure : error),
      );
      assert(failure !== null && typeof failure === 'object' && 'below' in failure);
      const { below } = failure as { below: readonly number[] };
      assert.deepEqual({ ...failure }, { code: 'not-ready', pid: target.pid, below });
      assert.equal(below.length, 1);
      assert(names(target.pid).includes(below[0]!));

      let isTold = false;
      const { profile, events } = await sample({ pid: target.pid, rate: 500, subprocesses: true }, (seen) => {
        if (!isTold) target.tell('');
        isTold = true;
        return seen.processes.length === 2 && seen.runs.length > 100;
      });
      assert(!events.includes('waiting'));
      assert.deepEqual(profile.processes.map(({ pid }) => pid).sort(), [...names(target.pid)].sort());
      assert(functionsOf(profile).includes('serve'));
    });
  }

  for (const interpreter of interpreters) {
    const library = libraryOf(interpreter);
    if (library === null) continue;
    const start = (how: string): ReturnType<typeof startTarget> =>
      startTarget({ ...interpreter, path: build(interpreter, library) }, how, {
        environment: { PYTHONHOME: library.prefix, PYTHONNOUSERSITE: '1' },
      });

    it(`${title(interpreter)}: is read though it names nothing of it`, async () => {
      await using target = await start('once');
      const { profile } = await sample({ pid: target.pid, rate: 500 }, 200);
      assert.deepEqual(functionsOf(profile).sort(), ['<module>', 'life_0', 'work']);
      assert.equal(profile.processes[0]!.pythonVersion, interpreter.version);
      const listed = (await listPythonProcesses()).find(({ pid }) => pid === target.pid);
      assert.equal(listed?.version, interpreter.version);
    });

    it(`${title(interpreter)}: is read again when it is initialised again`, async () => {
      await using target = await start('again');
      let isTold = false;
      // On a busy machine a life of 0.3 s may be over before it was found: any four will do.
      const { profile } = await sample({ pid: target.pid, rate: 500 }, (seen) => {
        if (!isTold) target.tell('');
        isTold = true;
        return functionsOf(seen).filter((name) => name.startsWith('life_')).length >= 4;
      });
      for (const name of ['<module>', 'work', 'life_0']) assert(functionsOf(profile).includes(name), `${name} is missing`);
    });
  }
});
