import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DumpSnapshot, FrameRecord, ThreadDump } from '../native/index.ts';
import { parseArguments, UsageError } from './commandLine.ts';
import { dumpJson } from './dumpJson.ts';
import { dumpText } from './dumpText.ts';
import { SourceLines } from '../native/index.ts';

const frame: FrameRecord = { function: 'f', file: 'app.py', line: 2, expression: null, locals: null };
const thread: ThreadDump = {
  osThreadId: 7,
  pythonThreadId: '99',
  interpreterId: 0,
  name: 'MainThread',
  state: 'running',
  holdsGil: true,
  collects: false,
  frames: [frame],
  problem: null,
  wait: null,
  native: null,
};
const snapshot: DumpSnapshot = {
  pid: 7,
  parentPid: 1,
  commandLine: ['python', 'app.py'],
  executable: '/usr/bin/python3',
  workingDirectory: null,
  pythonVersion: '3.12.1',
  moment: { isInstant: true, how: 'waiting', pause: 0, why: null },
  core: null,
  threads: [thread],
  problems: [],
};

const nameOf = (file: string): string => path.basename(file);

describe('dumpText', () => {
  it('says which threads wait for each other for good', () => {
    const waiting = (osThreadId: number, name: string, owner: number): ThreadDump => ({
      ...thread,
      osThreadId,
      name,
      state: 'waiting',
      wait: { what: 'RLock 0x10', owner, why: null },
    });
    const threads = [waiting(8, 'a', 1), waiting(9, 'b', 0), waiting(10, 'c', 0), thread];
    const text = dumpText({ ...snapshot, threads }, new SourceLines(), nameOf, 'none');
    assert.ok(text.includes('\nDeadlock, none of these will go on: thread 8 (a) waits for thread 9 (b) waits for thread 8 (a).\n'), text);
    const json = JSON.parse(dumpJson([{ ...snapshot, threads }], nameOf, 'none')) as { thread_name: string; deadlocked: boolean }[];
    assert.deepEqual(
      json.map((one) => [one.thread_name, one.deadlocked]),
      [
        ['MainThread', false],
        ['c', false],
        ['b', true],
        ['a', true],
      ],
    );
  });

  it('shows threads, what they wait for, variables and what could not be read', () => {
    const local = { name: 'a', address: '0x1', isArgument: true, kind: 'local', text: "'x\u001b'" } as const;
    const waiting: ThreadDump = {
      ...thread,
      osThreadId: 8,
      name: null,
      state: 'waiting',
      holdsGil: false,
      frames: [{ ...frame, locals: [local] }],
      problem: 'outer frames could not be read',
      wait: { what: 'RLock 0x10', owner: 1, why: null },
    };
    const text = dumpText({ ...snapshot, threads: [waiting, thread], problems: ['thread 8: x'] }, new SourceLines(), nameOf, 'none');
    assert.equal(
      text,
      [
        'Process 7: python app.py',
        'Python v3.12.1 (/usr/bin/python3)',
        'Read at one instant: no thread ran.',
        'Not read whole: thread 8: x.',
        '',
        'Thread 7 (active+gil): "MainThread"  ident 99',
        '    f (app.py:2)',
        'Thread 8 (idle): (unnamed)  ident 99',
        '    waits for RLock 0x10 of thread 7 (MainThread)',
        '    f (app.py:2)',
        '        Arguments:',
        "            a: 'x�'",
        '    … outer frames could not be read',
        '',
      ].join('\n'),
    );
  });

  it('says of a core dump which signal came, and to which thread', () => {
    const lineOf = (threadId: number): string | undefined => {
      const signal = { number: 11, code: 1, address: '0x0', sender: null, threadId };
      return dumpText({ ...snapshot, core: { file: 'core', signal, unchecked: [] } }, new SourceLines(), nameOf, 'none').split('\n')[2];
    };
    assert.equal(lineOf(7), 'Core dump core: thread 7 (MainThread) got SIGSEGV: nothing is mapped at 0x0.');
    assert.equal(lineOf(9), 'Core dump core: thread 9, which ran no Python, got SIGSEGV: nothing is mapped at 0x0.');
    const alive = dumpText(
      { ...snapshot, core: { file: 'core', signal: null, unchecked: ['/a', '/b'] } },
      new SourceLines(),
      nameOf,
      'none',
    );
    assert.deepEqual(alive.split('\n').slice(2, 4), [
      'Core dump core, written while the program lived.',
      'Nothing in the dump tells whether /a and 1 more are still the files that ran.',
    ]);
  });

  it('shows native frames between Python’s, told apart, and the interpreter’s own only if asked', () => {
    const c = {
      ...{ function: 'list_sort', library: '/usr/lib/libpython3.so', source: null, line: 0, address: '0x10' },
      ...{ isInlined: false, isGuessed: false, isInterpreters: false },
    };
    const merge = { ...c, function: 'merge_lo', source: '/src/listobject.c', line: 1900, isInlined: true };
    const own = { ...c, function: 'PyObject_Call', isInterpreters: true };
    const native = {
      frames: [{ ...c, function: 'kernel', library: null, isGuessed: true }, 0, own, merge, c],
      isMerged: true,
      problem: 'it ends',
    };
    const shown = (which: 'program' | 'all'): string[] =>
      dumpText({ ...snapshot, threads: [{ ...thread, native }] }, new SourceLines(), nameOf, which)
        .split('\n')
        .slice(5, -1);
    assert.deepEqual(shown('program'), [
      '    · kernel (no file)  guessed',
      '    f (app.py:2)',
      '    · merge_lo (listobject.c:1900, libpython3.so)  inlined',
      '    · list_sort (libpython3.so)',
      '    … it ends',
    ]);
    assert.equal(shown('all')[2], '    · PyObject_Call (libpython3.so)');
  });

  it('underlines the expression, by characters and not by bytes, and nothing where it is the whole line', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-dump-'));
    try {
      fs.writeFileSync(path.join(folder, 'app.py'), "x = 1\n    é = call('ü', two)\n");
      const shown = (start: number, end: number): string[] => {
        const one = { ...frame, expression: { line: 2, endLine: 2, start, end } };
        const text = dumpText(
          { ...snapshot, workingDirectory: folder, threads: [{ ...thread, frames: [one] }] },
          new SourceLines(),
          nameOf,
          'none',
        );
        return text.split('\n').slice(6, -1);
      };
      // "é" and "ü" have two bytes each.
      assert.deepEqual(shown(9, 24), ["        é = call('ü', two)", `${' '.repeat(12)}${'^'.repeat(14)}`]);
      assert.deepEqual(shown(4, 24), ["        é = call('ü', two)"]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe('the command line of dump', () => {
  const parseDump = (args: readonly string[]): unknown => parseArguments(['dump', ...args]).command;

  it('takes py-spy’s options', () => {
    const command = {
      pid: 5,
      locals: 'none',
      json: false,
      subprocesses: false,
      native: 'none',
      tasks: false,
      fullFileNames: false,
      neverStop: false,
    };
    assert.deepEqual(parseDump(['-p', '5']), command);
    assert.deepEqual(parseDump(['--pid', '5', '-l', '-j', '-s']), { ...command, locals: 'short', json: true, subprocesses: true });
    assert.deepEqual(parseDump(['-p', '5', '-ll', '--nonblocking', '--full-filenames']), {
      ...command,
      locals: 'long',
      neverStop: true,
      fullFileNames: true,
    });
    assert.deepEqual(parseDump(['-p', '5', '-n']), { ...command, native: 'program' });
    assert.deepEqual(parseDump(['-p', '5', '-nn']), { ...command, native: 'all' });
    for (const wrong of [['-p', '5', '--json', '--tasks'], [], ['-p', 'x'], ['-p', '5', '--lokals'], ['-p', '5', 'more']])
      assert.throws(() => parseDump(wrong), UsageError);
  });

  it('takes a core dump instead of a process', () => {
    const command = { core: 'core.5', search: [], locals: 'none', json: false, tasks: false, fullFileNames: false };
    assert.deepEqual(parseDump(['--core', 'core.5']), command);
    assert.deepEqual(parseDump(['-c', 'core.5', '--search', 'a', '--search', 'b', '-l', '--tasks', '--nonblocking']), {
      ...command,
      search: ['a', 'b'],
      locals: 'short',
      tasks: true,
    });
    for (const wrong of [
      ['-c', 'core', '-p', '5'],
      ['-c', 'core', '-s'],
      ['-c', 'core', '-n'],
      ['-p', '5', '--search', 'a'],
      ['--search', 'a'],
    ])
      assert.throws(() => parseDump(wrong), UsageError);
  });
});
