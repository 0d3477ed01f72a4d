import assert from 'node:assert/strict';
import { useColor } from './color.ts';
import { type ListedProcess, listRecord, listText } from './listText.ts';

const process: ListedProcess = {
  pid: 42,
  parentPid: 1,
  name: 'app.py',
  script: 'app.py',
  commandLine: ['python', 'app.py', '\u001b[31m'],
  executable: '/usr/bin/python3.12',
  workingDirectory: '/work',
  version: '3.12.1',
  user: 'me',
  isOwn: true,
  cpuPercent: 99.96,
  startedAt: 0,
  obstacle: null,
};

describe('the list of processes', () => {
  it('is a table, in which command lines do nothing to the terminal', () => {
    const other: ListedProcess = {
      ...process,
      pid: 1234,
      version: null,
      user: null,
      cpuPercent: 0,
      commandLine: [],
      obstacle: 'ptrace-scope',
    };
    assert.equal(
      listText([process, other]),
      [
        ' PID  PYTHON  USER    CPU  READABLE               COMMAND',
        '  42  3.12.1  me    100 %  yes                    python app.py �[31m',
        '1234  ?       ?       0 %  no: ptrace_scope is 1  app.py',
        '',
      ].join('\n'),
    );
    assert.match(listText([]), /^PID .*\nThere are none that you can see\.\n$/);
  });

  it('has colours when it is told to', () => {
    useColor('always');
    try {
      assert.match(listText([process]), /^\u001b\[1mPID .*\u001b\[22m\n 42 /);
    } finally {
      useColor('auto');
    }
  });

  it('says for programs what it says for people, and more', () => {
    const { pid, readable, obstacle, startedAt, cpuPercent } = listRecord({ ...process, obstacle: 'other-user' });
    assert.deepEqual([pid, readable, obstacle, startedAt, cpuPercent], [42, false, 'other-user', '1970-01-01T00:00:00.000Z', 100]);
  });
});
