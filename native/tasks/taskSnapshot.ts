import type { CodePlace } from '../cpython/coroutines.ts';

export type { CodePlace } from '../cpython/coroutines.ts';

/** An event loop that has tasks. */
export interface LoopRecord {
  /** Name of its class. */
  readonly type: string;
  readonly interpreterId: number;
  /** The system's id of the thread it runs in; null when it does not run, or does not tell (uvloop before 3.14). */
  readonly threadId: number | null;
  /** What `threading` calls that thread; null when that can't be found out. */
  readonly threadName: string | null;
}

/** running: executes now; waiting: for a future; ready: will go on in the loop's next round. */
export type TaskCondition = 'running' | 'waiting' | 'ready';

export interface TaskRecord {
  readonly name: string;
  readonly condition: TaskCondition;
  /** Index of its loop. */
  readonly loop: number;
  /** Where it is: its coroutine first, what that awaits next, the innermost last. Of a running task down to the running function. */
  readonly stack: readonly CodePlace[];
  /** What the innermost coroutine awaits: name of a type, for instance "Future"; empty when it is not known. */
  readonly awaits: string;
  /** Indices of the tasks that await it. */
  readonly awaitedBy: readonly number[];
  /** It went on while it was read: what is said of it may be of two moments. */
  readonly moved: boolean;
  /** Its stack could be read down to what it awaits. */
  readonly complete: boolean;
}

/** All tasks of a process that are not done. */
export interface TaskSnapshot {
  readonly pid: number;
  readonly pythonVersion: string;
  /** For resolving relative file names; null if it can't be known. */
  readonly workingDirectory: string | null;
  /** The program has imported asyncio. */
  readonly isImported: boolean;
  /** Who awaits whom is what the interpreter keeps of it (3.14+); before, it is put together from awaits, `gather` and `TaskGroup`. */
  readonly exact: boolean;
  readonly loops: readonly LoopRecord[];
  readonly tasks: readonly TaskRecord[];
  /** Tasks and lists of tasks that could not be read: more than 0 says that some are missing. */
  readonly unreadable: number;
  /** There are more tasks, or more that await one of them, than are looked at (`taskLimits`): some are missing. */
  readonly isCut: boolean;
}
