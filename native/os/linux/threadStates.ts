import type { ThreadStates } from '../system.ts';
import { addressOf, libc, O_RDONLY_CLOEXEC } from './libc.ts';
import { softFileLimit } from './procFiles.ts';

/** Files that may be kept open in all. */
export interface FileBudget {
  left: number;
}

/** A quarter of what the process may open; the rest is for whoever else lives in it. */
export function ownFileBudget(): FileBudget {
  return { left: Math.min(16_384, softFileLimit() >>> 2) };
}

/** While less than this is left, only the file that is read each time is kept open. */
const scarce = 1024;

/** The three numbers of a schedstat file: at most 20 + 1 + 20 + 1 + 20 + 1 bytes. */
const schedstatSize = 64;
/** "PID (comm) S …": comm is at most 15 bytes in user space, so the letter is well inside. */
const statSize = 128;
/** The whole of it: 52 numbers, most of them short. */
const wholeStatSize = 1024;
const closed = -1;

const closingParenthesis = 0x29;
const letterR = 0x52;
const space = 0x20;
const digitZero = 0x30;

/** Where the thread's name ends in what stat begins with; −1 when that is not there. */
function endOfName(bytes: Uint8Array, length: number): number {
  for (let i = Math.min(length, statSize) - 3; i > 0; i--) if (bytes[i] === closingParenthesis) return i;
  return -1;
}

/**
 * Which threads run and which wait, from `/proc/PID/task/TID/schedstat` and `…/stat` kept open.
 *
 * A look at schedstat costs 0.5 µs, at stat 1.4 µs, opening either 10 µs more. schedstat's numbers (time
 * on the CPU, time ready but without one, times put on one) change when a thread goes to sleep, because its
 * time on the CPU is settled then (update_curr, kernel/sched/fair.c), and when it gets a CPU again
 * (sched_info_arrive, kernel/sched/stats.h). So while they are unchanged, so is what stat said last, and
 * stat is read only after a change. schedstat is read first: what changes between the two reads changes
 * schedstat once more and is seen at the next look.
 *
 * One difference to stat's letter is left: a thread that was woken and has not got a CPU since still counts
 * as waiting (and its stack still shows what it waited in). Measured on two busy CPUs against the letter
 * read right before and after each look, 12 000 looks a thread: threads that spin alone, sleep, wait for a
 * lock, in select or for a pipe: no difference; never "running" for one that waits; "waiting" for a letter R
 * in 0.6 % of the looks at a thread that spins against others for the GIL, 2 % at threads that sleep 1–2 ms
 * at a time or fsync, and 5 % at one that works and sleeps 3 ms in turn; most were followed by a run delay
 * in schedstat.
 */
export class LinuxThreadStates implements ThreadStates {
  private readonly c = libc();
  private readonly pid: number;
  private readonly budget: FileBudget;

  private threadIds = new Int32Array(16);
  private schedstatFds = new Int32Array(16).fill(closed);
  private statFds = new Int32Array(16).fill(closed);
  /** Bytes of the last schedstat, 0 when there is none to compare with. */
  private lengths = new Uint8Array(16);
  private last = new Uint8Array(16 * schedstatSize);
  private running = new Uint8Array(16);
  private gone = new Uint8Array(16);
  private readonly free: number[] = [];
  private count = 0;

  private readonly scratch = new ArrayBuffer(wholeStatSize);
  private readonly bytes = new Uint8Array(this.scratch);
  private readonly scratchAddress = addressOf(this.scratch);
  private readonly path = new ArrayBuffer(64);
  private readonly pathBytes = new Uint8Array(this.path);
  private readonly pathAddress = addressOf(this.path);

  /**
   * @param budget files to keep open, one or two per thread; threads beyond that are looked at by opening their files each
   *   time. Those who look at the same time share one.
   */
  constructor(pid: number, budget: FileBudget = ownFileBudget()) {
    this.pid = pid;
    this.budget = budget;
  }

  track(threadId: number): number {
    const slot = this.free.pop() ?? this.count++;
    if (slot >= this.threadIds.length) this.grow();
    this.threadIds[slot] = threadId;
    this.lengths[slot] = 0;
    this.running[slot] = 0;
    this.gone[slot] = 0;
    this.schedstatFds[slot] = closed;
    this.statFds[slot] = closed;
    if (this.budget.left > 0) this.schedstatFds[slot] = this.keepOpen(threadId, 'schedstat');
    if (this.budget.left > scarce) this.statFds[slot] = this.keepOpen(threadId, 'stat');
    return slot;
  }

  untrack(slot: number): void {
    if (slot < 0 || slot >= this.count || this.threadIds[slot] === 0) return;
    this.threadIds[slot] = 0;
    this.release(this.schedstatFds, slot);
    this.release(this.statFds, slot);
    this.free.push(slot);
  }

  isRunning(slot: number): boolean {
    const fd = this.schedstatFds[slot];
    if (fd === undefined || this.threadIds[slot] === 0) return false;
    if (fd === closed) return this.lookAt(slot);
    const length = this.c.pread(fd, this.scratchAddress, schedstatSize, 0);
    if (length <= 0) return this.noteGone(slot);
    if (this.isUnchanged(slot, length)) return this.running[slot] === 1;
    return this.remember(slot, this.lookAt(slot));
  }

  stoodStill(slot: number): boolean {
    const fd = this.schedstatFds[slot];
    if (fd === undefined || fd === closed || this.threadIds[slot] === 0) return false;
    const length = this.c.pread(fd, this.scratchAddress, schedstatSize, 0);
    if (length <= 0) return this.noteGone(slot);
    if (this.isUnchanged(slot, length)) return this.running[slot] === 0;
    this.remember(slot, this.lookAt(slot));
    return false;
  }

  readyOn(slot: number): number {
    if (slot < 0 || slot >= this.count || this.threadIds[slot] === 0) return -1;
    const length = this.readStat(slot, wholeStatSize);
    const { bytes } = this;
    let at = endOfName(bytes, length);
    if (at < 0 || bytes[at + 2] !== letterR) return -1;
    // `processor` is the 39th field, the letter is the third (proc_pid_stat(5)).
    for (let field = 2; field < 39; at++) {
      if (at >= length) return -1;
      if (bytes[at] === space) field++;
    }
    let core = 0;
    for (let digit = bytes[at]! - digitZero; digit >= 0 && digit <= 9; digit = bytes[++at]! - digitZero) core = core * 10 + digit;
    return core;
  }

  isGone(slot: number): boolean {
    return this.gone[slot] === 1;
  }

  close(): void {
    for (let slot = 0; slot < this.count; slot++) this.untrack(slot);
  }

  /** Compares the schedstat in the scratch buffer with the slot's last one, and keeps it. */
  private isUnchanged(slot: number, length: number): boolean {
    const { bytes, last } = this;
    const base = slot * schedstatSize;
    let same = length === this.lengths[slot];
    for (let i = 0; i < length; i++) {
      const byte = bytes[i]!;
      if (last[base + i] !== byte) {
        last[base + i] = byte;
        same = false;
      }
    }
    this.lengths[slot] = length;
    // "0 0 0": a kernel that doesn't account (delayacct/sched_info off), so nothing can be concluded.
    return same && !(length <= 6 && bytes[0] === 0x30 && bytes[2] === 0x30);
  }

  /** A file of a thread stays that thread's: when it is gone nothing is read from it, whoever has its id (proc_single_show, fs/proc/base.c). */
  private noteGone(slot: number): false {
    this.gone[slot] = 1;
    this.running[slot] = 0;
    return false;
  }

  private remember(slot: number, running: boolean): boolean {
    this.running[slot] = running ? 1 : 0;
    return running;
  }

  /** The state by the letter in stat, read through the kept-open file or one opened for this look. */
  private lookAt(slot: number): boolean {
    const at = endOfName(this.bytes, this.readStat(slot, statSize));
    return at >= 0 && this.bytes[at + 2] === letterR;
  }

  /** Reads stat to the scratch buffer, through the kept-open file or one opened for this look. @returns bytes of it */
  private readStat(slot: number, size: number): number {
    const kept = this.statFds[slot]!;
    const fd = kept === closed ? this.openFile(this.threadIds[slot]!, 'stat') : kept;
    if (fd < 0) return 0;
    const length = this.c.pread(fd, this.scratchAddress, size, 0);
    if (kept === closed) this.c.close(fd);
    return length;
  }

  private keepOpen(threadId: number, name: string): number {
    const fd = this.openFile(threadId, name);
    if (fd < 0) return closed;
    this.budget.left--;
    return fd;
  }

  private openFile(threadId: number, name: string): number {
    const end = Buffer.from(this.path).write(`/proc/${this.pid}/task/${threadId}/${name}`, 'latin1');
    this.pathBytes[end] = 0;
    return this.c.open(this.pathAddress, O_RDONLY_CLOEXEC);
  }

  private release(fds: Int32Array, slot: number): void {
    const fd = fds[slot]!;
    if (fd === closed) return;
    this.c.close(fd);
    fds[slot] = closed;
    this.budget.left++;
  }

  private grow(): void {
    const size = this.threadIds.length * 2;
    const copy = <T extends Int32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.threadIds = copy(this.threadIds, new Int32Array(size));
    this.schedstatFds = copy(this.schedstatFds, new Int32Array(size).fill(closed));
    this.statFds = copy(this.statFds, new Int32Array(size).fill(closed));
    this.lengths = copy(this.lengths, new Uint8Array(size));
    this.last = copy(this.last, new Uint8Array(size * schedstatSize));
    this.running = copy(this.running, new Uint8Array(size));
    this.gone = copy(this.gone, new Uint8Array(size));
  }
}
