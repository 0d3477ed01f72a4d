import { type PauseObstacle } from '../../engine.ts';
import { TargetError } from '../../targetError.ts';
import type { ProcessPauses } from '../system.ts';
import { addressOf, Errno, libc } from './libc.ts';
import { readProcFile, readStat } from './procFiles.ts';

// include/uapi/linux/ptrace.h, wait.h
const Request = { Detach: 17, Seize: 0x4206, Interrupt: 0x4207 } as const;
const EVENT_STOP = 128;
const WNOHANG = 1;
const WALL = 0x4000_0000;

/** Looks at the list of threads until it holds no new one: those that run may start others meanwhile. */
const maxRounds = 16;
/**
 * µs a thread may take to stop: on a busy machine it has to get a core first. One that sleeps uninterruptibly does not stop,
 * and the others must not wait for it.
 */
const stopTimeout = 1_000_000;
/** µs of looking without a break, and ms of each break after that: a thread that runs stops in 50 µs. */
const spinning = 300;
const breakLength = 0.2;

/**
 * Makes all threads of a process stand still, by ptrace(2), and lets them go again.
 *
 * Threads are seized, interrupted and detached for each pause. Between pauses nobody traces them, so that signals, new threads and a
 * debugger find the process as it was; should we be killed, the kernel detaches what was seized (`exit_ptrace`,
 * kernel/ptrace.c). It takes about 100 µs for one thread. What it cannot hide: system calls that are never restarted return
 * EINTR (epoll_wait, semop and a few more, signal(7)), which Python retries (PEP 475) and C code may not.
 *
 * ptrace belongs to a thread: all calls have to come from the one that made this.
 */
export class ThreadPauses implements ProcessPauses {
  private readonly pid: number;
  private readonly threadIds: () => readonly number[];
  private readonly now: () => number;
  private readonly c = libc();
  private readonly status = new Int32Array(1);
  private readonly idle = new Int32Array(new SharedArrayBuffer(4));
  private readonly statusAddress = addressOf(this.status.buffer);
  /** Threads that stand still, and the signal each was about to get. */
  private readonly stopped = new Map<number, number>();
  /** Threads that were interrupted, but have not stopped yet. */
  private readonly stopping = new Set<number>();

  /**
   * @param threadIds the process's threads there are now
   * @param now µs
   * @throws TargetError (not-pausable) when it is not safe or not allowed
   */
  constructor(pid: number, threadIds: () => readonly number[], now: () => number) {
    this.pid = pid;
    this.threadIds = threadIds;
    this.now = now;
    const status = readProcFile(`/proc/${pid}/status`, 16_384)?.toString('latin1') ?? '';
    const tracer = Number(/^TracerPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    if (tracer !== 0) throw notPausable(pid, 'traced', String(tracer));
    // Node waits for its children with waitpid(2), which would eat the stops (uv__chld in libuv's src/unix/process.c).
    if (readStat(pid)?.parentPid === process.pid) throw notPausable(pid, 'own-child', '');
    // Whether we may is what the first pause tells.
    const paused = this.pause();
    const errno = this.lastErrno;
    this.resume();
    if (!paused && errno !== 0 && errno !== Errno.ESRCH) throw notPausable(pid, 'refused', `errno ${errno}`);
  }

  private lastErrno = 0;

  pause(): boolean {
    this.lastErrno = 0;
    this.settle();
    for (let round = 0; round < maxRounds; round++) {
      let fresh = 0;
      for (const id of this.threadIds()) {
        if (this.stopped.has(id)) continue;
        switch (this.stop(id)) {
          case 'stopped':
            fresh++;
            break;
          case 'gone':
            break;
          case 'failed':
            this.resume();
            return false;
        }
      }
      if (fresh === 0) return this.stopped.size > 0;
    }
    this.resume();
    return false; // it starts threads faster than we stop them
  }

  resume(): void {
    for (const [id, signal] of this.stopped) this.c.ptrace(Request.Detach, id, 0, signal);
    this.stopped.clear();
    this.settle();
  }

  close(): void {
    this.resume();
    const deadline = this.now() + stopTimeout;
    while (this.stopping.size > 0 && this.now() < deadline) {
      Atomics.wait(this.idle, 0, 0, breakLength);
      this.settle();
    }
    // What still sleeps in the kernel is let go when this thread ends.
  }

  private stop(id: number): 'stopped' | 'gone' | 'failed' {
    if (!this.stopping.has(id)) {
      if (this.c.ptrace(Request.Seize, id, 0, 0) < 0) {
        this.lastErrno = this.c.errno();
        // The first thread may have ended before the others: it stays as a zombie, which can't be seized.
        return this.lastErrno === Errno.ESRCH || 'ZXx'.includes(this.stateOf(id)) ? 'gone' : 'failed';
      }
      this.c.ptrace(Request.Interrupt, id, 0, 0);
      this.stopping.add(id);
    }
    const begun = this.now();
    for (;;) {
      const found = this.look(id);
      if (found !== 'running') return found;
      const waited = this.now() - begun;
      if (waited < spinning) continue;
      if (waited > stopTimeout || this.stateOf(id) === 'D') return 'failed';
      Atomics.wait(this.idle, 0, 0, breakLength);
    }
  }

  /** The letter of proc_pid_stat(5); X when it is gone. */
  private stateOf(id: number): string {
    const stat = readProcFile(`/proc/${this.pid}/task/${id}/stat`, 1024)?.toString('latin1') ?? '';
    return stat.charAt(stat.lastIndexOf(')') + 2) || 'X';
  }

  /** Lets threads go that stopped too late. */
  private settle(): void {
    for (const id of this.stopping) {
      if (this.look(id) !== 'stopped') continue;
      this.c.ptrace(Request.Detach, id, 0, this.stopped.get(id) ?? 0);
      this.stopped.delete(id);
    }
  }

  private look(id: number): 'stopped' | 'gone' | 'running' {
    const found = this.c.waitpid(id, this.statusAddress, WALL | WNOHANG);
    if (found === 0) return 'running';
    this.stopping.delete(id);
    const status = this.status[0]!;
    if (found !== id || (status & 0xff) !== 0x7f) return 'gone';
    // Stopped by our interruption, or on the way to get a signal, which it shall get.
    this.stopped.set(id, status >> 16 === EVENT_STOP ? 0 : (status >> 8) & 0xff);
    return 'stopped';
  }
}

export function notPausable(pid: number, reason: PauseObstacle, detail: string): TargetError {
  return new TargetError({ code: 'not-pausable', pid, reason, detail });
}
