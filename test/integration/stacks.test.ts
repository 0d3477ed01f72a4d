import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Interpreter, since, title } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';
import { checkStops } from './stops.ts';

const targets = path.join(import.meta.dirname, 'targets');
const supported = since(3, 11);

describe('Stacks of programs that stand still', () => {
  for (const interpreter of supported) {
    describe(title(interpreter), () => {
      const cases: readonly (readonly [title: string, script: string, atLeast: number])[] = [
        ['calls, classes, exceptions, deep recursion, code that comes and goes', 'calls.py', 130],
        ['functions called from C', 'callbacks.py', 80],
        ['generators', 'generators.py', 80],
        ['coroutines and asynchronous generators', 'coroutines.py', 30],
        ['several threads', 'manythreads.py', 5],
        ['a thread in another interpreter', 'subinterpreters.py', 4],
        ['names and files in any script', 'names.py', 8],
      ];
      for (const [name, script, atLeast] of cases) {
        it(name, async () => {
          await using target = await startTarget(interpreter, path.join(targets, script));
          assert((await checkStops(target)) >= atLeast, 'too few stops');
        }).timeout(60_000);
      }

      it('greenlets', async function () {
        if (interpreter.greenlet === null) this.skip();
        await using target = await startTarget(interpreter, path.join(targets, 'greenlets.py'));
        assert((await checkStops(target)) >= 13, 'too few stops');
      }).timeout(60_000);

      it('an executable that was renamed', async () => {
        using copy = copyExecutable(interpreter);
        await using target = await startCalls({ ...interpreter, path: copy.path }, { environment: copy.environment });
        assert((await checkStops(target)) >= 4, 'too few stops');
      }).timeout(60_000);

      it('an executable that was deleted', async () => {
        using copy = copyExecutable(interpreter);
        await using target = await startCalls({ ...interpreter, path: copy.path }, { environment: copy.environment });
        fs.unlinkSync(copy.path);
        assert((await checkStops(target)) >= 4, 'too few stops');
      }).timeout(60_000);

      it('a program started through the dynamic linker', async function () {
        const linker = dynamicLinkerOf(interpreter.path);
        if (linker === null) this.skip();
        await using target = await startCalls(interpreter, { wrapper: [linker] });
        assert((await checkStops(target)) >= 4, 'too few stops');
      }).timeout(60_000);
    });
  }
});

function startCalls(
  interpreter: Interpreter,
  options: { environment?: Record<string, string>; wrapper?: readonly string[] },
): Promise<Target> {
  return startTarget(interpreter, path.join(targets, 'calls.py'), { ...options, arguments: ['construction', 'recursion'] });
}

/** A copy of an interpreter's executable with another name, and what it needs to find its library. */
function copyExecutable(interpreter: Interpreter): { path: string; environment: Record<string, string> } & Disposable {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-executable-'));
  const copy = path.join(folder, 'a server');
  fs.copyFileSync(interpreter.path, copy);
  const ask = 'import sys, sysconfig; print(sys.base_prefix); print(sysconfig.get_config_var("LIBDIR"))';
  const [home, libraries] = execFileSync(interpreter.path, ['-c', ask], { encoding: 'utf8' }).trim().split('\n') as [string, string];
  return {
    path: copy,
    environment: { PYTHONHOME: home, LD_LIBRARY_PATH: libraries },
    [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** The program that PT_INTERP of a 64-bit ELF file names (elf(5)); null for a static one. */
function dynamicLinkerOf(file: string): string | null {
  const bytes = fs.readFileSync(file);
  const [headers, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  for (let at = headers; at < headers + size * count; at += size) {
    if (bytes.readUInt32LE(at) !== 3) continue;
    const start = Number(bytes.readBigUInt64LE(at + 8));
    return bytes.toString('utf8', start, bytes.indexOf(0, start));
  }
  return null;
}
