import type { CoreSignal } from '../coreDump/coreNotes.ts';

/** A local variable, argument, or variable of a class's or module's body. */
export interface LocalRecord {
  readonly name: string;
  /** Hexadecimal. */
  readonly address: string;
  readonly isArgument: boolean;
  /** cell: functions inside of it use it; free: it is one of a function outside. */
  readonly kind: 'local' | 'cell' | 'free' | 'namespace';
  /** What it is, as its `repr` would write it. */
  readonly text: string;
}

/** A frame of a thread's stack. */
export interface FrameRecord {
  readonly function: string;
  readonly file: string;
  /** 0 for none. */
  readonly line: number;
  /** Where the expression is that it executes (3.11+): lines, and columns in bytes of UTF-8 from 0, the end exclusive; else null. */
  readonly expression: { readonly line: number; readonly endLine: number; readonly start: number; readonly end: number } | null;
  /** Null: they were not asked for. */
  readonly locals: readonly LocalRecord[] | null;
}

/** A frame of machine code: C, C++, Rust, Cython. */
export interface NativeFrameRecord {
  /** As people write it; of code without a name the library's, and where in it the function begins. */
  readonly function: string;
  /** Path of the source, as the compiler had it; null: it is not known. */
  readonly source: string | null;
  /** 0: it is not known. */
  readonly line: number;
  /** It has no frame of its own: the compiler put it into the function that called it. */
  readonly isInlined: boolean;
  /** Path, or "[vdso]"; null: the code is in no file. */
  readonly library: string | null;
  /** Hexadecimal: where it stands, or a call returns to. */
  readonly address: string;
  /** It was found without the library saying how: by a frame pointer, or by looking through the stack. */
  readonly isGuessed: boolean;
  /** Of the interpreter what is there for every call alike, and of the C library how threads and programs start. */
  readonly isInterpreters: boolean;
}

/** A thread's native frames among its Python ones. */
export interface NativeStack {
  /** Innermost first; a number is an index of the thread's Python frames, all of which are there. */
  readonly frames: readonly (NativeFrameRecord | number)[];
  /** Whether all Python frames have their places. */
  readonly isMerged: boolean;
  /** Why there are no native frames, or not all, for people; null: all are there. */
  readonly problem: string | null;
}

/** What a thread waits for, as far as its frames tell. */
export interface WaitRecord {
  /** What kind of thing, and where it is: "RLock 0x7f…". */
  readonly what: string;
  /** Index of the thread that holds it, or is waited for; null: it is not known, see `why`. */
  readonly owner: number | null;
  /** Why no owner is known, for people; null: one is. */
  readonly why: string | null;
}

/** A thread that has a Python thread state. */
export interface ThreadDump {
  /** The system's id. */
  readonly osThreadId: number;
  /** `threading.get_ident()`, decimal. */
  readonly pythonThreadId: string;
  readonly interpreterId: number;
  readonly name: string | null;
  /** running: on a core; ready: waits for one; waiting: for something else. */
  readonly state: 'running' | 'ready' | 'waiting';
  readonly holdsGil: boolean;
  /** The garbage collector runs in it. */
  readonly collects: boolean;
  /** Innermost first. */
  readonly frames: readonly FrameRecord[];
  /** Why the stack ends early; null: it is complete. */
  readonly problem: string | null;
  readonly wait: WaitRecord | null;
  /** Null: it was not asked for, or no thread's can be had. */
  readonly native: NativeStack | null;
}

/** How the moment that a dump shows came about. */
export interface Moment {
  /** All of it is of one instant. */
  readonly isInstant: boolean;
  /** paused: the running thread stood still for it; waiting: no thread ran; running: it was read as it ran; dumped: of a core dump. */
  readonly how: 'paused' | 'waiting' | 'running' | 'dumped';
  /** µs for which it stood still for us. */
  readonly pause: number;
  /** For people, where it is no instant. */
  readonly why: string | null;
}

/** Where a core dump is, and what it was written for. */
export interface CoreRecord {
  readonly file: string;
  /** Null: a debugger wrote it while the program lived. */
  readonly signal: CoreSignal | null;
  /** Files that were used although nothing in the dump tells whether they are still those that ran. */
  readonly unchecked: readonly string[];
}

/** All threads of a process, once. */
export interface DumpSnapshot {
  readonly pid: number;
  readonly parentPid: number | null;
  readonly commandLine: readonly string[];
  readonly executable: string | null;
  readonly workingDirectory: string | null;
  readonly pythonVersion: string;
  readonly moment: Moment;
  /** The core dump that it is read from; null: it lives. */
  readonly core: CoreRecord | null;
  readonly threads: readonly ThreadDump[];
  /** What could not be read, for people. */
  readonly problems: readonly string[];
}

export interface DumpOptions {
  /** none; short: cut after some characters; long: after many. */
  readonly locals: 'none' | 'short' | 'long';
  /** Never takes a running program's core from it for the look, and stops none of its threads. */
  readonly neverStop: boolean;
  /** Native frames, too. Threads that run are stopped for a moment for it, unless `neverStop`. */
  readonly native: boolean;
  /** Folders of ours with separate debug files of native code, laid out as /usr/lib/debug. */
  readonly debugFolders?: readonly string[];
}
