import assert from 'node:assert/strict';
import type { AccessObstacle, EngineFailure } from '../native/index.ts';
import { failureText } from './failureText.ts';

const obstacles: readonly AccessObstacle[] = [
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

describe('failureText', () => {
  const failures: readonly EngineFailure[] = [
    { code: 'unsupported-system', system: 'plan9 mips' },
    { code: 'no-such-process', pid: 4711 },
    ...obstacles.map((reason) => ({ code: 'permission-denied', pid: 4711, owner: 'eve', reason }) as const),
    { code: 'permission-denied', pid: 4711, owner: null, reason: 'other-user' },
    { code: 'not-python', pid: 4711, executable: '/bin/cat' },
    { code: 'not-python', pid: 4711, executable: '/bin/sh', below: [4712] },
    { code: 'not-python', pid: 4711, executable: '/bin/sh', below: [4712, 4800] },
    { code: 'unsupported-version', pid: 4711, version: '3.2.1', detail: 'it is too old' },
    ...(['version', 'free-threaded', 'layout'] as const).map(
      (reason) => ({ code: 'not-visible', pid: 4711, version: '3.7.1', what: 'greenlets', reason }) as const,
    ),
    { code: 'not-ready', pid: 4711 },
    { code: 'not-ready', pid: 4711, below: [4712, 4800] },
    { code: 'ended-early', pid: 4711, executable: '/usr/bin/python3' },
    { code: 'unreadable', pid: 4711, detail: 'the list of threads' },
    { code: 'internal', detail: 'out of memory' },
  ];

  it('says in whole sentences what happened to which process', () => {
    for (const failure of failures) {
      const text = failureText(failure);
      assert.match(text, /^[A-Z]/);
      assert(!text.includes('undefined') && !text.includes('null'), text);
      for (const [key, value] of Object.entries(failure))
        if (key !== 'code' && key !== 'reason' && key !== 'owner')
          assert(text.includes(Array.isArray(value) ? value.join(', ') : String(value)), text);
    }
    assert.equal(new Set(failures.map(failureText)).size, failures.length);
  });

  it('says what to do now when access was denied', () => {
    for (const reason of obstacles)
      assert.match(failureText({ code: 'permission-denied', pid: 1, owner: 'eve', reason }), /sudo|--cap-add|next start|system’s log/);
    assert.match(failureText({ code: 'permission-denied', pid: 1, owner: 'eve', reason: 'other-user' }), /eve/);
  });
});
