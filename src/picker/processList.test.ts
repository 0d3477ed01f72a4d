import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PythonProcess } from '../../native/index.ts';
import { commandLineText, groupProcesses, type ListedProcess, scriptPath, typedPid } from './processList.ts';

const process = (pid: number, given: Partial<PythonProcess> = {}): PythonProcess => ({
  pid,
  parentPid: 999,
  name: 'app.py',
  script: '/srv/app.py',
  commandLine: ['python', '/srv/app.py'],
  executable: '/usr/bin/python3',
  workingDirectory: '/srv',
  version: '3.12.1',
  user: 'ann',
  isOwn: true,
  cpuPercent: 0,
  startedAt: 0,
  ...given,
});
const pids = (processes: readonly ListedProcess[]): number[] => processes.map(({ process: { pid } }) => pid);

describe('groupProcesses', () => {
  it('puts those of the workspace first, by where they work, their script or their interpreter', () => {
    const groups = groupProcesses(
      [
        process(1),
        process(2, { workingDirectory: '/home/ann/shop' }),
        process(3, { script: '/home/ann/shop/tools/x.py' }),
        process(4, { executable: '/home/ann/shop/.venv/bin/python' }),
        process(5, { workingDirectory: '/home/ann/shop-other', script: null }),
        process(6, { workingDirectory: null, script: null }),
      ],
      ['/home/ann/shop'],
    );
    assert.deepEqual(pids(groups.workspace), [4, 3, 2]);
    assert.deepEqual(pids(groups.others), [6, 5, 1]);
  });

  it('puts own before others’, programs before tools, busy before idle, young before old', () => {
    const { others } = groupProcesses(
      [
        process(1, { isOwn: false, cpuPercent: 90 }),
        process(2, { commandLine: ['python', '-m', 'debugpy.adapter'], cpuPercent: 80 }),
        process(3, { cpuPercent: 1.2, startedAt: 5 }),
        process(4, { cpuPercent: 0.9, startedAt: 9 }),
        process(5, { cpuPercent: 50 }),
      ],
      [],
    );
    assert.deepEqual(pids(others), [5, 4, 3, 2, 1]);
  });

  it('puts processes below the one that started them, a tree as high as its busiest and in the workspace as a whole', () => {
    const { workspace, others } = groupProcesses(
      [
        process(10, { cpuPercent: 3 }),
        process(20),
        process(21, { parentPid: 20, cpuPercent: 4 }),
        process(22, { parentPid: 20, cpuPercent: 9 }),
        process(23, { parentPid: 21 }),
        process(30, { commandLine: ['python', '-m', 'debugpy.adapter'] }),
        process(31, { parentPid: 30, cpuPercent: 1 }),
        process(40),
        process(41, { parentPid: 40, workingDirectory: '/home/ann/shop' }),
      ],
      ['/home/ann/shop'],
    );
    const drawn = (list: readonly ListedProcess[]): string[] =>
      list.map((one) => `${' '.repeat(one.depth)}${one.process.pid} ${one.descendants}`);
    assert.deepEqual(drawn(others), ['20 3', ' 22 0', ' 21 1', '  23 0', '10 0', '31 0', '30 0']);
    assert.deepEqual(drawn(workspace), ['40 1', ' 41 0']);
  });

  it('lists each process once, whatever their parents seem to be', () => {
    const processes = fc.array(fc.record({ pid: fc.integer({ min: 1, max: 9 }), parentPid: fc.nat(9), startedAt: fc.nat(2) }), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(processes, (given) => {
        const list = [...new Map(given.map((one) => [one.pid, process(one.pid, one)])).values()];
        const { others } = groupProcesses(list, []);
        assert.deepEqual(pids(others).sort(), list.map(({ pid }) => pid).sort());
      }),
    );
  });
});

describe('scriptPath', () => {
  it('makes a script absolute where that can be done', () => {
    const paths = [
      process(1),
      process(1, { script: 'tools/x.py' }),
      process(1, { script: 'x.py', workingDirectory: null }),
      process(1, { script: '-m http.server' }),
      process(1, { script: null }),
    ].map(scriptPath);
    assert.deepEqual(paths, ['/srv/app.py', '/srv/tools/x.py', null, null, null]);
  });
});

describe('commandLineText', () => {
  it('quotes what would be misread and keeps to one line', () => {
    assert.equal(commandLineText(['python', '-c', 'print(1)\nx', '', 'a"b']), 'python -c "print(1) x" "" "a\\"b"');
  });
  it('cuts what is long', () => assert.equal(commandLineText(['x'.repeat(10_000)]).length, 301));
});

describe('typedPid', () => {
  it('takes whole positive numbers only', () => {
    assert.deepEqual(['123', ' 7 ', '0', '-1', '1.5', '12a', '', '99999999999'].map(typedPid), [
      123,
      7,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
