import assert from 'node:assert/strict';
import { type Place, type Way, wayToRead } from './ways.ts';

const desktop: Place = {
  sudo: '/usr/bin/sudo',
  pkexec: '/usr/bin/pkexec',
  hasAgent: true,
  isContainer: false,
  ptraceScope: 1,
  rootMayTrace: true,
  isRemote: false,
};

describe('the way to read what we may not read', () => {
  const places: readonly [string, Partial<Place>, Way][] = [
    ['on a desktop', {}, 'pkexec'],
    ['over SSH, though someone is logged in at the screen', { isRemote: true }, 'terminal'],
    ['where nothing would show the dialog', { hasAgent: false }, 'terminal'],
    ['in a container that shares the screen', { isContainer: true }, 'terminal'],
    ['without pkexec', { pkexec: null }, 'terminal'],
    ['without sudo', { sudo: null }, 'pkexec'],
    ['without sudo where nothing would show the dialog', { sudo: null, hasAgent: false }, 'none'],
    ['in a container whose root may not either', { isContainer: true, rootMayTrace: false }, 'capability'],
  ];
  for (const [where, difference, way] of places) {
    it(`is ${way} ${where}`, () => {
      for (const reason of ['other-user', 'ptrace-scope', 'ptrace-scope-root', 'not-dumpable', 'unknown'] as const)
        assert.equal(wayToRead({ reason, owner: 'root' }, { ...desktop, ...difference }), way);
    });
  }

  it('is no password where root would not help', () => {
    const reasons = ['missing-capability', 'hidden', 'ptrace-scope-nobody'] as const;
    assert.deepEqual(
      reasons.map((reason) => wayToRead({ reason, owner: null }, desktop)),
      ['capability', 'none', 'never'],
    );
  });

  it('is root’s password for root’s own processes, even where root has no right to others’', () => {
    const container = { ...desktop, isContainer: true, rootMayTrace: false, ptraceScope: 0 };
    assert.deepEqual(
      ['root', 'ann', null].map((owner) => wayToRead({ reason: 'other-user', owner }, container)),
      ['terminal', 'capability', 'capability'],
    );
  });
});
