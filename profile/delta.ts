/**
 * What an engine adds to a profile, a few times a second. Deltas cross thread and process borders,
 * so they are plain data: records for the rare things, columns of integers for the many.
 *
 * Ids are dense and implicit: the first function of a delta gets the id "number of functions so
 * far", the next one that plus 1, and so on; the same for frames, stacks, threads and processes.
 * Only stacks start at 1, because stack 0 is the empty stack (a thread with no Python frame).
 */
export interface ProfileDelta {
  /** 0 for the first delta of a session; a gap means one was lost. */
  readonly sequence: number;
  /** How far time has been covered, in µs since the session's start. */
  readonly until: number;
  readonly processes: readonly ProcessRecord[];
  /** Names of processes that were found out later. */
  readonly processChanges?: readonly ProcessChange[];
  readonly threads: readonly ThreadRecord[];
  /** Changes to threads that are known already (a name found out later, an end). */
  readonly threadChanges: readonly ThreadChange[];
  readonly functions: readonly FunctionRecord[];
  /** Names of opcodes not seen before, for `frames.instructions`. */
  readonly opcodes?: readonly string[];
  readonly frames: FrameColumns;
  readonly stacks: StackColumns;
  readonly runs: RunColumns;
  /** Absent: nothing was cut. */
  readonly cut?: CutCalls;
  /** Figures of the whole session so far, not of this delta alone. */
  readonly quality: Quality;
}

export interface ProcessRecord {
  readonly pid: number;
  /** Id (not pid) of the profiled process that started this one, or null for a root. */
  readonly parent: number | null;
  /** What to call it: its name in `multiprocessing`, the script's or module's name, else the executable's. */
  readonly name: string;
  readonly commandLine: readonly string[];
  readonly executable: string;
  /** For resolving relative file names; null if it can't be known. */
  readonly workingDirectory: string | null;
  /** For instance "3.12.1" or "3.14.0rc2". */
  readonly pythonVersion: string;
  readonly startedAt: number;
}

export interface ProcessChange {
  readonly process: number;
  readonly name: string;
}

export interface ThreadRecord {
  /** Id (not pid) of its process. */
  readonly process: number;
  /** The kernel's id (on Linux the TID). */
  readonly osThreadId: number;
  /** CPython's `threading.get_ident()`, decimal: it may exceed 2^53. */
  readonly pythonThreadId: string;
  /** Id of the (sub-)interpreter it runs in; 0 is the main one. */
  readonly interpreterId: number;
  readonly name: string;
  readonly isMain: boolean;
  /** µs since the session's start. */
  readonly startedAt: number;
}

export interface ThreadChange {
  readonly thread: number;
  readonly name?: string;
  /** µs since the session's start. */
  readonly endedAt?: number;
}

export interface FunctionRecord {
  /** `co_qualname` where there is one (3.11+), else `co_name`. Of a native one, what its library calls it. */
  readonly name: string;
  /**
   * `co_filename` as the target spells it: absolute, relative, or `<string>` and the like. Of a native function the path of its source as
   * the compiler had it; where that is not known, of the library or program that it is in; empty where it is in none.
   */
  readonly file: string;
  /** `co_firstlineno`: the line of `def`, or of its first decorator. 0 of a native one. */
  readonly firstLine: number;
  /** Native: machine code that is not Python's, of C and others. Absent: Python's, or what stands for something else. */
  readonly kind?: 'native';
  /** Path of the library or program that a native function is in, where `file` is its source. */
  readonly library?: string;
}

/** Whether time in it is the time of the Python line that called it. */
export function isNative({ kind }: FunctionRecord): boolean {
  return kind === 'native';
}

/** Stands for native frames that could not be read, innermost of the Python frames that could. */
export const nativeNotReadFunction: FunctionRecord = { name: '(native frames not read)', file: '', firstLine: 0, kind: 'native' };

/**
 * Stands for the system, innermost of native frames: the thread was in a system call, whether it ran there or waited. What an interrupt or a page
 * fault does there counts for the code that it met.
 */
export const kernelFunction: FunctionRecord = { name: '(kernel)', file: '', firstLine: 0, kind: 'native' };

export function isKernel({ name, file, kind }: FunctionRecord): boolean {
  return kind === 'native' && file === '' && name === kernelFunction.name;
}

export function isNativeNotRead({ name, file, kind }: FunctionRecord): boolean {
  return kind === 'native' && file === '' && name === nativeNotReadFunction.name;
}

/**
 * Stands for what was called where a stack could not be read to its end, innermost in the stacks of partial samples: it has no file and
 * no line. No function that Python made has such a name and no file.
 */
export const notReadFunction: FunctionRecord = { name: '(not read)', file: '', firstLine: 0 };

export function isNotRead({ name, file }: FunctionRecord): boolean {
  return file === '' && name === notReadFunction.name;
}

/**
 * Stands for what Python does in its main thread before it runs the first line and after the last: it starts, compiles the
 * program, clears modules. Only of processes that were seen from their start.
 */
export const startAndEndFunction: FunctionRecord = { name: '(Python starts or ends)', file: '', firstLine: 0 };

export function isStartOrEnd({ name, file }: FunctionRecord): boolean {
  return file === '' && name === startAndEndFunction.name;
}

/** A frame is a function at a line; where that was asked for, at one instruction of it. */
export interface FrameColumns {
  readonly functions: Uint32Array;
  /** 0 where the instruction has no line. */
  readonly lines: Uint32Array;
  /** Absent: frames are told apart by their lines alone. Several frames may have the same function and line otherwise. */
  readonly instructions?: InstructionColumns;
}

/**
 * The instruction each frame is at. The expression it belongs to begins in the frame's line. Columns are
 * bytes of UTF-8 from the line's start (as `co_positions()` counts them) plus 1; both 0 where they are not known.
 */
export interface InstructionColumns {
  /** Number of the opcode's name plus 1; 0 where it is not known, or the frame has no instruction (an asyncio task). */
  readonly opcodes: Uint32Array;
  /** Bytes from the start of the code object's bytecode (as `f_lasti`), of the instruction itself and not of its prefixes. */
  readonly offsets: Uint32Array;
  /** 0 where it is not known. */
  readonly endLines: Uint32Array;
  readonly startColumns: Uint32Array;
  /** Behind the last byte. */
  readonly endColumns: Uint32Array;
}

/** The columns in the order in which rows of them are written. */
export const instructionColumns = [
  'opcodes',
  'offsets',
  'endLines',
  'startColumns',
  'endColumns',
] as const satisfies readonly (keyof InstructionColumns)[];

/** Makes each column by its name. */
export function mapInstructionColumns<T>(
  column: (name: keyof InstructionColumns, index: number) => T,
): Record<keyof InstructionColumns, T> {
  return Object.fromEntries(instructionColumns.map((name, index) => [name, column(name, index)])) as Record<keyof InstructionColumns, T>;
}

/** A stack is a leaf frame on top of a parent stack; parent 0 ends the chain at the root. */
export interface StackColumns {
  readonly parents: Uint32Array;
  readonly frames: Uint32Array;
}

/**
 * What was cut off the stacks of samples, as a profile keeps only so many kinds of stacks: which lines and functions were there,
 * so that what they took in all can be told, though not who called whom. Stacks have one frame here: of a line, without a line
 * for a function at whatever line, or with an instruction for an expression at whatever offset; those in the part of the stack that was kept are left out, and of each sample every line,
 * function and expression counts once. Where functions share a line of a file, only one of them counts for that: the others' stacks have their
 * function below. The samples themselves are among the runs, with the part that was kept. Runs lump together what a delta has of
 * a thread, stack and flags; they have no CPU time.
 */
export interface CutCalls {
  readonly calls: RunColumns;
  /** The innermost frames. */
  readonly leaves: RunColumns;
}

/** Runs of equal samples of one thread: same stack, same flags, nothing in between. */
export interface RunColumns {
  readonly threads: Uint32Array;
  /** 0: no Python frame. */
  readonly stacks: Uint32Array;
  /** Time of the first sample, µs since the session's start. */
  readonly starts: Float64Array;
  /** µs these samples stand for: each weighs the real time since the sample before it. */
  readonly durations: Float64Array;
  /** Number of samples in the run, at least 1. */
  readonly counts: Uint32Array;
  /**
   * µs of CPU the thread used from the sample before the run to the run's last one. Systems settle it late (Linux: at ticks of
   * 1–10 ms), so that of a short run it says little and may exceed its duration; the sum over a thread's runs is right to a tick.
   * Where the system does not tell, all the time of runs on the CPU.
   */
  readonly cpu: Float64Array;
  /** A sum of SampleFlag values. */
  readonly flags: Uint8Array;
}

/** The columns in the order in which they are written. */
export const runColumns = [
  'threads',
  'stacks',
  'starts',
  'durations',
  'cpu',
  'counts',
  'flags',
] as const satisfies readonly (keyof RunColumns)[];

/** Bits of a run's flags. */
export const SampleFlag = {
  /** The system says the thread is running: it has a core. */
  OnCpu: 1,
  /** The thread holds its interpreter's GIL. */
  HoldsGil: 2,
  /** Its interpreter's garbage collector is running and the thread runs it. */
  CollectingGarbage: 4,
  /** The outer part of the stack is right, but its innermost frames could not be read: `notReadFunction` stands for them. */
  Partial: 8,
  /** The thread could run but has no core. Never together with OnCpu; neither: it waits for something else. */
  Ready: 16,
} as const;

/** How good a profile is. Users see this; see docs/sampling.md for what each figure means. */
export interface Quality {
  /** Times the target was looked at. */
  readonly ticks: number;
  /** Thread samples recorded, partial ones included. */
  readonly samples: number;
  /** Samples whose innermost frames could not be read. */
  readonly partial: number;
  /** Thread samples that should have been there and could not be read at all. */
  readonly lost: number;
  /** Ticks that were due and did not happen because the sampler was late or busy. */
  readonly missed: number;
  /** Lateness of ticks against their deadline, µs. */
  readonly latenessMedian: number;
  readonly latenessMax: number;
  /** Wall time of the session without pauses, µs. */
  readonly elapsed: number;
  /** CPU time the sampling thread used, µs. */
  readonly samplerCpu: number;
  /** Samples asked for per second; 0 = as many as possible. */
  readonly requestedRate: number;
  /** Looks at which a program stood still, as we had its core. */
  readonly stops: number;
  /** µs for which programs lost their core to that, summed. */
  readonly stoppedTime: number;
  /** How far shares of self time may be off beyond chance, 0 to 1: an upper bound; null: not known. */
  readonly shareError: number | null;
  /** Why programs never stood still; null where they did, or where it is not known. */
  readonly noStops: NoStopsReason | null;
  /** Absent: native frames were not asked for. */
  readonly native?: NativeQuality;
}

/** How native stacks were read (docs/native.md). Figures of threads whose stacks had changed: what is the same is not read again. */
export interface NativeQuality {
  /** Native stacks that were to be read. */
  readonly stacks: number;
  /** Of these, those that were read down to where their threads began, or a greenlet did. */
  readonly whole: number;
  /** Of these, those in which all Python frames were found a place. */
  readonly merged: number;
  /** Times a running thread was stopped for one. */
  readonly stops: number;
  /** µs that it stood still for that, median and 99 of 100. */
  readonly stopMedian: number;
  readonly stopP99: number;
}

/** In the order in which they are said. */
export const nativeFigures = [
  'stacks',
  'whole',
  'merged',
  'stops',
  'stopMedian',
  'stopP99',
] as const satisfies readonly (keyof NativeQuality)[];

/** Why programs are looked at from other cores, as they run. */
export const noStopsReasons = [
  'asked', // to take no time from them
  'rate', // more looks are asked for than can be made so
  'cores', // we may not run where they do
  'unsupported', // on this system
] as const;

export type NoStopsReason = (typeof noStopsReasons)[number];
