import { statSync } from 'node:fs';
import type { AccessObstacle } from '../../engine.ts';
import { TargetError } from '../../targetError.ts';
import { isEnded, readProcFile, readProcLink, readStat } from './procFiles.ts';

/** CAP_SYS_PTRACE, linux/capability.h. */
export const capSysPtrace = 1n << 19n;

/** What decides whether the kernel lets us read a process (ptrace_may_access, kernel/ptrace.c). */
export interface AccessFacts {
  readonly own: Credentials;
  /** Null when /proc shows nothing of the process. */
  readonly target: Credentials | null;
  /** False if the kernel gave the process's files in /proc to root, because the process must not be dumped (prctl(2)). */
  readonly dumpable: boolean;
  readonly sameUserNamespace: boolean;
  /** kernel.yama.ptrace_scope, 0 where there is no Yama. */
  readonly ptraceScope: number;
}

export interface Credentials {
  /** Real, effective and saved user id. */
  readonly userIds: readonly number[];
  readonly groupIds: readonly number[];
  readonly permitted: bigint;
  readonly effective: bigint;
}

/** Why the kernel said EPERM. The order is the one in which a user has to remove obstacles. */
export function diagnose(facts: AccessFacts): AccessObstacle {
  const { own, target } = facts;
  if (!target) return 'hidden';
  const mayTraceAll = (own.effective & capSysPtrace) !== 0n;
  const isRoot = own.userIds[1] === 0;
  // Scope 3 forbids it to everyone, also to root.
  if (facts.ptraceScope >= 3) return 'ptrace-scope-nobody';
  if (mayTraceAll) return facts.sameUserNamespace ? 'even-root' : 'missing-capability';
  // process_vm_readv checks our real ids against all three of the target's (PTRACE_MODE_REALCREDS).
  const sameUser = target.userIds.every((id) => id === own.userIds[0]) && target.groupIds.every((id) => id === own.groupIds[0]);
  // Root without the capability: a container that took it away.
  if (isRoot && !sameUser) return 'missing-capability';
  if (!sameUser) return 'other-user';
  if (!facts.dumpable) return 'not-dumpable';
  // cap_ptrace_access_check, security/commoncap.c.
  if ((target.permitted & ~own.permitted) !== 0n || !facts.sameUserNamespace) return 'missing-capability';
  if (facts.ptraceScope === 2) return 'ptrace-scope-root';
  if (facts.ptraceScope === 1) return 'ptrace-scope';
  // Nothing in the kernel's own rules: a seccomp filter, as Docker's on kernels before 4.8.
  return isRoot ? 'missing-capability' : 'unknown';
}

/** The TargetError for a process we were refused (EPERM or EACCES). */
export function accessDenied(pid: number, ownerName: (userId: number) => string | null): TargetError {
  const stat = readStat(pid);
  // It may have been refused because it has just ended: without memory, its files no longer belong to its user.
  if (stat !== null && isEnded(stat.state)) return new TargetError({ code: 'no-such-process', pid });
  const facts = accessFacts(pid);
  const userId = facts.target?.userIds[0];
  const owner = userId === undefined ? null : (ownerName(userId) ?? String(userId));
  return new TargetError({ code: 'permission-denied', pid, owner, reason: diagnose(facts) });
}

/** Real, effective and saved user id of a process; null when it is gone or hidden. */
export function userIdsOf(pid: number): readonly number[] | null {
  return readCredentials(`/proc/${pid}/status`)?.userIds ?? null;
}

export function accessFacts(pid: number): AccessFacts {
  const target = readCredentials(`/proc/${pid}/status`);
  return {
    own: readCredentials('/proc/self/status') ?? { userIds: [], groupIds: [], permitted: 0n, effective: 0n },
    target,
    // The folder itself keeps its owner (task_dump_owner, fs/proc/base.c).
    dumpable: target === null || ownerOf(`/proc/${pid}/maps`) === target.userIds[1],
    sameUserNamespace: isSameUserNamespace(pid),
    ptraceScope: Number(readProcFile('/proc/sys/kernel/yama/ptrace_scope', 16)?.toString('latin1') ?? 0) || 0,
  };
}

/** Parses /proc/PID/status. */
export function parseCredentials(status: string): Credentials | null {
  const ids = (name: string): number[] =>
    (new RegExp(`^${name}:\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)`, 'm').exec(status) ?? []).slice(1).map(Number);
  const capabilities = (name: string): bigint => BigInt(`0x${new RegExp(`^${name}:\\s+([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);
  const userIds = ids('Uid');
  const groupIds = ids('Gid');
  if (userIds.length === 0 || groupIds.length === 0) return null;
  return { userIds, groupIds, permitted: capabilities('CapPrm'), effective: capabilities('CapEff') };
}

/** @param path of a `status` in /proc */
export function readCredentials(path: string): Credentials | null {
  const status = readProcFile(path, 64 * 1024);
  return status && parseCredentials(status.toString('latin1'));
}

function isSameUserNamespace(pid: number): boolean {
  const target = readProcLink(`/proc/${pid}/ns/user`);
  // Reading the link takes nearly the rights we were refused, so no answer proves nothing.
  return target === null || target === readProcLink('/proc/self/ns/user');
}

function ownerOf(path: string): number {
  try {
    return statSync(path).uid;
  } catch {
    return -1;
  }
}
