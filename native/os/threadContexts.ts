import type { ByteSource } from '../binary/byteSource.ts';

/**
 * Where a thread stands in machine code: its registers, by the numbers that DWARF has for them on its processor (System V psABI,
 * figure 3.36 for x86-64: 7 is the stack pointer, 16 the return address, here the instruction pointer).
 */
export class ThreadContext {
  /** Two 32-bit words a register, the lower one first. */
  readonly words = new Int32Array(2 * registerCount);
  /** A bit for each register that is known. */
  known = 0;
  /** µs of the system's clock: a thread that was stopped has not stood still for that before. */
  stoppedSince = 0;
  /** Whether it is in a system call, where the system says so. */
  isInSystemCall = false;

  set(register: number, low: number, high: number): void {
    this.words[2 * register] = low;
    this.words[2 * register + 1] = high;
    this.known |= 1 << register;
  }

  /** Exact below 2^53, as all addresses are. */
  get(register: number): number {
    return (this.words[2 * register]! >>> 0) + (this.words[2 * register + 1]! >>> 0) * 2 ** 32;
  }
}

/** As many as x86-64 has, the instruction pointer included. */
export const registerCount = 17;

/** A part of a process's memory. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly executable: boolean;
  /** What the system calls it: a path, "[vdso]", "[stack]"; empty for memory without a name. */
  readonly name: string;
}

/** Why a thread was not stopped. */
export type StopObstacle =
  /** It has ended. */
  | 'gone'
  /** It is one of a process that we started: what it tells us of its stop is taken by the runtime we run in. */
  | 'own-child'
  /** Another program traces it, for instance a debugger. */
  | 'traced'
  /** The system does not let us. */
  | 'no-right'
  /** It did not come to a stop in time, for instance because a disk did not answer. It goes on when it has. */
  | 'late';

/** Registers of a process's threads. For the thread that made it alone: whom a thread has stopped it alone can look at. */
export interface ThreadContexts {
  /** Why none of the threads can be stopped; null: it can be tried. */
  readonly stopObstacle: StopObstacle | null;
  /** All that is mapped now, in the order of its addresses. */
  regions(): readonly Region[];
  /**
   * Where a thread waits: stack pointer and instruction pointer, nothing else. It is not stopped for it.
   * @returns false when it does not wait, is gone, or we may not know
   */
  waiting(threadId: number, context: ThreadContext): boolean;
  /** Stops a thread and fills in all of its registers. Takes some 20 µs, or ms where it gets no core. It stands still until `release`. */
  stop(threadId: number, context: ThreadContext): StopObstacle | null;
  /**
   * The same in two parts, for who runs on the core that the thread was taken off, and where it has to be to stop. From `interrupt` on it
   * executes nothing of its program any more. `awaitInterrupted` has to follow, and waits for as long as the thread waits for the core, but
   * half a second at most.
   */
  interrupt(threadId: number): StopObstacle | null;
  awaitInterrupted(threadId: number, context: ThreadContext): StopObstacle | null;
  /**
   * Lets all go on that were stopped.
   * @param awaitsLate waits for those that were late, too; else this is to be called again soon, as they stand still when they have stopped
   */
  release(awaitsLate: boolean): void;
  /** Whether there are some that will stop, or end, as soon as they can, and have to be let go then. */
  readonly owesRelease: boolean;
  /** Content of a file by its path in the process's own file system; null when it can't be had. */
  openFile(path: string): ByteSource | null;
  /** What the process says of code that it generated (/tmp/perf-PID.map), if it is its own; null: nothing. */
  openGeneratedCode(): ByteSource | null;
}
