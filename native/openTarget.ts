import { DebugOffsetsError, debugOffsetsLength, parseDebugOffsets } from './cpython/debugOffsets.ts';
import { heapFrameLayout } from './cpython/heapFrameLayouts.ts';
import { layoutFromDebugOffsets, tabulatedLayout, type Layout } from './cpython/layout.ts';
import { type InterpreterLocation, locateInterpreter } from './cpython/locate.ts';
import { opcodesOf } from './cpython/opcodes.ts';
import { ForkedThread } from './cpython/forkedThread.ts';
import { ThreadIds } from './cpython/threadIds.ts';
import { tracesReferences, withTraceRefs } from './cpython/traceRefs.ts';
import { isPreRelease } from './cpython/version.ts';
import type { Memory } from './memory/memory.ts';
import { type Execution, isCopy, type ProcessMemory, type ProcessSource } from './os/system.ts';
import { type InterpreterSource, listInterpreters } from './sampler/threads/interpreters.ts';
import type { PythonTarget } from './sampler/sampler.ts';
import { TargetError } from './targetError.ts';

/** What is the same in a process and a copy of it (fork). */
interface Understanding {
  readonly location: Located;
  readonly layout: Layout;
}

/** A process whose Python was found and understood. */
export interface OpenTarget extends PythonTarget {
  readonly pid: number;
  /** For instance "3.12.1", or "3.13.5t" for a free-threaded build. */
  readonly pythonVersion: string;
  /** What the process executed when it was opened. */
  readonly execution: Execution;
  readonly understanding: Understanding;
  /**
   * Whether one of its thread states belongs to one of these threads (the system's ids): one that Python knows of, or one that C
   * forked.
   */
  owner(threadIds: readonly number[]): 'python' | 'fork' | null;
  close(): void;
}

/**
 * Opens a process for sampling. Needs a few ms, much less for a copy; reads, and nothing else.
 * @param original a process that it may be a copy of (fork), and then needs not be understood anew; 'wanted': it is what the user
 *   asked for, and may take longer (locateInterpreter)
 * @throws TargetError when there is no such process, no right to read it, or no Python we understand
 */
export function openTarget(system: ProcessSource, pid: number, original: OpenTarget | 'wanted' | null = null): OpenTarget {
  const execution = system.execution(pid);
  if (execution === null) throw new TargetError({ code: 'no-such-process', pid });
  const isCopied = original !== null && original !== 'wanted' && isCopy(execution, original.execution);
  return open(system, pid, execution, (memory) =>
    isCopied ? original.understanding : understand(system, memory, pid, original === 'wanted'),
  );
}

/**
 * Opens another Python of a process that is open, whose memory they share: it is closed with the first one.
 * @throws TargetError when it is none we understand, or the process is gone
 */
export function openOther({ pid, execution, memory }: OpenTarget, system: ProcessSource, location: InterpreterLocation): OpenTarget {
  return open(system, pid, execution, () => ({ location, layout: layoutOf(memory, pid, location, system.longSize) }), memory);
}

/**
 * @param shared the process's memory, if that is open and belongs to another one
 * @throws TargetError
 */
function open(
  system: ProcessSource,
  pid: number,
  execution: Execution,
  understandIn: (memory: Memory) => Understanding,
  shared: ProcessMemory | null = null,
): OpenTarget {
  const memory = shared ?? system.openMemory(pid);
  const closeMemory = (): void => {
    if (shared === null) memory.close();
  };
  try {
    const understanding = understandIn(memory);
    const { location, layout } = understanding;
    const states = system.openThreadStates(pid);
    const namespaceIds = system.openNamespaceIds(pid);
    const { runtimeAddress } = location;
    const addressOf = (symbol: string): number => location.symbols.get(symbol) ?? 0;
    const inRuntime = (offset: number): number => (offset >= 0 ? runtimeAddress + offset : 0);
    const ownIds = (): readonly number[] => namespaceIds?.own() ?? system.threadIds(pid);
    const ownPid = (): number => {
      if (namespaceIds === null) return pid;
      const own = namespaceIds.own();
      return own[namespaceIds.ours(own).indexOf(pid)] ?? pid;
    };
    const threadIds = new ThreadIds(memory, addressOf('_thread_db_pthread_tid'), ownIds);
    const hasIds = layout.threadState.nativeThreadId >= 0;
    const forkedThread = hasIds ? new ForkedThread(threadIds, ownPid, ownIds) : null;
    const source: InterpreterSource = {
      memory,
      layout,
      runtimeAddress,
      currentThreadAddress: addressOf('_PyThreadState_Current'),
      collectingAddress: inRuntime(layout.runtime.gcCollecting) || addressOf('collecting'),
      threadIds: hasIds ? null : threadIds,
      forkedThread,
      namespaceIds,
    };
    return {
      ...source,
      pid,
      understanding,
      pythonVersion: `${location.versionText}${location.freeThreaded ? 't' : ''}`,
      execution,
      memory,
      states,
      // A pre-release's instructions may have other numbers.
      opcodes: opcodesOf(isPreRelease(location.versionHex) ? unknownMinor : layout.minor),
      codeType: addressOf('PyCode_Type'),
      owner(threads) {
        const own = new Set(threads);
        const interpreters = listInterpreters(source)?.interpreters ?? [];
        if (!interpreters.some((interpreter) => interpreter.threads.some((thread) => own.has(thread.osThreadId)))) return null;
        return forkedThread?.wasFound === true ? 'fork' : 'python';
      },
      close() {
        states.close();
        closeMemory();
      },
    };
  } catch (error) {
    closeMemory();
    throw error;
  }
}

function understand(system: ProcessSource, memory: Memory, pid: number, thorough: boolean): Understanding {
  const location = locateInterpreter(system, memory, pid, symbolNames, thorough);
  return { location, layout: layoutOf(memory, pid, location, system.longSize) };
}

interface Located {
  readonly runtimeAddress: number;
  readonly versionHex: number;
  readonly versionText: string;
  readonly freeThreaded: boolean;
  readonly symbols: ReadonlyMap<string, number>;
}

/** PY_VERSION_HEX of the first version that can be built `--with-trace-refs` without being a debug build (bpo-36465). */
const firstTraceRefs = 0x03080000;

/** A version whose opcodes are not known: the walk does without them. */
const unknownMinor = -1;

/** One that a narrow build of 2.7 exports under this name, and others under another one. */
const narrowSymbol = 'PyUnicodeUCS2_AsUTF8String';
/** Where the interpreter has what its runtime state does not: types to recognise objects by, static variables to 3.6. */
export const symbolNames = ['PyCode_Type', 'PyType_Type', '_PyThreadState_Current', 'collecting', narrowSymbol, '_thread_db_pthread_tid'];

function layoutOf(memory: Memory, pid: number, location: Located, longSize: number): Layout {
  const minor = (location.versionHex >>> 16) & 255;
  const refuse = (detail: string): TargetError =>
    new TargetError({ code: 'unsupported-version', pid, version: location.versionText, detail });
  if (minor < 13) {
    // Tables of ours are of final releases; a table of its own (3.13+) is judged by parseDebugOffsets.
    if (isPreRelease(location.versionHex))
      throw refuse('it is a pre-release, whose memory may be laid out otherwise than the final release’s');
    const unicodeUnit = location.symbols.has(narrowSymbol) ? 2 : 4;
    const layout =
      heapFrameLayout(location.versionHex, unicodeUnit) ?? (location.versionHex >>> 24 === 3 ? tabulatedLayout(minor) : undefined);
    if (layout === undefined) throw refuse('Heatline reads CPython 2.7 and 3.3 and newer.');
    if (!tracesReferences(memory, layout, location.symbols.get('PyCode_Type') ?? 0, location.symbols.get('PyType_Type') ?? 0))
      return layout;
    // Before, only debug builds are such, and in these more than objects is laid out otherwise.
    if (location.versionHex < firstTraceRefs)
      throw refuse('it is a debug build, which lays out its memory otherwise. Heatline reads those of 3.8 and newer');
    return withTraceRefs(layout);
  }
  const bytes = new Uint8Array(debugOffsetsLength);
  if (!memory.read(location.runtimeAddress, bytes, 0, bytes.length)) {
    throw new TargetError({ code: 'unreadable', pid, detail: 'the interpreter’s runtime state' });
  }
  try {
    return layoutFromDebugOffsets(parseDebugOffsets(bytes), longSize);
  } catch (error) {
    if (error instanceof DebugOffsetsError) throw refuse(error.message);
    throw error;
  }
}
