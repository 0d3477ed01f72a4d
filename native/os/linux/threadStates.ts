import { LinuxClock } from './clock.ts';
import { ThreadState, type ThreadStates } from '../system.ts';
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
/** 1.3 kB, and more where the process is in many groups or the machine has many CPUs. What is cut off is not known. */
const statusSize = 16 * 1024;
const closed = -1;

/**
 * Whether a thread whose letter is R runs or waits for a core is asked where at least one `share`-th of the time it could run
 * since the look before went by without a core, and at the next `looks` changes after that. That bounds what is shown as running
 * and is not.
 */
const doubt = { share: 32, looks: 64 };

const closingParenthesis = 0x29;
const letterR = 0x52;
const space = 0x20;
const digit0 = 0x30;
const digit9 = 0x39;
/** After the last line of these, on x86 since Linux 6.6, comes one more (arch_proc_pid_thread_features, arch/x86/kernel/fpu/xstate.c). */
const switches = Buffer.from('voluntary_ctxt_switches:');

/** Where the thread's name ends in what stat begins with; −1 when that is not there. */
function endOfName(bytes: Uint8Array, length: number): number {
  for (let i = Math.min(length, statSize) - 3; i > 0; i--) if (bytes[i] === closingParenthesis) return i;
  return -1;
}

/**
 * Which threads run, wait for a core, or wait for something else, from `/proc/PID/task/TID/schedstat`, `…/stat` and `…/status` kept open.
 *
 * A look at schedstat costs 0.5 µs, at stat 1.4 µs, opening either 10 µs more. schedstat's numbers (time
 * on the CPU, time ready but without one, times put on one) change when a thread goes to sleep, because its
 * time on the CPU is settled then (update_curr, kernel/sched/fair.c), and when it gets a CPU again
 * (sched_info_arrive, kernel/sched/stats.h). So while they are unchanged, so is what stat said last, and
 * stat is read only after a change. schedstat is read first: what changes between the two reads changes
 * schedstat once more and is seen at the next look.
 *
 * The letter R says that a thread could run. It has a core if it was put on one (schedstat's third number, sched_info_arrive) once more
 * often than it was taken off (voluntary and involuntary switches in status, __schedule in kernel/sched/core.c), and waits for
 * one if both are equal: so it was in 21 000 looks at threads old and new on busy CPUs. A look at status costs 10 µs, so it is asked
 * only where a thread has waited for a core lately (second number), see `doubt`: the first wait after quiet times still counts
 * as running, and so does every wait of a thread whose schedstat is not kept open or says nothing ("0 0 0").
 *
 * One difference to stat's letter is left: a thread that was woken and has not got a CPU since mostly still counts
 * as waiting (and its stack still shows what it waited in). Measured on two busy CPUs against the letter
 * read right before and after each look, 12 000 looks a thread: threads that spin alone, sleep, wait for a
 * lock, in select or for a pipe: no difference; never "running" for one that waits; "waiting" for a letter R
 * in 0.6 % of the looks at a thread that spins against others for the GIL, 2 % at threads that sleep 1–2 ms
 * at a time or fsync, and 5 % at one that works and sleeps 3 ms in turn; most were followed by a run delay
 * in schedstat.
 */
export class LinuxThreadStates implements ThreadStates {
  private readonly c = libc();
  private readonly clock = new LinuxClock();
  private readonly pid: number;
  private readonly budget: FileBudget;

  private threadIds = new Int32Array(16);
  private schedstatFds = new Int32Array(16).fill(closed);
  private statFds = new Int32Array(16).fill(closed);
  /** Opened when they are needed first. */
  private statusFds = new Int32Array(16).fill(closed);
  /** Bytes of the last schedstat, 0 when there is none to compare with. */
  private lengths = new Uint8Array(16);
  private last = new Uint8Array(16 * schedstatSize);
  private states = new Uint8Array(16);
  private gone = new Uint8Array(16);
  /** ns: schedstat's first two numbers. */
  private times = new Float64Array(2 * 16);
  /** µs; −1 while not known. */
  private cpu = new Float64Array(16).fill(-1);
  /** At so many changes more it is asked whether R means a core. */
  private doubts = new Uint8Array(16);
  /** 1: the state is older than the last schedstat. */
  private stale = new Uint8Array(16);
  private readonly free: number[] = [];
  private count = 0;

  private readonly scratch = new ArrayBuffer(statusSize);
  /** The number read last, and schedstat's three. */
  private readonly numbers = new Float64Array(3);
  private readonly bytes = new Uint8Array(this.scratch);
  private readonly scratchAddress = addressOf(this.scratch);
  private readonly path = new ArrayBuffer(64);
  private readonly pathBytes = new Uint8Array(this.path);
  private readonly pathAddress = addressOf(this.path);

  /**
   * @param budget files to keep open, one to three per thread; threads beyond that are looked at by opening their files each
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
    this.states[slot] = ThreadState.Waiting;
    this.gone[slot] = 0;
    this.times[2 * slot] = this.times[2 * slot + 1] = 0;
    this.cpu[slot] = -1;
    this.doubts[slot] = doubt.looks;
    this.stale[slot] = 0;
    this.schedstatFds[slot] = closed;
    this.statFds[slot] = closed;
    this.statusFds[slot] = closed;
    if (this.budget.left > 0) this.schedstatFds[slot] = this.keepOpen(threadId, 'schedstat');
    if (this.budget.left > scarce) this.statFds[slot] = this.keepOpen(threadId, 'stat');
    return slot;
  }

  untrack(slot: number): void {
    if (slot < 0 || slot >= this.count || this.threadIds[slot] === 0) return;
    this.threadIds[slot] = 0;
    this.release(this.schedstatFds, slot);
    this.release(this.statFds, slot);
    this.release(this.statusFds, slot);
    this.free.push(slot);
  }

  look(slot: number): ThreadState {
    const fd = this.schedstatFds[slot];
    if (fd === undefined || this.threadIds[slot] === 0) return ThreadState.Waiting;
    if (fd === closed) return this.isR(slot) ? ThreadState.Running : ThreadState.Waiting;
    const length = this.c.pread(fd, this.scratchAddress, schedstatSize, 0);
    if (length <= 0) return this.noteGone(slot);
    if (this.isUnchanged(slot, length) && this.stale[slot] === 0) return this.states[slot] as ThreadState;
    return this.lookAnew(slot, length);
  }

  stoodStill(slot: number): boolean {
    const fd = this.schedstatFds[slot];
    if (fd === undefined || fd === closed || this.threadIds[slot] === 0) return false;
    const length = this.c.pread(fd, this.scratchAddress, schedstatSize, 0);
    if (length <= 0) this.noteGone(slot);
    else if (this.isUnchanged(slot, length) && this.stale[slot] === 0) return this.states[slot] === ThreadState.Waiting;
    else this.lookAnew(slot, length);
    return false;
  }

  readyOn(slot: number): number {
    const fd = this.schedstatFds[slot];
    if (fd === undefined || this.threadIds[slot] === 0) return -1;
    if (fd !== closed) {
      const read = this.c.pread(fd, this.scratchAddress, schedstatSize, 0);
      if (read <= 0) {
        this.noteGone(slot);
        return -1;
      }
      if (!this.isUnchanged(slot, read)) {
        this.noteTimes(slot, read);
        this.stale[slot] = 1;
      }
    }
    const length = this.readWhole(slot, this.statFds[slot]!, 'stat', wholeStatSize);
    const { bytes, numbers } = this;
    let at = endOfName(bytes, length);
    if (at < 0 || bytes[at + 2] !== letterR) return -1;
    // `processor` is the 39th field, the letter is the third (proc_pid_stat(5)).
    for (let field = 2; field < 39; at++) {
      if (at >= length) return -1;
      if (bytes[at] === space) field++;
    }
    this.readNumber(at, length, 0);
    return numbers[0]!;
  }

  hasRun(slot: number): boolean {
    const fd = this.schedstatFds[slot];
    if (fd === undefined || fd === closed || this.threadIds[slot] === 0) return false;
    const length = this.c.pread(fd, this.scratchAddress, schedstatSize, 0);
    const base = slot * schedstatSize;
    if (length !== this.lengths[slot]) return true;
    for (let i = 0; i < length; i++) if (this.last[base + i] !== this.bytes[i]) return true;
    return false;
  }

  cpuTime(slot: number): number {
    return this.cpu[slot] ?? -1;
  }

  processTime(): number {
    return this.clock.processCpu(this.pid);
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

  /**
   * A file of a thread stays that thread's: when it is gone nothing is read from it, whoever has its id (proc_single_show,
   * fs/proc/base.c).
   */
  private noteGone(slot: number): ThreadState {
    this.gone[slot] = 1;
    return (this.states[slot] = ThreadState.Waiting);
  }

  /** What the schedstat in the scratch buffer, which is not the slot's last one, says together with the other files. */
  private lookAnew(slot: number, length: number): ThreadState {
    this.stale[slot] = 0;
    const arrivals = this.noteTimes(slot, length);
    let state: ThreadState = this.isR(slot) ? ThreadState.Running : ThreadState.Waiting;
    if (state === ThreadState.Running && this.doubts[slot]! > 0 && arrivals > 0) {
      this.doubts[slot]!--;
      if (this.departures(slot) >= arrivals) state = ThreadState.Ready;
    }
    return (this.states[slot] = state);
  }

  /** Keeps the times of the schedstat in the scratch buffer. @returns how often the thread was put on a core */
  private noteTimes(slot: number, length: number): number {
    const { numbers, times } = this;
    for (let field = 0, at = 0; field < 3; field++) at = this.readNumber(at, length, field) + 1;
    const cpu = numbers[0]!;
    const delay = numbers[1]!;
    const waited = delay - times[2 * slot + 1]!;
    if (waited * doubt.share > waited + cpu - times[2 * slot]!) this.doubts[slot] = doubt.looks;
    times[2 * slot] = cpu;
    times[2 * slot + 1] = delay;
    if (cpu > 0) this.cpu[slot] = Math.floor(cpu / 1000);
    return numbers[2]!;
  }

  /** Whether the letter in stat, read through the kept-open file or one opened for this look, is R. */
  private isR(slot: number): boolean {
    const at = endOfName(this.bytes, this.readWhole(slot, this.statFds[slot]!, 'stat', statSize));
    return at >= 0 && this.bytes[at + 2] === letterR;
  }

  /** How often the thread was taken off a core; −1 when that can't be had. */
  private departures(slot: number): number {
    if (this.statusFds[slot] === closed && this.budget.left > scarce) this.statusFds[slot] = this.keepOpen(this.threadIds[slot]!, 'status');
    const length = this.readWhole(slot, this.statusFds[slot]!, 'status', statusSize);
    const { bytes, numbers } = this;
    let found = 0;
    let sum = 0;
    // The two lines are at the end, the involuntary ones in the latter: "nonvoluntary_ctxt_switches:\t12\n".
    for (let i = length - switches.length - 1; i >= 0 && found < 2; i--) {
      let same = 0;
      while (same < switches.length && bytes[i + same] === switches[same]) same++;
      if (same < switches.length) continue;
      this.readNumber(i + switches.length + 1, length, 0);
      sum += numbers[0]!;
      found++;
    }
    return found === 2 ? sum : -1;
  }

  /** Reads the digits from `at` on as one of `numbers`. @returns where they end */
  private readNumber(at: number, end: number, as: number): number {
    const { bytes } = this;
    let value = 0;
    let i = at;
    for (; i < end && bytes[i]! >= digit0 && bytes[i]! <= digit9; i++) value = value * 10 + bytes[i]! - digit0;
    this.numbers[as] = value;
    return i;
  }

  /** Reads a file into the scratch buffer. @param kept its descriptor where it is kept open */
  private readWhole(slot: number, kept: number, name: string, size: number): number {
    const fd = kept === closed ? this.openFile(this.threadIds[slot]!, name) : kept;
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
    const copy = <T extends Int32Array | Uint8Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.threadIds = copy(this.threadIds, new Int32Array(size));
    this.schedstatFds = copy(this.schedstatFds, new Int32Array(size).fill(closed));
    this.statFds = copy(this.statFds, new Int32Array(size).fill(closed));
    this.lengths = copy(this.lengths, new Uint8Array(size));
    this.last = copy(this.last, new Uint8Array(size * schedstatSize));
    this.statusFds = copy(this.statusFds, new Int32Array(size).fill(closed));
    this.states = copy(this.states, new Uint8Array(size));
    this.times = copy(this.times, new Float64Array(2 * size));
    this.cpu = copy(this.cpu, new Float64Array(size).fill(-1));
    this.doubts = copy(this.doubts, new Uint8Array(size));
    this.stale = copy(this.stale, new Uint8Array(size));
    this.gone = copy(this.gone, new Uint8Array(size));
  }
}
