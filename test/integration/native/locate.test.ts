import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { FileSource } from '../../../native/binary/byteSource.ts';
import { ElfFile } from '../../../native/binary/elf.ts';
import type { EngineFailure } from '../../../native/engine.ts';
import { type InterpreterLocation, locateInterpreter } from '../../../native/cpython/locate.ts';
import { openTarget } from '../../../native/openTarget.ts';
import { openSystem } from '../../../native/os/index.ts';
import { readStat } from '../../../native/os/linux/procFiles.ts';
import { sameExecution, type System } from '../../../native/os/system.ts';
import { TargetError } from '../../../native/targetError.ts';
import { type Interpreter, interpreters, title } from '../../support/interpreters.ts';
import { startTarget, type Target, type TargetOptions } from '../../support/target.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'interpreter.py');
const isRoot = process.getuid?.() === 0;

interface Ready {
  readonly codeType: number;
  readonly prefix: string;
}

describe('locating the interpreter', () => {
  let system: System;
  let folder: string;
  before(async () => {
    system = await openSystem();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-locate-'));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  function locate(target: Target, by: System = system): InterpreterLocation {
    const memory = by.openMemory(target.pid);
    try {
      return locateInterpreter(by, memory, target.pid, ['PyCode_Type']);
    } finally {
      memory.close();
    }
  }

  /** What the target says of itself is the truth. */
  function check(location: InterpreterLocation, target: Target, interpreter: Interpreter): void {
    assert.equal(location.versionText, interpreter.version);
    assert.equal(location.symbols.get('PyCode_Type'), (target.ready as unknown as Ready).codeType);
    assert.equal(location.freeThreaded, interpreter.freeThreaded);
    assert.equal(location.hasDebugOffsets, interpreter.major === 3 && interpreter.minor >= 13);
  }

  for (const interpreter of interpreters) {
    describe(title(interpreter), () => {
      const start = (options: TargetOptions = {}): Promise<Target> => startTarget(interpreter, script, options);

      it('is found by its binary', async () => {
        await using target = await start();
        const location = locate(target);
        check(location, target, interpreter);
        assert.ok(fs.existsSync(location.binary), location.binary);
      });

      it('is found by its image in memory when no file can be opened', async () => {
        await using target = await start();
        const blind = Object.create(system, { openMappedFile: { value: () => null } }) as System;
        const location = locate(target, blind);
        check(location, target, interpreter);
        assert.deepEqual(location, locate(target));
      });

      it('is found when started through the dynamic linker', async function () {
        const linker = dynamicLinker(interpreter.path);
        if (linker === null) this.skip();
        await using plain = await start();
        await using target = await start({ wrapper: [linker], environment: { PYTHONHOME: (plain.ready as unknown as Ready).prefix } });
        check(locate(target), target, interpreter);
        assert.equal(system.execution(target.pid)?.executable, fs.realpathSync(linker));
      });

      it('is found when renamed, and when deleted while it runs', async () => {
        await using plain = await start();
        const copy = path.join(folder, `my app ${interpreter.version}`);
        const library = path.join(folder, `lib ${interpreter.version}`);
        const original = locate(plain).binary;
        fs.copyFileSync(interpreter.path, copy);
        fs.mkdirSync(library);
        if (original !== interpreter.path) fs.copyFileSync(original, path.join(library, path.basename(original)));
        const environment = { PYTHONHOME: (plain.ready as unknown as Ready).prefix, LD_LIBRARY_PATH: library };
        await using target = await startTarget({ ...interpreter, path: copy }, script, { environment });
        check(locate(target), target, interpreter);
        const execution = system.execution(target.pid)!;
        fs.rmSync(copy);
        fs.rmSync(library, { recursive: true });
        const location = locate(target);
        check(location, target, interpreter);
        assert.ok(!fs.existsSync(location.binary) || !location.binary.startsWith(folder), location.binary);
        assert.ok(sameExecution(system.execution(target.pid)!, execution), 'deleting is no exec');
      });

      it('is found in another mount namespace', async function () {
        if (!isRoot || !fs.existsSync('/usr/bin/unshare')) this.skip();
        await using plain = await start();
        // A file system that nobody outside sees, with the interpreter in it.
        const hidden = path.join(folder, `hidden ${interpreter.version}`);
        fs.mkdirSync(hidden);
        const inside = path.join(hidden, 'python');
        const enter = 'mount -t tmpfs none "$0" && cp "$1" "$0/python" && shift && exec "$0/python" "$@"';
        const wrapper = ['unshare', '-m', 'sh', '-c', enter, hidden];
        await using target = await start({ wrapper, environment: { PYTHONHOME: (plain.ready as unknown as Ready).prefix } });
        assert.ok(!fs.existsSync(inside));
        check(locate(target), target, interpreter);
        assert.equal(system.execution(target.pid)?.executable, inside);
      });
    });
  }

  it('takes the interpreter that runs, not a second library that is only loaded', async function () {
    const shared = interpreters.flatMap((interpreter) => {
      const library = path.join(
        path.dirname(interpreter.path),
        '..',
        'lib',
        `libpython${interpreter.major}.${interpreter.minor}${interpreter.abiFlags}.so.1.0`,
      );
      return fs.existsSync(library) ? [{ interpreter, library }] : [];
    });
    if (shared.length < 2) this.skip();
    for (const { interpreter } of shared) {
      const others = shared.filter((one) => one.interpreter !== interpreter).map((one) => one.library);
      await using target = await startTarget(interpreter, script, { arguments: others });
      check(locate(target), target, interpreter);
    }
  });

  it('tells an exec of the same program from going on', async () => {
    const again =
      'import os, sys; print(1, flush=True); input(); os.execv(sys.executable, [sys.executable, "-c", "print(2, flush=True); input()"])';
    const child = spawn(interpreters.at(-1)!.path, ['-c', again], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = readline.createInterface(child.stdout); // 3.15 writes a line and its end separately
    await once(lines, 'line');
    const before = system.execution(child.pid!)!;
    assert.ok(sameExecution(system.execution(child.pid!)!, before));
    child.stdin.write('\n');
    await once(lines, 'line');
    const after = system.execution(child.pid!)!;
    assert.equal(after.startTime, before.startTime);
    assert.equal(after.executable, before.executable);
    assert.ok(!sameExecution(after, before));
    child.kill('SIGKILL');
  });

  it('says that a thread of the kernel is not Python', function () {
    const kthreadd = 2; // in every process namespace that is the system's own
    if (readStat(kthreadd)?.isKernelThread !== true) this.skip();
    assert.deepEqual(
      failureOf(() => openTarget(system, kthreadd)),
      { code: 'not-python', pid: kthreadd, executable: 'kthreadd' },
    );
  });

  it('says what is not Python', async () => {
    const child = spawn('sleep', ['100']);
    await once(child, 'spawn');
    const pid = child.pid!;
    try {
      // Until exec is done the child is a copy of ourselves.
      while (path.basename(system.execution(pid)?.executable ?? '') !== path.basename(fs.realpathSync('/bin/sleep')))
        await new Promise(setImmediate);
      const memory = system.openMemory(pid);
      assert.deepEqual(
        failureOf(() => locateInterpreter(system, memory, pid)),
        { code: 'not-python', pid, executable: fs.realpathSync('/bin/sleep') },
      );
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    assert.deepEqual(
      failureOf(() => system.openMemory(pid)),
      { code: 'no-such-process', pid },
    );
    assert.deepEqual(
      failureOf(() => system.mappedFiles(pid)),
      { code: 'no-such-process', pid },
    );
    assert.equal(system.execution(pid), null);
    assert.equal(system.processFacts(pid), null);
    assert.equal(system.processCpu(pid), -1);
    assert.deepEqual(system.threadIds(pid), []);
    assert.equal(system.threadName(pid, pid), null);
  });

  it('says that a process is gone that ends while it is looked at', async () => {
    const target = await startTarget(interpreters.at(-1)!, script);
    const memory = system.openMemory(target.pid);
    await target.kill();
    assert.deepEqual(
      failureOf(() => locateInterpreter(system, memory, target.pid)),
      { code: 'no-such-process', pid: target.pid },
    );
    memory.close();
  });

  it('says whose process it may not read, and why', async function () {
    if (!isRoot) {
      // Pid 1 is root's everywhere.
      const failure = failureOf(() => system.openMemory(1));
      assert.deepEqual(failure, { code: 'permission-denied', pid: 1, owner: 'root', reason: 'other-user' });
      return;
    }
    const nobody = 65534;
    const child = spawn('sleep', ['100'], { uid: nobody, gid: nobody });
    await once(child, 'spawn');
    const pid = child.pid!;
    const expected = { code: 'permission-denied', pid, owner: 'nobody', reason: 'other-user' };
    process.seteuid!(1);
    try {
      assert.deepEqual(
        failureOf(() => system.openMemory(pid)),
        expected,
      );
      assert.deepEqual(
        failureOf(() => system.mappedFiles(pid)),
        expected,
      );
    } finally {
      process.seteuid!(0);
      child.kill('SIGKILL');
    }
    await once(child, 'exit');
  });
});

/** The dynamic linker that a program asks for (PT_INTERP). */
function dynamicLinker(program: string): string | null {
  const source = new FileSource(program);
  try {
    const elf = new ElfFile(source);
    const segment = elf.segments.find((candidate) => candidate.type === 3);
    return segment === undefined ? null : (elf.readAt(segment.address, segment.fileSize - 1)?.toString() ?? null);
  } finally {
    source.close();
  }
}

function failureOf(action: () => unknown): EngineFailure {
  try {
    action();
  } catch (error) {
    if (error instanceof TargetError) return error.failure;
    throw error;
  }
  throw new assert.AssertionError({ message: 'It did not fail' });
}
