import { accessSync, constants as fileConstants } from 'node:fs';
import { constants } from 'node:os';
import { addressOf, libc } from './libc.ts';
import { readProcFile } from './procFiles.ts';

// x86-64: asm/unistd_64.h, asm-generic/resource.h, asm-generic/fcntl.h
const SETRLIMIT = 160;
const FCNTL = 72;
const F_SETFD = 2;
const RLIMIT_CORE = 4;
const RLIMIT_NOFILE = 7;
const SIG_DFL = 0;
/** Signals that Node ignores, which an exec would hand on (PlatformInit, src/node.cc). */
const ignoredByNode = [13, 25]; // SIGPIPE, SIGXFSZ
/** Lowest limit we take over: we may have this many files open ourselves. */
const fewFiles = 256;

/**
 * Does something – starting a program – under the limit on open files that our parent has: Node raises its own to
 * the maximum when it starts (PlatformInit, src/node.cc), and programs behave differently then: Python 2's
 * subprocess closes each possible file, select refuses high numbers.
 */
export function withParentsFileLimit<T>(action: () => T): T {
  const own = fileLimit('self');
  const parents = fileLimit(String(process.ppid));
  if (own === null || parents === null || parents.soft >= own.soft || parents.soft < fewFiles || parents.hard !== own.hard) return action();
  setLimit(RLIMIT_NOFILE, parents.soft, own.hard);
  try {
    return action();
  } finally {
    setLimit(RLIMIT_NOFILE, own.soft, own.hard);
  }
}

/** Ends us by the signal that ended the program we ran. Returns only for signals that end nothing. */
export function dieBy(signal: NodeJS.Signals): void {
  // A core dump must not leave our memory behind as if it were the program's.
  setLimit(RLIMIT_CORE, 0, 0);
  const number = constants.signals[signal];
  if (ignoredByNode.includes(number)) libc().signal(number, SIG_DFL);
  process.kill(process.pid, signal);
}

/** Which of a terminal's signals reach what we run, too: see Launching. */
export function terminalSignals(): readonly NodeJS.Signals[] {
  // state, ppid, pgrp, session, tty_nr: what comes after the name (proc_pid_stat(5)).
  const text = readProcFile('/proc/self/stat', 4096)?.toString('latin1') ?? '';
  const [, , , session, terminal] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (terminal === undefined || terminal === 0) return [];
  // A terminal that is closed tells the leader of its session alone (tty_signal_session_leader, drivers/tty/tty_jobctrl.c), as who ends a
  // task does; shells pass it on.
  return session === process.pid ? ['SIGINT', 'SIGQUIT'] : ['SIGINT', 'SIGQUIT', 'SIGHUP'];
}

/** Yama's; "Yama" in ASCII (linux/prctl.h). */
const PR_SET_PTRACER = 0x59616d61;
/**
 * Executes a program in our place, after allowing one process to read its memory where Yama lets only parents do
 * that (ptrace_scope 1). Yama keeps such a permission with the task, and drops it when that ends
 * (yama_task_free, security/yama/yama_lsm.c): an exec does not take it away. It covers that process's descendants, but
 * not the program's children. Where there is no Yama, nothing forbids it either.
 * @throws Error when the program can't be executed, with its errno
 */
export function executeAllowing(pid: number, program: readonly [string, ...string[]]): never {
  const c = libc();
  c.prctl(PR_SET_PTRACER, pid, 0, 0, 0);
  for (const signal of ignoredByNode) c.signal(signal, SIG_DFL);
  // Node marks whatever it was given to be closed (uv_disable_stdio_inheritance).
  for (const fd of [0, 1, 2]) c.syscall(FCNTL, fd, F_SETFD, 0);
  withParentsFileLimit(() => c.execvp(program[0], [...program, null]));
  const errno = c.errno();
  throw Object.assign(new Error(`${program[0]} can’t be executed (error ${errno})`), { errno });
}

/** Yama's kernel.yama.ptrace_scope is 1. */
export function onlyParentsMayRead(): boolean {
  return Number(readProcFile('/proc/sys/kernel/yama/ptrace_scope', 16)?.toString('latin1') ?? 0) === 1;
}

export function canExecute(file: string): boolean {
  try {
    accessSync(file, fileConstants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Limit {
  readonly soft: number;
  readonly hard: number;
}

function fileLimit(pid: string): Limit | null {
  const text = readProcFile(`/proc/${pid}/limits`, 8192)?.toString('latin1') ?? '';
  const match = /^Max open files +(\d+) +(\d+)/m.exec(text);
  return match && { soft: Number(match[1]), hard: Number(match[2]) };
}

/** struct rlimit { rlim_t rlim_cur, rlim_max }; lives as long as this module, so its address holds. */
const rlimit = new BigUint64Array(2);

function setLimit(resource: number, soft: number, hard: number): void {
  rlimit.set([BigInt(soft), BigInt(hard)]);
  libc().syscall(SETRLIMIT, resource, addressOf(rlimit.buffer), 0);
}
