import assert from 'node:assert/strict';
import type { PythonProcess } from '../../native/index.ts';
import { findKernels, isKernel } from './kernelProcesses.ts';

const LAUNCHER = ['python', '-m', 'ipykernel_launcher', '-f', '/run/kernel-1.json'];
const processOf = (pid: number, given: Partial<PythonProcess> = {}): PythonProcess => ({
  pid,
  parentPid: 1,
  name: 'ipykernel_launcher',
  script: '-m ipykernel_launcher',
  commandLine: LAUNCHER,
  executable: '/usr/bin/python3',
  workingDirectory: '/elsewhere',
  version: '3.12.1',
  user: 'ann',
  isOwn: true,
  cpuPercent: 0,
  startedAt: pid,
  ...given,
});
const find = (...processes: readonly PythonProcess[]) => {
  const { kernels, isSure } = findKernels(processes, { hostPid: 10, folders: ['/w/notes', '/w'] });
  return [kernels.map(({ pid }) => pid).join(' '), isSure];
};

describe('kernels', () => {
  it('are told by their command lines', () => {
    for (const commandLine of [
      LAUNCHER,
      [
        '/w/.venv/bin/python',
        '-Xfrozen_modules=off',
        '-m',
        'ipykernel_launcher',
        '--f=/home/ann/.local/share/jupyter/runtime/kernel-v34f.json',
      ],
      ['python', '/lib/python3/site-packages/ipykernel_launcher.py', '-f', 'kernel.json'],
      ['python', '-m', 'ipykernel', '-f=/run/k.json'],
      ['/opt/bin/xpython', '-f', '/run/kernel-1.json'],
      ['python3', '/lib/ipykernel/__main__.py', '--debug', '-f', 'k.json'],
    ])
      assert.ok(isKernel({ commandLine, isOwn: true }), commandLine.join(' '));
    for (const commandLine of [
      ['python', 'app.py', '-f', 'data.json'],
      ['python', '-m', 'ipykernel', 'install'],
      ['python', '-m', 'jupyterlab'],
      ['python'],
      [],
    ])
      assert.ok(!isKernel({ commandLine, isOwn: true }), commandLine.join(' '));
    assert.ok(!isKernel({ commandLine: LAUNCHER, isOwn: false }));
  });

  it('that VS Code started come first, then those in the notebook’s folder, then young ones', () => {
    const ours = processOf(20, { parentPid: 10 });
    const below = processOf(22, { parentPid: 21, workingDirectory: '/w/notes' });
    const driver = processOf(21, { parentPid: 10, commandLine: ['python', 'driver.py'] });
    const here = processOf(30, { workingDirectory: '/w/notes' });
    const near = processOf(31, { workingDirectory: '/w/other' });
    assert.deepEqual(find(processOf(40), near, here, driver, below, ours, processOf(41)), ['22 20 30 31 41 40', true]);
  });

  it('leave no choice only where one alone fits best', () => {
    assert.deepEqual(find(), ['', false]);
    assert.deepEqual(find(processOf(40)), ['40', false]);
    assert.deepEqual(find(processOf(20, { parentPid: 10 }), processOf(40)), ['20 40', true]);
    assert.deepEqual(find(processOf(20, { parentPid: 10 }), processOf(23, { parentPid: 10 })), ['23 20', false]);
    assert.deepEqual(find(processOf(20, { parentPid: 10, workingDirectory: '/w/notes' }), processOf(23, { parentPid: 10 })), [
      '20 23',
      true,
    ]);
  });

  it('are found even if processes claim to be each other’s parents', () => {
    assert.deepEqual(find(processOf(50, { parentPid: 51 }), processOf(51, { parentPid: 50 })), ['51 50', false]);
  });
});
