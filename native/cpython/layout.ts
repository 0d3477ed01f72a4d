import type { DebugOffsets } from './debugOffsets.ts';

/**
 * Where things are in the memory of one CPython build: byte offsets inside its structures, −1 for
 * a member the version does not have. Everything version-dependent the sampler knows is here, in
 * heapFrameLayouts.ts and in opcodes.ts.
 */
export type Layout = DataStackLayout | HeapFrameLayout;

/** What all versions have in common. */
interface CommonLayout {
  readonly major: 2 | 3;
  /** 11 for Python 3.11. */
  readonly minor: number;
  readonly runtime: {
    readonly interpretersHead: number;
    /** 3.7–3.11: the one GIL lives in the runtime; else −1. */
    readonly gil: number;
    /** 3.7, 3.8: whether the garbage collector runs; later it is the interpreter that says so; else −1. */
    readonly gcCollecting: number;
  };
  readonly interpreter: {
    readonly next: number;
    /** −1 before 3.7. */
    readonly id: number;
    readonly threadsHead: number;
    /** Pointer to the GIL this interpreter uses (3.12+), else −1. */
    readonly gilPointer: number;
    /** The interpreter's own GIL structure (3.12+), else −1. */
    readonly gil: number;
    /** −1 before 3.9. */
    readonly gcCollecting: number;
    /** Bumped whenever a code object is freed (3.14+), else −1. */
    readonly codeObjectGeneration: number;
    /** int32, bumped when threads' copies of bytecode were freed (free-threaded 3.14+); absent: there are none. */
    readonly bytecodeCopiesGeneration?: number;
    readonly modules: number;
    /** Of the whole `PyInterpreterState`, where the interpreter says it itself (3.13+); absent: unknown. */
    readonly size?: number;
  };
  /** `struct _gil_runtime_state`, pycore_gil.h */
  readonly gil: {
    readonly lastHolder: number;
    readonly locked: number;
    /** Counts up when another thread takes it than held it last. */
    readonly switchNumber: number;
    /** Free-threaded builds: int32, 0 while the GIL is off; absent: it never is. */
    readonly enabled?: number;
  };
  readonly threadState: {
    readonly next: number;
    readonly interpreter: number;
    /** `unsigned long`, the C library's id. */
    readonly threadId: number;
    /** Its bytes: 8, or 4 where an `unsigned long` has no more (System.longSize). */
    readonly threadIdSize: number;
    /** −1 before 3.11. */
    readonly nativeThreadId: number;
    /** Until its own thread begins, it has the ids of the one that made it (to 3.11; t_bootstrap, Modules/_threadmodule.c). */
    readonly hasMakersIds: boolean;
  };
  readonly object: { readonly type: number };
  readonly bytes: { readonly length: number; readonly data: number };
  readonly unicode: {
    readonly length: number;
    readonly state: number;
    readonly asciiData: number;
    readonly compactData: number;
    /** Lowest bit of `kind` in `state`: 2, or 8 where `interned` has a byte of its own (free-threaded 3.14+). */
    readonly kindBit: number;
    /** 2.7, whose strings are something else (python2Strings.ts): bytes of a Py_UNICODE. */
    readonly python2?: { readonly unitSize: 2 | 4 };
  };
}

/** 3.11+: frames lie one on the other in the thread's data stack; generators' inside the generator. */
export interface DataStackLayout extends CommonLayout {
  readonly frames: 'data-stack';
  readonly threadState: CommonLayout['threadState'] & {
    /** 3.11, 3.12: pointer to the C-stack structure that holds the current frame, else −1. */
    readonly cframe: number;
    /** 3.13+, else −1. */
    readonly currentFrame: number;
    readonly dataStackChunk: number;
    readonly dataStackTop: number;
    /**
     * int32 `state`: `threadAttached`, or else it is detached or suspended. Only of free-threaded builds, as with a GIL
     * it says no more than who holds that; absent: unknown.
     */
    readonly attached?: number;
  };
  /** `_PyCFrame.current_frame`; −1 from 3.13 on. */
  readonly cframeCurrentFrame: number;
  /** `_PyStackChunk`, pycore_interp_structs.h / Include/cpython/pystate.h */
  readonly chunk: { readonly previous: number; readonly size: number; readonly top: number; readonly data: number };
  /** `_PyInterpreterFrame`, pycore_frame.h / pycore_interpframe_structs.h */
  readonly frame: {
    /** f_code or f_executable */
    readonly code: number;
    readonly previous: number;
    /** prev_instr (3.11, 3.12) or instr_ptr */
    readonly instruction: number;
    /** int32 `stacktop` (to 3.13), else −1 */
    readonly stackTop: number;
    /** pointer `stackpointer` (3.14+), else −1 */
    readonly stackPointer: number;
    readonly owner: number;
    /** 3.11: 1 for a frame entered from C, else −1 */
    readonly isEntry: number;
    /** Code unit where a frame is that has not begun: −1 by prev_instr, 0 by instr_ptr. */
    readonly notBegunUnit: -1 | 0;
    /** How many values from the top of its stack the iterator is that it iterates over: 1, or 2 below an index or NULL (3.15+). */
    readonly iteratorDepth: 1 | 2;
    readonly localsPlus: number;
    /** Pointer to its frame object, NULL as long as nobody asked for one. */
    readonly object: number;
    /** int32, which of the copies of its code's bytecode it runs (free-threaded 3.14+); absent: there are none. */
    readonly bytecodeCopy?: number;
  };
  /** `PyFrameObject` (pycore_frame.h): pointer to the frame, and int32 `f_lineno`, which holds unless it is 0. */
  readonly frameObject: { readonly frame: number; readonly line: number };
  readonly code: {
    readonly size: number;
    readonly fileName: number;
    readonly name: number;
    readonly qualifiedName: number;
    readonly lineTable: number;
    readonly firstLine: number;
    readonly flags: number;
    /** `co_names` */
    readonly names: number;
    readonly localsPlusCount: number;
    readonly stackSize: number;
    readonly instructions: number;
    /** Pointer to the `_PyCodeArray` of threads' copies of its bytecode (free-threaded 3.14+), null where there are none yet. */
    readonly bytecodeCopies?: number;
  };
  readonly tuple: { readonly length: number; readonly items: number };
  /** From the object's start to the embedded frame of a generator or coroutine. */
  readonly generator: { readonly frame: number };
  /** What the interpreter's instructions do (Python/bytecodes.c). */
  readonly instructions: {
    /** A return names the caller as the current frame, and then clears the frame it leaves (RETURN_VALUE, 3.12+). */
    readonly leaveFirst: boolean;
    /** FOR_ITER and SEND resume generators themselves (3.12+), not through C. */
    readonly resumeGenerators: boolean;
    /** A frame may rest on an inline cache behind its instruction (prev_instr, to 3.12). */
    readonly restOnCaches: boolean;
  };
}

/** Encodings of `co_lnotab` and `co_linetable` before 3.11 (Objects/lnotab_notes.txt). */
export type LineNumberEncoding =
  | 'unsigned-deltas' // to 3.5
  | 'signed-deltas' // 3.6 to 3.9
  | 'ranges'; // 3.10, PEP 626

/** To 3.10: each frame is an object on the heap, and points to its caller's. */
export interface HeapFrameLayout extends CommonLayout {
  readonly frames: 'heap';
  readonly threadState: CommonLayout['threadState'] & {
    /** `frame`, the innermost one. */
    readonly frame: number;
    /** int32, how many trace and profile functions the thread is in (sys.settrace, sys.setprofile; call_trace, Python/ceval.c). */
    readonly tracing: number;
    /** A number that no other thread state of the interpreter ever has (3.7+), else −1. */
    readonly id: number;
  };
  /** `PyFrameObject`, Include/frameobject.h and cpython/frameobject.h. */
  readonly frame: {
    readonly referenceCount: number;
    readonly back: number;
    readonly code: number;
    /** Position of its instruction, int32; −1 before the first one. */
    readonly lastInstruction: number;
    /** int32 `f_lineno`. Of frames that run bytecode it holds only while they are traced. */
    readonly line: number;
    /**
     * How it tells whether it executes: a byte that is 1 then (`f_executing`, 3.4–3.9), a byte that is a
     * PyFrameState (`f_state`, 3.10), or not at all (to 3.3).
     */
    readonly stateStyle: 'executing' | 'state' | 'none';
    readonly state: number;
    /** To 3.3: pointer that is NULL from when the frame begins to execute, unless it yielded; else −1. */
    readonly stackTop: number;
    /** Pointer to the thread state it was made for (to 3.3), else −1. */
    readonly threadState: number;
  };
  /** `PyCodeObject`, Include/code.h */
  readonly code: {
    readonly size: number;
    readonly fileName: number;
    readonly name: number;
    readonly lineTable: number;
    readonly lineEncoding: LineNumberEncoding;
    readonly firstLine: number;
    readonly flags: number;
    readonly cellNames: number;
    readonly freeNames: number;
    /** `co_names` and `co_varnames` */
    readonly names: number;
    readonly localNames: number;
    /** `co_code`, a bytes object. */
    readonly instructions: number;
    /** Bytes that `f_lasti` counts by: 1, or 2 for code units of two bytes (3.10). */
    readonly positionUnit: 1 | 2;
    /** Bytes of the shortest instruction: 2 since 3.6, else 1. */
    readonly instructionUnit: 1 | 2;
  };
}

/** `_Py_THREAD_ATTACHED` (pycore_pystate.h): the thread may run Python. */
export const threadAttached = 1;

/** Values of `_PyInterpreterFrame.owner` (enum _frameowner). */
export const FrameOwner = { Thread: 0, Generator: 1, FrameObject: 2 } as const;

const chunk = { previous: 0, size: 8, top: 16, data: 24 };
const gil = { lastHolder: 8, locked: 16, switchNumber: 24 };
/** PyObject_HEAD, f_back, f_frame, f_trace, f_lineno */
const frameObject = { frame: 24, line: 40 };

/**
 * Layouts of versions that publish no table, x86-64 and aarch64 Linux alike but for `runtime`.
 * Source: offsetof() over each version's headers, compared with DWARF; 3.11.2–3.11.7 and 3.12.1 have the
 * same numbers, and their layouts are frozen within a minor version.
 */
const tables: ReadonlyMap<number, DataStackLayout> = new Map<number, DataStackLayout>([
  [
    11,
    {
      frames: 'data-stack',
      major: 3,
      minor: 11,
      runtime: { interpretersHead: 40, gil: 360, gcCollecting: -1 },
      interpreter: { next: 0, id: 48, threadsHead: 16, gilPointer: -1, gil: -1, gcCollecting: 848, codeObjectGeneration: -1, modules: 888 },
      gil,
      threadState: {
        next: 8,
        interpreter: 16,
        cframe: 56,
        currentFrame: -1,
        threadId: 152,
        threadIdSize: 8,
        nativeThreadId: 160,
        hasMakersIds: true,
        dataStackChunk: 296,
        dataStackTop: 304,
      },
      cframeCurrentFrame: 8,
      chunk,
      frame: {
        code: 32,
        previous: 48,
        instruction: 56,
        stackTop: 64,
        stackPointer: -1,
        owner: 69,
        isEntry: 68,
        notBegunUnit: -1,
        iteratorDepth: 1,
        localsPlus: 72,
        object: 40,
      },
      frameObject,
      code: {
        size: 192,
        fileName: 112,
        name: 120,
        qualifiedName: 128,
        lineTable: 136,
        firstLine: 72,
        flags: 48,
        names: 32,
        localsPlusCount: 76,
        stackSize: 68,
        instructions: 184,
      },
      object: { type: 8 },
      tuple: { length: 16, items: 24 },
      generator: { frame: 80 },
      instructions: { leaveFirst: false, resumeGenerators: false, restOnCaches: true },
      bytes: { length: 16, data: 32 },
      unicode: { length: 16, state: 32, asciiData: 48, compactData: 72, kindBit: 2 },
    },
  ],
  [
    12,
    {
      frames: 'data-stack',
      major: 3,
      minor: 12,
      runtime: { interpretersHead: 40, gil: -1, gcCollecting: -1 },
      interpreter: {
        next: 0,
        id: 8,
        threadsHead: 72,
        gilPointer: 384,
        gil: 1040,
        gcCollecting: 312,
        codeObjectGeneration: -1,
        modules: 944,
      },
      gil,
      threadState: {
        next: 8,
        interpreter: 16,
        cframe: 56,
        currentFrame: -1,
        threadId: 136,
        threadIdSize: 8,
        nativeThreadId: 144,
        hasMakersIds: false,
        dataStackChunk: 232,
        dataStackTop: 240,
      },
      cframeCurrentFrame: 0,
      chunk,
      frame: {
        code: 0,
        previous: 8,
        instruction: 56,
        stackTop: 64,
        stackPointer: -1,
        owner: 70,
        isEntry: -1,
        notBegunUnit: -1,
        iteratorDepth: 1,
        localsPlus: 72,
        object: 48,
      },
      frameObject,
      code: {
        size: 200,
        fileName: 112,
        name: 120,
        qualifiedName: 128,
        lineTable: 136,
        firstLine: 68,
        flags: 48,
        names: 32,
        localsPlusCount: 72,
        stackSize: 64,
        instructions: 192,
      },
      object: { type: 8 },
      tuple: { length: 16, items: 24 },
      generator: { frame: 72 },
      instructions: { leaveFirst: true, resumeGenerators: true, restOnCaches: true },
      bytes: { length: 16, data: 32 },
      unicode: { length: 16, state: 32, asciiData: 40, compactData: 56, kindBit: 2 },
    },
  ],
]);

/** By minor version: from `_status` of a thread state to its `state`, by offsetof() over the headers of 3.13.0, 3.14.10 and 3.15.2. */
const stateBehindStatus: Readonly<Record<number, number>> = { 13: 8, 14: 12, 15: 16 };

/** Layout of a version that publishes no table (3.11, 3.12), or undefined. */
export function tabulatedLayout(minor: number): DataStackLayout | undefined {
  return tables.get(minor);
}

/**
 * Layout of a 3.13+ interpreter from the table it publishes. Members the table does not have are
 * taken relative to members it has; they are the same in every release of 3.13, 3.14 and 3.15 seen.
 * @param longSize bytes of an `unsigned long` in the target
 */
export function layoutFromDebugOffsets(offsets: DebugOffsets, longSize: number): DataStackLayout {
  const minor = (offsets.version >>> 16) & 255;
  const at = (field: string): number => {
    const value = offsets.fields.get(field);
    if (value === undefined) throw new Error(`no debug offset ${field}`);
    return value;
  };
  const optional = (field: string): number => offsets.fields.get(field) ?? -1;
  const dataStackChunk = at('thread_state.datastack_chunk');
  const objectHeader = at('pyobject.size');
  const localsPlus = at('interpreter_frame.localsplus');
  const { freeThreaded } = offsets;
  const hasCopies = freeThreaded && minor >= 14;
  const gilAt = at('interpreter_state.gil_runtime_state');
  return {
    frames: 'data-stack',
    major: 3,
    minor,
    runtime: { interpretersHead: at('runtime_state.interpreters_head'), gil: -1, gcCollecting: -1 },
    interpreter: {
      next: at('interpreter_state.next'),
      id: at('interpreter_state.id'),
      threadsHead: at('interpreter_state.threads_head'),
      gilPointer: at('interpreter_state.ceval_gil'),
      gil: gilAt,
      gcCollecting: at('interpreter_state.gc') + at('gc.collecting'),
      codeObjectGeneration: optional('interpreter_state.code_object_generation'),
      ...(hasCopies ? { bytecodeCopiesGeneration: at('interpreter_state.tlbc_generation') } : {}),
      modules: at('interpreter_state.imports_modules'),
      size: at('interpreter_state.size'),
    },
    gil: {
      lastHolder: at('interpreter_state.gil_runtime_state_holder') - gilAt,
      locked: at('interpreter_state.gil_runtime_state_locked') - gilAt,
      switchNumber: at('interpreter_state.gil_runtime_state_locked') - gilAt + longSize, // int locked; unsigned long switch_number
      // This one offset is relative to the GIL itself.
      ...(freeThreaded ? { enabled: at('interpreter_state.gil_runtime_state_enabled') } : {}),
    },
    threadState: {
      next: at('thread_state.next'),
      interpreter: at('thread_state.interp'),
      cframe: -1,
      currentFrame: at('thread_state.current_frame'),
      threadId: at('thread_state.thread_id'),
      threadIdSize: longSize,
      nativeThreadId: at('thread_state.native_thread_id'),
      hasMakersIds: false,
      dataStackChunk,
      dataStackTop: dataStackChunk + 8, // struct _ts: datastack_chunk, datastack_top, datastack_limit
      ...(freeThreaded && stateBehindStatus[minor] !== undefined ? { attached: at('thread_state.status') + stateBehindStatus[minor] } : {}),
    },
    cframeCurrentFrame: -1,
    chunk,
    frame: {
      code: at('interpreter_frame.executable'),
      previous: at('interpreter_frame.previous'),
      instruction: at('interpreter_frame.instr_ptr'),
      stackTop: minor === 13 ? localsPlus - 8 : -1, // int stacktop; uint16 return_offset; char owner; localsplus
      stackPointer: optional('interpreter_frame.stackpointer'),
      owner: at('interpreter_frame.owner'),
      isEntry: -1,
      notBegunUnit: 0,
      iteratorDepth: minor >= 15 ? 2 : 1,
      localsPlus,
      object: at('interpreter_frame.instr_ptr') - 8, // struct _PyInterpreterFrame: frame_obj, instr_ptr
      ...(hasCopies ? { bytecodeCopy: at('interpreter_frame.tlbc_index') } : {}),
    },
    frameObject: { frame: objectHeader + 8, line: objectHeader + 24 },
    code: {
      size: at('code_object.size'),
      fileName: at('code_object.filename'),
      name: at('code_object.name'),
      qualifiedName: at('code_object.qualname'),
      lineTable: at('code_object.linetable'),
      firstLine: at('code_object.firstlineno'),
      flags: at('code_object.argcount') - 4, // co_flags, co_argcount
      names: at('code_object.argcount') - 20, // co_names, co_exceptiontable, co_flags
      // struct PyCodeObject: co_stacksize, co_firstlineno, co_nlocalsplus are neighbours
      localsPlusCount: at('code_object.firstlineno') + 4,
      stackSize: at('code_object.firstlineno') - 4,
      instructions: at('code_object.co_code_adaptive'),
      ...(hasCopies ? { bytecodeCopies: at('code_object.co_tlbc') } : {}),
    },
    object: { type: at('pyobject.ob_type') },
    tuple: { length: at('tuple_object.ob_size'), items: at('tuple_object.ob_item') },
    // 3.13's table has no gen_object; its frame lies behind a header of 56 bytes more than PyObject's
    generator: { frame: offsets.fields.get('gen_object.gi_iframe') ?? objectHeader + 56 },
    instructions: { leaveFirst: true, resumeGenerators: true, restOnCaches: false },
    bytes: { length: at('bytes_object.ob_size'), data: at('bytes_object.ob_sval') },
    unicode: {
      length: at('unicode_object.length'),
      state: at('unicode_object.state'),
      asciiData: at('unicode_object.asciiobject_size'),
      compactData: at('unicode_object.asciiobject_size') + 16, // PyCompactUnicodeObject adds utf8_length and utf8
      kindBit: freeThreaded && minor >= 14 ? 8 : 2,
    },
  };
}
