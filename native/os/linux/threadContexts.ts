import { type ByteSource, FileSource } from '../../binary/byteSource.ts';
import type { Region, StopObstacle, ThreadContext, ThreadContexts } from '../threadContexts.ts';
import { LinuxClock } from './clock.ts';
import { addressOf, Errno, libc } from './libc.ts';
import { readCredentials } from './access.ts';
import { innermostId } from './namespaceIds.ts';
import { livingId, maxMapsSize, parseRegions, readProcFile } from './procFiles.ts';

/** linux/ptrace.h, linux/wait.h */
const Request = { GetRegisters: 12, Detach: 17, Seize: 0x4206, Interrupt: 0x4207 } as const;
const PTRACE_EVENT_STOP = 128;
const WNOHANG = 1;
const __WALL = 0x40000000;

/**
 * Where each register of DWARF's (System V psABI, figure 3.36) is in `user_regs_struct` (sys/user.h): r15 r14 r13 r12 rbp rbx r11 r10
 * r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp …, eight bytes each.
 */
const places = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16];
const registersSize = 27 * 8;
const stackPointer = 7;
const instructionPointer = 16;
/**
 * orig_rax in `user_regs_struct`: the number of the system call that the thread is in, or −1 where it came into the kernel by an interrupt, as by ours, or
 * a fault (idtentry, arch/x86/entry/entry_64.S).
 */
const systemCall = 15;

/** Looks for a stop that follow each other at once, some 300 µs; a thread that gets no core needs longer, and we sleep then. */
const eagerLooks = 300;
/** µs between later looks, and how many of them there are at most: two seconds. */
const nap = 200;
const lateLooks = 10_000;
/**
 * µs. The same from the thread's own core, where it can stop only while we sleep: at first as short as can be, some 10 µs with our going
 * to sleep and waking; where others have the core before it, we would keep it from them by that.
 */
const sharedNap = { atFirst: 1, later: 200 };
const shortNaps = 6;
/** µs after which a thread is given up that waits in the kernel for something else than a core, and one that does not get a core. */
const patience = { waiting: 2_000, ready: 500_000 };

/** Of threads on x86-64. */
export class LinuxThreadContexts implements ThreadContexts {
  private readonly c = libc();
  private readonly clock = new LinuxClock();
  private readonly pid: number;
  private readonly scratch = new Int32Array((registersSize + 32) / 4);
  private readonly scratchAddress = addressOf(new Uint8Array(this.scratch.buffer));
  readonly stopObstacle: StopObstacle | null;
  /** Stopped threads, each with the signal that it was just about to get. */
  private readonly stopped = new Map<number, number>();
  /**
   * Threads that were told to stop and have not yet, and those that were killed while they stood still: until a tracer has heard of a thread's end, nobody
   * else does, neither who waits for its process nor an exec of another thread (ptrace(2); exit_notify, kernel/exit.c; de_thread, fs/exec.c).
   */
  private readonly late = new Set<number>();

  constructor(pid: number) {
    this.pid = pid;
    const status = readProcFile(`/proc/${pid}/status`, 4096)?.toString('latin1') ?? '';
    // libuv asks for each child it started (uv__wait_children, src/unix/process.c), and would take a stop for its end.
    const isOwnChild = Number(/^PPid:\t(\d+)$/m.exec(status)?.[1] ?? 0) === process.pid;
    this.stopObstacle = isOwnChild ? 'own-child' : this.isTraced(pid) ? 'traced' : null;
  }

  regions(): readonly Region[] {
    return parseRegions(readProcFile(`/proc/${livingId(this.pid)}/maps`, maxMapsSize)?.toString('latin1') ?? '');
  }

  waiting(threadId: number, context: ThreadContext): boolean {
    // "running", "-1 SP PC" where it does not wait in a system call, or "NUMBER six arguments SP PC" (proc_pid_syscall, fs/proc/base.c).
    const text = readProcFile(`/proc/${this.pid}/task/${threadId}/syscall`, 512)?.toString('latin1') ?? '';
    const match = /^-?\d+(?: 0x[0-9a-f]{1,16}){0,6} 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16})\n?$/.exec(text);
    if (match === null) return false;
    context.known = 0;
    context.isInSystemCall = true;
    for (const [register, digits] of [
      [stackPointer, match[1]!],
      [instructionPointer, match[2]!],
    ] as const) {
      const whole = digits.padStart(16, '0');
      context.set(register, parseInt(whole.slice(8), 16) | 0, parseInt(whole.slice(0, 8), 16) | 0);
    }
    return context.get(instructionPointer) !== 0;
  }

  stop(threadId: number, context: ThreadContext): StopObstacle | null {
    if (this.stopped.has(threadId)) return this.readRegisters(threadId, context);
    return this.interrupt(threadId) ?? this.awaitStop(threadId, lateLooks) ?? this.readRegisters(threadId, context);
  }

  interrupt(threadId: number): StopObstacle | null {
    const { c } = this;
    if (this.stopObstacle !== null) return this.stopObstacle;
    if (this.late.has(threadId)) return 'late';
    // Not attached by PTRACE_ATTACH, which sends a SIGSTOP that others see.
    if (c.ptrace(Request.Seize, threadId, 0, 0) < 0) {
      if (c.errno() === Errno.ESRCH) return 'gone';
      return this.isTraced(threadId) ? 'traced' : 'no-right';
    }
    this.late.add(threadId);
    // Where it fails the thread is ending, and its end is ours to hear of.
    return c.ptrace(Request.Interrupt, threadId, 0, 0) < 0 ? 'gone' : null;
  }

  awaitInterrupted(threadId: number, context: ThreadContext): StopObstacle | null {
    return this.awaitOnCore(threadId, context) ?? this.readRegisters(threadId, context);
  }

  /** Of those that are late the stop is awaited: a thread that runs can't be let go. When we end, the system lets go what is left. */
  release(awaitsLate: boolean): void {
    if (this.late.size > 0) this.hearOfLate(awaitsLate);
    for (const [threadId, signal] of this.stopped) if (this.c.ptrace(Request.Detach, threadId, 0, signal) < 0) this.late.add(threadId);
    this.stopped.clear();
    if (awaitsLate && this.late.size > 0) this.hearOfLate(true);
  }

  get owesRelease(): boolean {
    return this.late.size > 0;
  }

  openFile(path: string): FileSource | null {
    try {
      return new FileSource(`/proc/${livingId(this.pid)}/root${path}`);
    } catch {
      return null;
    }
  }

  /** Others may write to /tmp: it has to be a file of the process's own user. */
  openGeneratedCode(): ByteSource | null {
    const own = livingId(this.pid);
    const inner = innermostId(own);
    if (inner === null) return null;
    const file = this.openFile(`/tmp/perf-${inner}.map`);
    if (file === null || readCredentials(`/proc/${own}/status`)?.userIds[1] === file.owner) return file;
    file.close();
    return null;
  }

  private hearOfLate(awaits: boolean): void {
    for (const threadId of [...this.late]) {
      if (awaits) this.awaitStop(threadId, lateLooks);
      else this.hasStopped(threadId);
    }
  }

  private awaitStop(threadId: number, most: number): StopObstacle | null {
    for (let look = 0; look < eagerLooks + most; look++) {
      const stopped = this.hasStopped(threadId);
      if (stopped !== 'late') return stopped;
      if (look >= eagerLooks) Atomics.wait(sleeper, 0, 0, nap / 1000);
    }
    return 'late';
  }

  private awaitOnCore(threadId: number, context: ThreadContext): StopObstacle | null {
    const { clock } = this;
    const since = clock.monotonic();
    context.stoppedSince = since;
    for (let nap = 0; ; nap++) {
      clock.sleep(nap < shortNaps ? sharedNap.atFirst : sharedNap.later);
      const stopped = this.hasStopped(threadId);
      if (stopped !== 'late') return stopped;
      context.stoppedSince = clock.monotonic();
      const waited = context.stoppedSince - since;
      if (waited > patience.ready || (waited > patience.waiting && !this.isReady(threadId))) return 'late';
    }
  }

  /** @returns null where it has; 'late': not yet */
  private hasStopped(threadId: number): StopObstacle | null {
    const { c, scratch, scratchAddress } = this;
    const id = c.waitpid(threadId, scratchAddress + registersSize, WNOHANG | __WALL);
    if (id === 0) return 'late';
    const status = scratch[registersSize / 4]!;
    // WIFSTOPPED (bits/waitstatus.h): else it has ended.
    if (id < 0 || (status & 0xff) !== 0x7f) return this.gone(threadId);
    this.late.delete(threadId);
    // A stop of ours, or because the process was stopped; else it was about to get a signal, which it gets when it is let go.
    const isOurs = status >>> 16 === PTRACE_EVENT_STOP;
    this.stopped.set(threadId, isOurs ? 0 : (status >>> 8) & 0xff);
    return null;
  }

  private readRegisters(threadId: number, context: ThreadContext): StopObstacle | null {
    const { scratch } = this;
    if (this.c.ptrace(Request.GetRegisters, threadId, 0, this.scratchAddress) < 0) {
      this.stopped.delete(threadId);
      this.late.add(threadId);
      return 'gone';
    }
    for (const [register, place] of places.entries()) context.set(register, scratch[2 * place]!, scratch[2 * place + 1]!);
    context.isInSystemCall = scratch[2 * systemCall + 1]! >= 0;
    return null;
  }

  private gone(threadId: number): 'gone' {
    this.late.delete(threadId);
    this.stopped.delete(threadId);
    return 'gone';
  }

  /** Whether it could run, if it had a core, or has stopped since it was asked last. */
  private isReady(threadId: number): boolean {
    const text = readProcFile(`/proc/${this.pid}/task/${threadId}/stat`, 4096)?.toString('latin1') ?? '';
    return /^\) [Rt]/.test(text.slice(text.lastIndexOf(')')));
  }

  private isTraced(threadId: number): boolean {
    const status = readProcFile(`/proc/${this.pid}/task/${threadId}/status`, 4096)?.toString('latin1') ?? '';
    return /^TracerPid:\t[1-9]/m.test(status);
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
