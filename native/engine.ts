import type { ProfileDelta } from '../profile/delta.ts';
import type { SamplingOptions } from './samplingOptions.ts';

/** Which process is sampled, and how. Times in ms. */
export interface EngineOptions extends SamplingOptions {
  readonly pid: number;
  /** With `subprocesses`: what is not Python is waited for until something below it is; at most `duration`. */
  readonly waits?: boolean;
  /**
   * The process was just started: waits until it is Python, and goes on when it executes another program.
   * What never becomes Python fails when it ends, with what was last seen of it.
   */
  readonly launched?: boolean;
  /** ms between deltas; 250 unless told. */
  readonly deltaInterval?: number;
}

/** Looks per second at most where native frames are read. */
export const fastestNative = 1000;

/** What `EngineOptions.maxStopped` is unless told. */
export const defaultMaxStopped = { usual: 0.01, blocking: 0.1, native: 0.1 } as const;

/** What can be looked at, once: asyncio's tasks; greenlets; or all threads, and both of these with them. */
export type LookKind = 'tasks' | 'greenlets' | 'threads';

/** What not every Python shows. */
export type HiddenKind = Exclude<LookKind, 'threads'>;

/** Why that can't be seen in a process. */
export type LookObstacle =
  | 'version' // before Python 3.8
  | 'free-threaded' // nothing leads to what is looked for in such a build
  | 'layout'; // what the program says of its memory makes no sense

/** Why a session ended by itself or was ended. */
export type EndReason =
  | 'stopped' // stop() was called
  | 'duration' // the asked duration is over
  | 'exited' // the process is gone
  | 'replaced'; // the process executes another program now (exec)

/** Pythons that are not read: others than CPython, and CPython as a 32-bit program. */
export const otherPythons = ['PyPy', 'GraalPy', 'Jython', 'IronPython', 'MicroPython', '32-bit'] as const;
export type OtherPython = (typeof otherPythons)[number];

/** Why a process can't be profiled, with the facts a message for the user needs. */
export type EngineFailure =
  | { readonly code: 'unsupported-system'; readonly system: string }
  | { readonly code: 'no-such-process'; readonly pid: number }
  | { readonly code: 'permission-denied'; readonly pid: number; readonly owner: string | null; readonly reason: AccessObstacle }
  | { readonly code: 'not-python'; readonly pid: number; readonly executable: string; readonly below?: readonly number[] } // below: processes it started that are Python
  | { readonly code: 'other-python'; readonly pid: number; readonly executable: string; readonly kind: OtherPython }
  | { readonly code: 'unsupported-version'; readonly pid: number; readonly version: string; readonly detail: string }
  | {
      readonly code: 'not-visible';
      readonly pid: number;
      readonly version: string;
      readonly what: HiddenKind;
      readonly reason: LookObstacle;
    } // it can be sampled, but has not that
  | { readonly code: 'not-native'; readonly pid: number; readonly reason: NativeObstacle } // it can be sampled, but not its native frames
  | { readonly code: 'not-ready'; readonly pid: number; readonly below?: readonly number[] } // no thread of Python, which is starting up, shutting down or not used; below: processes it started that have one
  | { readonly code: 'ended-early'; readonly pid: number; readonly executable: string } // it was started to be sampled, and ended before Python had begun to run its program
  | { readonly code: 'unreadable'; readonly pid: number; readonly detail: string } // memory does not make sense
  | { readonly code: 'not-elevated'; readonly pid: number; readonly reason: ElevationObstacle; readonly detail: string }
  | { readonly code: 'internal'; readonly detail: string };

/** Why native frames can't be read. */
export const nativeObstacles = [
  'unsupported', // on this system, or processor
  'never-stop', // it is to be looked at as it runs
  'own-child', // the sampling process started it, and would take its stops for its end
  'traced', // another program traces it, for instance a debugger
  'no-right', // the system lets us read it, but not stop it
] as const;
export type NativeObstacle = (typeof nativeObstacles)[number];

/** What stands between us and the target's memory, found out after a real EPERM. */
export type AccessObstacle =
  | 'other-user'
  | 'ptrace-scope' // Yama's 1: only ancestors, and whom the process allows
  | 'ptrace-scope-root' // 2: only with CAP_SYS_PTRACE
  | 'ptrace-scope-nobody' // 3
  | 'not-dumpable'
  | 'missing-capability'
  | 'hidden'
  /** Although we have the right to read any: a security module, a filter. */
  | 'even-root'
  | 'unknown';

/** Why the helper that was to read the process as root did not get to it. */
export type ElevationObstacle =
  | 'dismissed' // the user closed the prompt
  | 'refused' // wrong password, or not a user who may
  | 'unavailable' // nothing on this system could ask, or what asks could not be started
  | 'no-answer' // the prompt was not answered in time
  | 'unsafe' // others could change what would be started as root
  | 'broken'; // the helper ended early, or what it said made no sense

export type EngineEvent =
  | { readonly type: 'waiting' } // no Python there yet, which is waited for; at most once, before `started`
  | { readonly type: 'started'; readonly pid: number; readonly pythonVersion: string; readonly epoch: number } // epoch: ms since 1970 at session time 0
  | { readonly type: 'delta'; readonly delta: ProfileDelta }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'ended'; readonly reason: EndReason }
  | { readonly type: 'failed'; readonly failure: EngineFailure };

/**
 * A running engine. After `started`, before which `waiting` may come, deltas come until exactly one `ended` or `failed`, the last
 * event of all; `ended` follows the delta that holds the last samples.
 */
export interface Engine {
  pause(): void;
  resume(): void;
  /** Ends sampling; the events that are still due come first. Harmless when it has ended. */
  stop(): void;
}

export type EngineListener = (event: EngineEvent) => void;
