import type { ByteSource } from '../binary/byteSource.ts';
import type { Memory } from '../memory/memory.ts';
import type { CorePlace } from './pauses.ts';
import type { ThreadContexts } from './threadContexts.ts';

/** What is asked of a process to find Python in it and to read its threads, whether it lives or is a core dump. */
export interface ProcessSource {
  /** Bytes of the pages that files are mapped in. */
  readonly pageSize: number;
  /** Bytes of C's `unsigned long` in the programs that it runs. */
  readonly longSize: 4 | 8;

  /** Opens a process's memory for reading. @throws TargetError when there is none or we may not. */
  openMemory(pid: number): ProcessMemory;
  openThreadStates(pid: number): ThreadStates;

  /** The kernel's ids of a process's threads, in no particular order; empty when it is gone. */
  threadIds(pid: number): number[];
  /** How the process itself numbers its threads, where that differs from `threadIds`, as in a container; null where it does not. */
  openNamespaceIds(pid: number): NamespaceIds | null;
  /** The name the system knows a thread by (Linux: at most 15 bytes), null when it is gone. */
  threadName(pid: number, threadId: number): string | null;

  /** Files mapped into a process, the executable first. @throws TargetError */
  mappedFiles(pid: number): MappedFile[];
  /**
   * Opens a mapped file's content: the very file that is mapped, also when it is deleted or lives
   * in another mount namespace. Null when that file can't be had any more.
   */
  openMappedFile(pid: number, file: MappedFile): MappedContent | null;

  /** What the system says of a process; null when it is gone (or a kernel thread or zombie). */
  processFacts(pid: number): ProcessFacts | null;
  /** Identifies the program that a process runs now: differs once it executes another, or another process has its id. */
  execution(pid: number): Execution | null;
}

/**
 * What Heatline needs of an operating system. One implementation per system; nobody else calls
 * system libraries or reads /proc.
 */
export interface System extends ProcessSource {
  readonly name: NodeJS.Platform;
  readonly clock: Clock;
  /** For the thread that calls it. Missing where the system has no such thing. */
  openCorePlace?(): CorePlace;
  /** Registers of a process's threads. Missing where the system or its processor has no such thing yet. */
  openThreadContexts?(pid: number): ThreadContexts;

  /**
   * Bytes of code that are mapped into a process: differs when libraries were loaded since. −1 where the system does not tell. Costs
   * much less than a look at the files.
   */
  codeSize(pid: number): number;

  /** Ids of the processes that a process's threads started and that are not reaped yet. */
  childIds(pid: number): number[];
  /**
   * Id of the process or thread created last, of all we can see; 0 where the system does not tell. While it stays the same, nothing
   * was started. That process may not exist yet, or no longer.
   */
  lastCreatedId(): number;
  /** Id of the process that started this one; 0 when nothing has this id, −1 when a thread has it. */
  parentId(pid: number): number;

  /**
   * The process that leads the group a process is in, which shells make for each job: it may have ended. 0 where there is nothing of the
   * kind, or it is not known.
   */
  groupLeader(pid: number): number;

  /** Ids of all processes we can see. */
  processIds(): number[];
  /** µs of CPU time a process has used, all threads; −1 when it is gone. */
  processCpu(pid: number): number;
  /**
   * Which of the processes that are known a process stems from that has lost its parent, asked of who may see more than we do; 0:
   * none, or nobody knows. Missing where `execution` tells as much as that.
   * @param parent who takes it in, as far as is known
   */
  originOf?(pid: number, parent: number): number;
}

/** A live process's memory. */
export interface ProcessMemory extends Memory {
  readonly pid: number;
  /** True once a read has failed because the process has ended. */
  readonly gone: boolean;
  /**
   * Whether the process still has this memory: it has neither ended nor executed a program since, not even the same one. True where
   * that is not known. Takes a system call, so not for every sample.
   */
  isAlive(): boolean;
}

/** What a thread does, as far as the system knows. */
export const ThreadState = {
  /** For something else than a core, or gone. */
  Waiting: 0,
  /** On a core. */
  Running: 1,
  /** It could run and waits for a core. */
  Ready: 2,
} as const;
export type ThreadState = (typeof ThreadState)[keyof typeof ThreadState];

/** Answers, per thread and cheaply, whether it runs or waits, and how long it has run. */
export interface ThreadStates {
  /** @returns a slot for the other calls; slots of untracked threads are used again. */
  track(threadId: number): number;
  untrack(slot: number): void;
  /**
   * Whether the thread runs, waits for a core or for something else. One that was just woken may count as waiting until it gets a
   * core, and one that lost its core for the first time in a while as running until it has one again. Where the system does not
   * tell those without a core apart, they are running. Waiting for one that is gone; never throws.
   */
  look(slot: number): ThreadState;
  /**
   * Whether the thread waited when it was looked at last, and certainly has not run since. Costs as much as `look`, and is a look as well.
   * May be false of one that stood still.
   */
  stoodStill(slot: number): boolean;
  /**
   * The core that a thread runs on or is ready to run on. Who asks runs on a core itself, so that a thread which is ready on that
   * one stands still. A look at its times as well, for `cpuTime`, `hasRun` and `isGone`, and cheaper than `look`.
   * @returns −1 when it waits, or is gone
   */
  readyOn(slot: number): number;
  /**
   * Whether a thread that was ready at the last `look` or `readyOn` has had a core since. Costs less than a look, and is none. False where
   * that is not known.
   */
  hasRun(slot: number): boolean;
  /**
   * µs of CPU time the thread had used at the last look, as far as the system had settled it: Linux does so when a thread leaves
   * its core and at each tick of its scheduler, every 1–10 ms. −1 where it is not known, for instance because too many files are
   * open.
   */
  cpuTime(slot: number): number;
  /** Whether a look found that the thread is gone, though another one may have its id by now. May be false of one that is gone. */
  isGone(slot: number): boolean;
  close(): void;
}

/** The ids that a process's threads have in its own namespace. */
export interface NamespaceIds {
  /** Of all the threads it has now. */
  own(): number[];
  /** Our ids for these, in the same order; −1 for one that is not, or no longer, a thread of it. Ids below 1 stay as they are. */
  ours(own: readonly number[]): number[];
}

export interface Clock {
  /** µs of a clock that never jumps; its zero is arbitrary. */
  monotonic(): number;
  /** µs of CPU time used by the calling thread. */
  threadCpu(): number;
  /** Sleeps for so many µs, which nothing ends sooner but a signal. Costs less than Atomics.wait, mostly where that is not in the caches any more. */
  sleep(microseconds: number): void;
  /** Lets the calling thread's sleeps end at most about `nanoseconds` late, where the system can. */
  setTimerSlack(nanoseconds: number): void;
  /**
   * Lets the calling thread's sleeps end at once on a core where another thread has just begun to run, where the system can: it
   * is put on the core for shorter turns, and sooner for that.
   */
  askForShortSlices(): void;
}

export interface MappedFile {
  /** As the target's mount namespace names it, without a " (deleted)" mark. */
  readonly path: string;
  readonly deleted: boolean;
  /** "major:minor", hexadecimal, as the kernel prints it; may differ from stat's (btrfs, overlayfs). */
  readonly device: string;
  readonly inode: number;
  readonly mappings: readonly Mapping[];
}

export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly fileOffset: number;
  readonly executable: boolean;
}

export interface MappedContent {
  readonly source: ByteSource;
  /** Equal for equal content: device, inode, size and times of change. */
  readonly key: string;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** The system's short name of it (Linux: comm, at most 15 bytes). */
  readonly name: string;
  readonly commandLine: readonly string[];
  /** Null when we may not know. */
  readonly executable: string | null;
  readonly workingDirectory: string | null;
  /** Null when the user id has no name we can find. */
  readonly user: string | null;
  /** Whether it is the user that we run as. */
  readonly isOwn: boolean;
  /** ms since 1970. */
  readonly startedAt: number;
}

export interface Execution {
  /** When the process started, in the system's own units since boot. */
  readonly startTime: number;
  /** Null when we may not know. */
  readonly executable: string | null;
  /** Identity of the executable's file: stays when that is renamed or deleted. Null when we may not know. */
  readonly file: string | null;
  /** Differs after an exec, even of the same executable; 0 when we may not know. */
  readonly stackStart: number;
  /** Whether that place was chosen at random, so that only copies of a process (fork) share it. */
  readonly stackIsDrawn: boolean;
}

/**
 * Whether one is a copy of the other, or both are copies of a third (fork), and neither has executed anything since. Where
 * addresses are not random, it may be the same program started twice.
 */
export function isCopy(a: Execution, b: Execution): boolean {
  return a.stackStart > 0 && a.stackStart === b.stackStart && a.file !== null && a.file === b.file;
}

export function sameExecution(a: Execution, b: Execution): boolean {
  return a.startTime === b.startTime && a.file === b.file && a.stackStart === b.stackStart;
}
