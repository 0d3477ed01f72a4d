import type { CodePlace } from '../cpython/coroutines.ts';

export interface GreenletRecord {
  /** Name of its class: "greenlet", "Greenlet" of gevent. */
  readonly type: string;
  /** Where it is in memory, hexadecimal: as `repr` shows it. */
  readonly id: string;
  readonly condition: 'running' | 'suspended';
  /** Outermost first; empty for one that runs, which is in samples. */
  readonly stack: readonly CodePlace[];
  /** Index of its parent; −1: it has none, as a thread's main greenlet. */
  readonly parent: number;
  /** It was switched to while it was read. */
  readonly moved: boolean;
  readonly complete: boolean;
}

/** All greenlets of a process that have begun and not ended. */
export interface GreenletSnapshot {
  readonly pid: number;
  readonly pythonVersion: string;
  /** For resolving relative file names; null if it can't be known. */
  readonly workingDirectory: string | null;
  /** The program has imported greenlet, be it through gevent. */
  readonly isImported: boolean;
  readonly greenlets: readonly GreenletRecord[];
  /** Lists of objects that changed too much to be followed: more than 0 says that some greenlets may be missing. */
  readonly unreadable: number;
  /** There are more greenlets than are looked at (131 072): some are missing. */
  readonly isCut: boolean;
}
