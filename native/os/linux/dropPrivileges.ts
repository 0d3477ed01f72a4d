import { readdirSync } from 'node:fs';
import { addressOf, libc } from './libc.ts';
import { readProcFile } from './procFiles.ts';
import { forbidWhatSamplersNeverDo } from './seccomp.ts';

/** The user and group that own nothing, "nobody", everywhere (overflowuid, linux/highuid.h). */
const nobody = 65534;

// linux/prctl.h
const PR_SET_DUMPABLE = 4;
const PR_SET_NO_NEW_PRIVS = 38;
/** x86-64 */
const SETRLIMIT = 160;
/** asm-generic/resource.h */
const RLIMIT_RTPRIO = 14;

/**
 * Gives root up for good, in all threads. What remains is the user nobody: no group, no capability, no way to regain any of it by
 * executing something, no memory that others may read, and no system call that a sampler does not need; but it may have a core
 * before ordinary programs do, at the lowest such priority. Open files stay open;
 * whatever else has to be loaded must have been loaded before.
 * @throws Error when any of it can't be done, or was not; the process must not go on then
 */
export function dropPrivileges(): void {
  const c = libc();
  // Kept, if it may be given: without it looks at programs that wait for cores are late, and shares wrong (docs/sampling.md).
  c.syscall(SETRLIMIT, RLIMIT_RTPRIO, addressOf(new BigUint64Array([1n, 1n]).buffer), 0);
  if (c.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw new Error('no_new_privs can’t be set');
  // Node's own, because they refuse where io_uring would keep the rights (CVE-2024-22017). The C library makes
  // all threads follow (nptl/setxid, musl's __synccall).
  process.setgroups!([]);
  process.setgid!(nobody);
  process.setuid!(nobody);
  // After the ids: changing them resets it (commit_creds, kernel/cred.c).
  if (c.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) !== 0) throw new Error('the helper can’t be made undumpable');
  forbidWhatSamplersNeverDo();
  const left = rightsLeft();
  if (left !== null) throw new Error(`root was not given up: ${left}`);
}

/** What the first thread that still has rights has; null when no thread has any. */
function rightsLeft(): string | null {
  const threads = readdirSync('/proc/self/task');
  for (const thread of threads) {
    const status = readProcFile(`/proc/self/task/${thread}/status`, 64 * 1024)?.toString('latin1');
    if (status === undefined) continue; // a thread that has ended
    for (const [name, expected] of unprivileged) {
      const value = new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();
      if (value === undefined || !expected.test(value)) return `thread ${thread} has ${name} ${value ?? 'of no value'}`;
    }
  }
  return threads.length === 0 ? 'no thread can be seen' : null;
}

const ids = new RegExp(`^${nobody}(\\s+${nobody}){3}$`);
const none = /^0+$/;
const unprivileged: readonly (readonly [string, RegExp])[] = [
  ['Uid', ids],
  ['Gid', ids],
  ['Groups', /^$/],
  ['CapInh', none],
  ['CapPrm', none],
  ['CapEff', none],
  ['CapAmb', none],
  ['NoNewPrivs', /^1$/],
  ['Seccomp', /^2$/],
];
