import assert from 'node:assert/strict';
import type { PythonProcess } from '../../native/index.ts';
import { debuggeeOfConfiguration, debuggeeOfSystemInfo, Debuggees, remoteHost } from './debuggees.ts';
import { withoutDebugger } from './debuggerFrames.ts';
import { findDebuggees, mayBeDebuggee } from './findDebuggees.ts';
import { launchChoices } from './launchConfigurations.ts';

const event = (body: unknown) => ({ type: 'event', seq: 3, event: 'process', body });

describe('Debuggees', () => {
  it('takes the process from the event of that name', () => {
    const debuggees = new Debuggees();
    const body = { systemProcessId: 41, name: '/w/app.py', isLocalProcess: true, startMethod: 'launch', pointerSize: 64 };
    assert.deepEqual(debuggees.take('a', event(body)), { pid: 41, name: '/w/app.py', isLaunched: true });
    assert.equal(debuggees.take('a', event(body)), undefined);
    assert.deepEqual(debuggees.take('b', event({ ...body, systemProcessId: 42, startMethod: 'attach' })), {
      pid: 42,
      name: '/w/app.py',
      isLaunched: false,
    });
    assert.equal(debuggees.of('a')?.pid, 41);
    debuggees.forget('a');
    assert.equal(debuggees.of('a'), undefined);
  });

  it('takes nothing from other messages, other machines and nonsense', () => {
    const debuggees = new Debuggees();
    const ids = [0, -1, 1.5, '41', null, 2 ** 31, NaN].map((systemProcessId) => event({ systemProcessId }));
    for (const message of [
      undefined,
      null,
      'process',
      7,
      [],
      {},
      { type: 'event', event: 'process' },
      { type: 'response', event: 'process', body: { systemProcessId: 41 } },
      event({ systemProcessId: 41, isLocalProcess: false }),
      ...ids,
    ]) {
      assert.equal(debuggees.take('a', message), undefined, JSON.stringify(message));
    }
  });
});

describe('a session that was there before', () => {
  it('tells its process by its configuration or on request', () => {
    assert.equal(debuggeeOfConfiguration({ subProcessId: 7, processId: 8 })?.pid, 7);
    assert.equal(debuggeeOfConfiguration({ processId: '8' })?.pid, 8);
    for (const nothing of [{ processId: '${command:pickProcess}' }, {}, null, { processId: '' }])
      assert.equal(debuggeeOfConfiguration(nothing), undefined);
    assert.equal(debuggeeOfSystemInfo({ debugpy: {}, process: { pid: 9 } })?.pid, 9);
    for (const nothing of [undefined, {}, { process: null }, { process: { pid: 'x' } }])
      assert.equal(debuggeeOfSystemInfo(nothing), undefined);
  });

  it('may run on another machine', () => {
    const hosts = [
      { connect: { host: 'db.example', port: 1 } },
      { host: '10.0.0.7' },
      { connect: { host: 'localhost' } },
      { host: '127.0.0.1' },
      { connect: { port: 1 } },
      {},
      { connect: { host: 3 } },
    ].map(remoteHost);
    assert.deepEqual(hosts, ['db.example', '10.0.0.7', undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('withoutDebugger', () => {
  const treatments = (files: readonly string[]) => files.map((file) => withoutDebugger({ name: 'f', file, firstLine: 1 }));

  it('hides what debugpy runs within a program, wherever it is installed', () => {
    const hidden = [
      '/home/ann/.vscode/extensions/ms-python.debugpy-2026.1/bundled/libs/debugpy/_vendored/pydevd/_pydevd_bundle/pydevd_runpy.py',
      '/usr/lib/python3/dist-packages/debugpy/server/cli.py',
      '/usr/lib/python3/dist-packages/debugpy/__main__.py',
      '/usr/lib/python3/dist-packages/pydevd.py',
      '/usr/lib/python3/dist-packages/_pydevd_bundle/pydevd_frame.py',
      '/usr/lib/python3/dist-packages/pydevd_tracing.py',
      '/x/_pydev_bundle/pydev_monkey.py',
      'C:\\debugpy\\_vendored\\pydevd\\_pydevd_sys_monitoring\\_pydevd_sys_monitoring.py',
      '_pydevd_frame_eval/pydevd_frame_evaluator.pyx',
    ];
    assert.deepEqual(
      treatments(hidden),
      hidden.map(() => 'hide'),
    );
  });

  it('leaves out its threads', () =>
    assert.deepEqual(treatments(['/usr/lib/python3/dist-packages/_pydevd_bundle/pydevd_daemon_thread.py']), ['leaveOut']));

  it('shows everything else, the debugger’s other programs too', () => {
    const shown = [
      '/w/app.py',
      '/w/debugpy.py',
      '/w/pydev/app.py',
      '/w/my_pydevd/app.py',
      '/x/debugpy/adapter/clients.py',
      '/usr/lib/python3.11/threading.py',
      '<string>',
      '',
    ];
    assert.deepEqual(
      treatments(shown),
      shown.map(() => 'show'),
    );
  });
});

describe('findDebuggees', () => {
  const process = (pid: number, parentPid: number, commandLine: readonly string[], given: Partial<PythonProcess> = {}): PythonProcess => ({
    pid,
    parentPid,
    name: 'app.py',
    script: null,
    commandLine,
    executable: '/usr/bin/python3',
    workingDirectory: '/w',
    version: '3.11.2',
    user: 'ann',
    isOwn: true,
    cpuPercent: 0,
    startedAt: pid,
    ...given,
  });
  const lib = '/usr/lib/python3/dist-packages';
  const adapter = process(10, 1000, ['/usr/bin/python3', '-m', 'debugpy.adapter']);
  const launcher = process(11, 10, ['/usr/bin/python3', `${lib}/debugpy/launcher`, '4711', '--', 'app.py']);
  const program = process(12, 11, ['/usr/bin/python3', `${lib}/debugpy/launcher/../../debugpy`, '--connect', '127.0.0.1:4711', 'app.py']);
  const child = process(13, 12, [
    '/usr/bin/python3',
    '-c',
    "import sys; sys.path.insert(0, r'/x'); import pydevd; pydevd.settrace(host='127.0.0.1')",
  ]);
  const others = [
    process(20, 1, ['python3', 'app.py']),
    process(22, 1, ['python3', '/w/debugpy_notes.py']),
    process(23, 1, ['python3', '-m', 'debugpy', '--listen', '5678', 'x.py'], { isOwn: false }),
  ];
  const listening = process(21, 1, ['python3', '-m', 'debugpy', '--listen', '5678', 'x.py']);

  it('finds programs and their children, not the debugger’s own, those below us first', () => {
    const found = findDebuggees([listening, program, ...others, adapter, child, launcher], { hostPid: 1000 });
    assert.deepEqual(
      found.map(({ pid }) => pid),
      [13, 12, 21],
    );
  });

  it('ends where processes seem to be their own ancestors', () => {
    assert.equal(findDebuggees([{ ...program, parentPid: 13 }, child], { hostPid: 1000 }).length, 2);
  });

  it('knows a process that can’t be the one that is debugged', () => {
    assert.equal(mayBeDebuggee(undefined, '/srv/app.py'), false);
    assert.equal(mayBeDebuggee(others[0], '/srv/app.py'), true);
    assert.equal(mayBeDebuggee(others[0], '/srv/shop.py'), false);
    assert.equal(mayBeDebuggee(others[0], ''), true);
    assert.equal(mayBeDebuggee(others[0], '-c'), true);
    assert.equal(mayBeDebuggee(program, '/srv/shop.py'), true);
  });
});

describe('launchChoices', () => {
  it('sorts configurations into what can be profiled and what can’t', () => {
    const launch = {
      configurations: [
        { name: 'App', type: 'debugpy', request: 'launch', program: '${file}', args: ['--x', 3, 'y'] },
        { name: 'Flask', type: 'python', request: 'launch', module: 'flask', args: '--debug' },
        { name: 'Attach', type: 'debugpy', request: 'attach', connect: { host: 'localhost', port: 5678 } },
        { name: 'Pid', type: 'debugpy', request: 'attach', processId: '${command:pickProcess}' },
        { name: 'Node', type: 'node', request: 'launch' },
        { name: 'Hidden', type: 'debugpy', presentation: { hidden: true } },
        { type: 'debugpy' },
        null,
        'x',
      ],
      compounds: [{ name: 'All', configurations: ['App', 'Node'] }, {}],
    };
    assert.deepEqual(launchChoices(launch, 'w'), {
      choices: [
        { name: 'App', folder: 'w', detail: '${file} --x y' },
        { name: 'Flask', folder: 'w', detail: '-m flask --debug' },
        { name: 'Attach', folder: 'w', detail: '→ localhost:5678' },
        { name: 'Pid', folder: 'w', detail: '→ ${command:pickProcess}' },
      ],
      leftOut: [
        { name: 'Node', folder: 'w', reason: 'notPython', type: 'node' },
        ...[1, 2, 3].map(() => ({ name: '?', folder: 'w', reason: 'broken', type: '' })),
        { name: 'All', folder: 'w', reason: 'compound', type: '' },
      ],
    });
  });

  it('finds nothing in nonsense', () => {
    for (const launch of [undefined, null, [], 'x', { configurations: 'x', compounds: 3 }])
      assert.deepEqual(launchChoices(launch, undefined), { choices: [], leftOut: [] });
  });
});
