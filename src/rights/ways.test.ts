import assert from 'node:assert/strict';
import { type Place, type Way, wayToRead } from './ways.ts';

const desktop: Place = { sudo: '/usr/bin/sudo', pkexec: '/usr/bin/pkexec', hasAgent: true, isContainer: false, ptraceScope: 1, isRemote: false };

describe('the way to read what we may not read', () => {
  const places: readonly [string, Partial<Place>, Way][] = [
    ['on a desktop', {}, 'pkexec'],
    ['over SSH, though someone is logged in at the screen', { isRemote: true }, 'terminal'],
    ['where nothing would show the dialog', { hasAgent: false }, 'terminal'],
    ['in a container that shares the screen', { isContainer: true }, 'terminal'],
    ['without pkexec', { pkexec: null }, 'terminal'],
    ['without sudo', { sudo: null }, 'pkexec'],
    ['without sudo where nothing would show the dialog', { sudo: null, hasAgent: false }, 'none'],
    ['where not even root may', { ptraceScope: 3 }, 'never'],
  ];
  for (const [where, difference, way] of places) {
    it(`is ${way} ${where}`, () => {
      for (const reason of ['other-user', 'ptrace-scope', 'not-dumpable', 'unknown'] as const) assert.equal(wayToRead(reason, { ...desktop, ...difference }), way);
    });
  }

  it('is no password where root would not help', () => {
    assert.equal(wayToRead('missing-capability', desktop), 'capability');
    assert.equal(wayToRead('hidden', desktop), 'none');
  });
});
