import assert from 'node:assert/strict';
import '../testing/fakeVscode.ts';
import type { AccessObstacle, ElevationObstacle, EngineFailure } from '../../native/index.ts';

describe('failureMessage', () => {
  let failureMessage: typeof import('./failureMessage.ts').failureMessage;
  before(async () => ({ failureMessage } = await import('./failureMessage.ts')));

  const obstacles: AccessObstacle[] = [
    'other-user',
    'ptrace-scope',
    'ptrace-scope-root',
    'ptrace-scope-nobody',
    'not-dumpable',
    'missing-capability',
    'hidden',
    'even-root',
    'unknown',
  ];
  const elevationObstacles: ElevationObstacle[] = ['dismissed', 'refused', 'unavailable', 'no-answer', 'unsafe', 'broken'];
  const failures: EngineFailure[] = [
    { code: 'unsupported-system', system: 'aix ppc64' },
    { code: 'no-such-process', pid: 7 },
    ...obstacles.map((reason) => ({ code: 'permission-denied' as const, pid: 7, owner: 'ann', reason })),
    ...elevationObstacles.map((reason) => ({ code: 'not-elevated' as const, pid: 7, detail: 'exit code 127', reason })),
    { code: 'not-python', pid: 7, executable: '/usr/bin/perl' },
    { code: 'not-python', pid: 7, executable: '/usr/bin/perl', below: [8, 9] },
    { code: 'unsupported-version', pid: 7, version: '2.7.18', detail: 'only 3.11 and later' },
    ...(['tasks', 'greenlets'] as const).flatMap((what) =>
      (['version', 'free-threaded', 'layout'] as const).map((reason) => ({
        code: 'not-visible' as const,
        pid: 7,
        version: '3.7.1',
        what,
        reason,
      })),
    ),
    { code: 'not-ready', pid: 7 },
    { code: 'not-ready', pid: 7, below: [8, 9] },
    { code: 'ended-early', pid: 7, executable: '/usr/bin/python3' },
    { code: 'unreadable', pid: 7, detail: 'no threads' },
    { code: 'internal', detail: 'boom' },
  ];

  it('says something of its own for each failure, with all its facts', () => {
    const texts = failures.map((failure) => failureMessage(failure, 'app.py').text);
    assert.equal(new Set(texts).size, failures.length);
    for (const text of texts) assert.doesNotMatch(text, /\{\d\}|undefined|null/);
    assert.match(texts.join('\n'), /aix ppc64[^]*\/usr\/bin\/perl[^]*2\.7\.18[^]*only 3\.11 and later[^]*no threads[^]*boom/);
  });

  it('names whom a process belongs to, if that is known', () => {
    assert.match(
      failureMessage({ code: 'permission-denied', pid: 7, owner: 'ann', reason: 'other-user' }, 'app.py').text,
      /belongs to ann,/,
    );
    assert.match(
      failureMessage({ code: 'permission-denied', pid: 7, owner: null, reason: 'other-user' }, 'app.py').text,
      /belongs to another user,/,
    );
  });

  it('offers the command that removes the obstacle, where there is one', () => {
    for (const failure of failures) {
      const { action, command } = failureMessage(failure, 'app.py');
      assert.equal(action === 'copyCommand', command !== undefined);
    }
    assert.equal(
      failureMessage({ code: 'permission-denied', pid: 7, owner: 'ann', reason: 'ptrace-scope' }, 'app.py').command,
      'sudo sysctl kernel.yama.ptrace_scope=0',
    );
  });
});
