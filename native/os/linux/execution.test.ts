import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { sameExecution } from '../system.ts';
import { LinuxSystem } from './linux.ts';

describe('execution of a process that is killed', () => {
  before(function () {
    if (process.platform !== 'linux' || spawnSync('perl', ['-e', '1']).status !== 0) this.skip();
  });

  it('is the same until there is none: dying is no exec', async () => {
    const system = new LinuxSystem();
    // One thread, and much memory, which takes time to give back: meanwhile it is neither alive nor ended.
    const child = spawn('perl', ['-e', '$| = 1; $memory = "x" x 100_000_000; print "ready"; sleep'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const alive = system.execution(child.pid!);
    assert.ok(alive);
    child.kill('SIGKILL');
    for (let now = system.execution(child.pid!); now !== null; now = system.execution(child.pid!)) assert.ok(sameExecution(now, alive));
  });
});
