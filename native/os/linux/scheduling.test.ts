import assert from 'node:assert/strict';
import fs from 'node:fs';
import { CpuAffinity } from './cpuAffinity.ts';

const onLinux = process.platform === 'linux' && process.arch === 'x64';

/** The calling thread's core, and its scheduling policy as a number of linux/sched.h: fields 39 and 41 of proc_pid_stat(5). */
function ownPlace(): { readonly core: number; readonly policy: number } {
  const text = fs.readFileSync('/proc/thread-self/stat', 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { core: Number(fields[39 - 3]), policy: Number(fields[41 - 3]) };
}

/** Whether this process may go before ordinary programs: CAP_SYS_NICE (23, linux/capability.h), or a limit that allows it. */
function mayGoFirst(): boolean {
  const capabilities = /^CapEff:\s+([0-9a-f]+)$/m.exec(fs.readFileSync('/proc/self/status', 'latin1'))![1]!;
  const limit = /^Max realtime priority\s+(\S+)/m.exec(fs.readFileSync('/proc/self/limits', 'latin1'))![1]!;
  return ((BigInt(`0x${capabilities}`) >> 23n) & 1n) === 1n || limit !== '0';
}

(onLinux ? describe : describe.skip)('A thread that waits on a core', () => {
  it('goes before ordinary programs there if it may, and lines up when it is told to', () => {
    const place = new CpuAffinity();
    const { core } = ownPlace();
    try {
      assert.ok(place.moveTo(core));
      assert.deepEqual(ownPlace(), { core, policy: mayGoFirst() ? 1 : 0 });
      place.lineUp();
      assert.deepEqual(ownPlace(), { core, policy: 0 });
      assert.ok(place.moveTo(core));
      place.leave();
      assert.equal(ownPlace().policy, mayGoFirst() ? 1 : 0);
    } finally {
      place.leave();
      place.lineUp();
    }
    assert.equal(ownPlace().policy, 0);
  });
});
