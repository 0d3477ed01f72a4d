import assert from 'node:assert/strict';
import { readableDebuggee, type Reader } from './readableDebuggee.ts';

const reader: Reader = { ptraceScope: 1, pid: 41, executable: '/opt/node', cli: '/opt/heatline/dist/cli.js', environment: {} };
const launch = {
  name: 'App',
  type: 'debugpy',
  request: 'launch',
  program: 'app.py',
  console: 'integratedTerminal',
  python: '/venv/bin/python',
};
const allow = ['/opt/node', '/opt/heatline/dist/cli.js', 'allow', '41', '--'];

describe('readableDebuggee', () => {
  it('puts what allows us to read before the Python that a terminal runs', () => {
    assert.deepEqual(readableDebuggee(launch, reader), {
      ...launch,
      python: [...allow, '/venv/bin/python'],
      debugLauncherPython: '/venv/bin/python',
    });
  });

  it('keeps options, the launcher’s own Python and the environment', () => {
    const given = { ...launch, python: ['/bin/python', '-E'], debugLauncherPython: '/usr/bin/python3', env: { A: '1' } };
    const changed = readableDebuggee(given, { ...reader, environment: { ELECTRON_RUN_AS_NODE: '1' } });
    assert.deepEqual(changed, { ...given, python: [...allow, '/bin/python', '-E'], env: { A: '1', ELECTRON_RUN_AS_NODE: '1' } });
  });

  it('takes the older name of the interpreter', () => {
    const { python, ...rest } = launch;
    assert.deepEqual(readableDebuggee({ ...rest, pythonPath: python }, reader), {
      ...launch,
      python: [...allow, python],
      debugLauncherPython: python,
    });
  });

  it('leaves alone what needs it not, or what it would not help', () => {
    const { python, ...without } = launch;
    const others = [
      { ...launch, request: 'attach' },
      { ...launch, console: 'internalConsole' },
      { ...launch, sudo: true },
      without,
      { ...launch, python: '' },
      { ...launch, python: [] },
      { ...launch, python: [python, 3] },
      { ...launch, python: 3 },
      readableDebuggee(launch, reader)!,
    ];
    for (const configuration of others) assert.equal(readableDebuggee(configuration, reader), undefined, JSON.stringify(configuration));
    for (const ptraceScope of [0, 2, 3]) assert.equal(readableDebuggee(launch, { ...reader, ptraceScope }), undefined);
  });
});
