import type { ByteSource } from '../binary/byteSource.ts';
import type { Memory } from '../memory/memory.ts';

/**
 * What Heatline needs of an operating system. One implementation per system; nobody else calls
 * system libraries or reads /proc.
 */
export interface System {
  readonly name: NodeJS.Platform;
  readonly clock: Clock;

  /** Opens a process's memory for reading. @throws TargetError when there is none or we may not. */
  openMemory(pid: number): ProcessMemory;
  openThreadStates(pid: number): ThreadStates;
  /** For the thread that calls it. Missing where the system has no such thing. */
  openCorePlace?(): CorePlace;

  /** The kernel's ids of a process's threads, in no particular order; empty when it is gone. */
  threadIds(pid: number): number[];
  /** How the process itself numbers its threads, where that differs from `threadIds`: in a container. Null where it does not. */
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

  /** Ids of the processes that a process's threads started and that are not reaped yet. */
  childIds(pid: number): number[];
  /**
   * Id of the process or thread that was created last, of all we can see; 0 where the system does not tell. As long as it stays
   * the same nothing was started. What has this id may not be there yet, or not any more.
   */
  lastCreatedId(): number;
  /** Id of the process that started this one; 0 when nothing has this id, −1 when a thread has it. */
  parentId(pid: number): number;

  /** Ids of all processes we can see. */
  processIds(): number[];
  /** What the system says of a process; null when it is gone (or a kernel thread or zombie). */
  processFacts(pid: number): ProcessFacts | null;
  /** µs of CPU time a process has used, all threads; −1 when it is gone. */
  processCpu(pid: number): number;
  /** Tells the program a process runs now from the one it ran, or another process with its id, before. */
  execution(pid: number): Execution | null;
}

/** A live process's memory. */
export interface ProcessMemory extends Memory {
  readonly pid: number;
  /** True once a read failed because the process has no memory any more (it ended). */
  readonly gone: boolean;
  /**
   * Whether the process still has this memory: it neither ended nor executed another program, not even the same one at the same place. True where that is not
   * known. A system call: not for each sample.
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
   * Whether the thread runs, waits for a core or for something else. One that was just woken may count as waiting until it gets a core, and one
   * that lost its core for the first time in a while as running until it has one again. Where the system does not tell
   * those without a core apart, they are running. Waiting for one that is gone; never throws.
   */
  look(slot: number): ThreadState;
  /**
   * Whether the thread waited when it was looked at last, and certainly has not run since. Costs as much as `look`, and is a look as well.
   * May be false of one that stood still.
   */
  stoodStill(slot: number): boolean;
  /**
   * The core that a thread runs on or is ready to run on. Who asks runs on a core itself, so that a thread which is ready on that one stands still.
   * @returns −1 when it waits, or is gone
   */
  readyOn(slot: number): number;
  /**
   * Whether a thread that was ready at the last `look` has had a core since. Costs less than a look, and is none. False where that is not known.
   */
  hasRun(slot: number): boolean;
  /**
   * µs of CPU time the thread had used at the last look, as far as the system had settled it: Linux does so when a thread leaves its core and at each tick of its
   * scheduler, every 1–10 ms. −1 where it is not known, for instance because too many files are open.
   */
  cpuTime(slot: number): number;
  /** Whether a look found that the thread is gone, though another one may have its id by now. May be false of one that is gone. */
  isGone(slot: number): boolean;
  close(): void;
}

/** The ids that the threads of a process have in its own namespace of ids. */
export interface NamespaceIds {
  /** Of all its threads there are now. */
  own(): number[];
  /** Our ids for these, in the same order; −1 for one that is no thread of it (any more). What is not positive stays as it is. */
  ours(own: readonly number[]): number[];
}

/**
 * Which core the calling thread runs on. What ran on it is kept from running for as long as the caller runs there, and stands where it was when the
 * caller's sleep ended: at an instant that does not depend on what it does.
 */
export interface CorePlace {
  /** The only core it runs on; −1: the system chooses. */
  readonly core: number;
  /** @returns false when it may not run there; then it runs where it did */
  moveTo(core: number): boolean;
  /** Leaves that core, if there is another one, and lets the system choose. */
  leave(): void;
}

export interface Clock {
  /** µs of a clock that never jumps; its zero is arbitrary. */
  monotonic(): number;
  /** µs of CPU time used by the calling thread. */
  threadCpu(): number;
  /** Lets the calling thread's sleeps end at most about `nanoseconds` late, where the system can. */
  setTimerSlack(nanoseconds: number): void;
  /**
   * Lets the calling thread's sleeps end at once on a core where another thread has just begun to run, where the system can: it is put on the core for shorter turns,
   * and sooner for that.
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
  readonly userId: number;
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
}

export function sameExecution(a: Execution, b: Execution): boolean {
  return a.startTime === b.startTime && a.file === b.file && a.stackStart === b.stackStart;
}
