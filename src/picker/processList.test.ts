import assert from 'node:assert/strict';
import type { PythonProcess } from '../../native/index.ts';
import { commandLineText, groupProcesses, scriptPath, typedPid } from './processList.ts';

const process = (pid: number, given: Partial<PythonProcess> = {}): PythonProcess => ({
  pid, parentPid: 1, name: 'app.py', script: '/srv/app.py', commandLine: ['python', '/srv/app.py'], executable: '/usr/bin/python3',
  workingDirectory: '/srv', version: '3.12.1', user: 'ann', isOwn: true, cpuPercent: 0, startedAt: 0, ...given,
});
const pids = (processes: readonly PythonProcess[]): number[] => processes.map(({ pid }) => pid);

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
});

describe('scriptPath', () => {
  it('makes a script absolute where that can be done', () => {
    const paths = [process(1), process(1, { script: 'tools/x.py' }), process(1, { script: 'x.py', workingDirectory: null }), process(1, { script: '-m http.server' }), process(1, { script: null })].map(scriptPath);
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
    assert.deepEqual(['123', ' 7 ', '0', '-1', '1.5', '12a', '', '99999999999'].map(typedPid), [123, 7, undefined, undefined, undefined, undefined, undefined, undefined]);
  });
});
