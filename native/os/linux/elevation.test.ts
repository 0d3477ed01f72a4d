import assert from 'node:assert/strict';
import type { ElevationObstacle } from '../../engine.ts';
import { askingEnvironment, endOf, inEnvironment } from './elevation.ts';

describe('elevation', () => {
  it('knows what exits of pkexec and sudo mean', () => {
    const ends: readonly [number | null, string | null, string, ElevationObstacle][] = [
      [126, null, '', 'dismissed'],
      [127, null, 'Error executing command as another user: Not authorized', 'refused'],
      [127, null, 'Error executing command as another user: No authentication agent found.', 'unavailable'],
      [127, null, 'Error getting authority: Error initializing authority: Could not connect: No such file or directory', 'unavailable'],
      [1, null, 'sudo: 3 incorrect password attempts', 'refused'],
      [null, 'SIGINT', '', 'dismissed'],
      [2, null, 'heatline helper: no', 'broken'],
      [null, 'SIGKILL', '', 'broken'],
    ];
    for (const [code, signal, says, reason] of ends) assert.equal(endOf(code, signal, says)[0], reason, `${code} ${signal} ${says}`);
  });

  it('gives a program the environment it is told, and those that ask only what they need', () => {
    assert.deepEqual(inEnvironment({ A: 'b c' }, ['/bin/true', '-x']), ['/usr/bin/env', '-i', 'A=b c', '/bin/true', '-x']);
    const asking = askingEnvironment({ LANG: 'de_DE.UTF-8', LD_PRELOAD: '/tmp/x.so', PATH: '/tmp' });
    assert.deepEqual(asking, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'de_DE.UTF-8' });
  });
});
