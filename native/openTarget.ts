import { DebugOffsetsError, debugOffsetsLength, parseDebugOffsets } from './cpython/debugOffsets.ts';
import { heapFrameLayout } from './cpython/heapFrameLayouts.ts';
import { layoutFromDebugOffsets, tabulatedLayout, type Layout } from './cpython/layout.ts';
import { locateInterpreter } from './cpython/locate.ts';
import { opcodesOf } from './cpython/opcodes.ts';
import { ThreadIds } from './cpython/threadIds.ts';
import { isPreRelease } from './cpython/version.ts';
import type { Memory } from './memory/memory.ts';
import type { Execution, System } from './os/system.ts';
import { type InterpreterSource, listInterpreters } from './sampler/interpreters.ts';
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
  /** Whether one of its thread states belongs to one of these threads (the system's ids). */
  ownsThread(threadIds: readonly number[]): boolean;
  close(): void;
}

/**
 * Opens a process for sampling. Needs a few ms, much less for a copy; reads, and nothing else.
 * @param original a process that it may be a copy of (fork), and then needs not be understood anew
 * @throws TargetError when there is no such process, no right to read it, or no Python we understand
 */
export function openTarget(system: System, pid: number, original: OpenTarget | null = null): OpenTarget {
  const execution = system.execution(pid);
  if (execution === null) throw new TargetError({ code: 'no-such-process', pid });
  const memory = system.openMemory(pid);
  try {
    const understanding = original !== null && isCopy(execution, original.execution) ? original.understanding : understand(system, memory, pid);
    const { location, layout } = understanding;
    const states = system.openThreadStates(pid);
    const namespaceIds = system.openNamespaceIds(pid);
    const { runtimeAddress } = location;
    const addressOf = (symbol: string): number => location.symbols.get(symbol) ?? 0;
    const inRuntime = (offset: number): number => (offset >= 0 ? runtimeAddress + offset : 0);
    const source: InterpreterSource = {
      memory,
      layout,
      runtimeAddress,
      currentThreadAddress: addressOf('_PyThreadState_Current'),
      collectingAddress: inRuntime(layout.runtime.gcCollecting) || addressOf('collecting'),
      threadIds: layout.threadState.nativeThreadId >= 0 ? null : new ThreadIds(memory, addressOf('_thread_db_pthread_tid'), () => namespaceIds?.own() ?? system.threadIds(pid)),
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
      ownsThread(threadIds) {
        const own = new Set(threadIds);
        const interpreters = listInterpreters(source)?.interpreters ?? [];
        return interpreters.some((interpreter) => interpreter.threads.some((thread) => own.has(thread.osThreadId)));
      },
      close() {
        states.close();
        memory.close();
      },
    };
  } catch (error) {
    memory.close();
    throw error;
  }
}

/** Where a process's stack begins is chosen at random when it executes something, and stays the same in its copies. */
function isCopy(execution: Execution, original: Execution): boolean {
  return execution.stackStart > 0 && execution.stackStart === original.stackStart && execution.file !== null && execution.file === original.file;
}

function understand(system: System, memory: Memory, pid: number): Understanding {
  const location = locateInterpreter(system, memory, pid, symbolNames);
  return { location, layout: layoutOf(memory, pid, location) };
}

interface Located {
  readonly runtimeAddress: number;
  readonly versionHex: number;
  readonly versionText: string;
  readonly freeThreaded: boolean;
  readonly symbols: ReadonlyMap<string, number>;
}

/** A version whose opcodes are not known: the walk does without them. */
const unknownMinor = -1;

/** One that a narrow build of 2.7 exports under this name, and others under another one. */
const narrowSymbol = 'PyUnicodeUCS2_AsUTF8String';
/** Where the interpreter has what its runtime state does not: types to recognise objects by, static variables to 3.6. */
const symbolNames = ['PyCode_Type', '_PyThreadState_Current', 'collecting', narrowSymbol, '_thread_db_pthread_tid'];

function layoutOf(memory: Memory, pid: number, location: Located): Layout {
  const minor = (location.versionHex >>> 16) & 255;
  const refuse = (detail: string): TargetError =>
    new TargetError({ code: 'unsupported-version', pid, version: location.versionText, detail });
  if (minor < 13) {
    // Tables of ours are of final releases; a table of its own (3.13+) is judged by parseDebugOffsets.
    if (isPreRelease(location.versionHex)) throw refuse('it is a pre-release, whose memory may be laid out otherwise than the final release’s');
    const unicodeUnit = location.symbols.has(narrowSymbol) ? 2 : 4;
    const layout = heapFrameLayout(location.versionHex, unicodeUnit) ?? (location.versionHex >>> 24 === 3 ? tabulatedLayout(minor) : undefined);
    if (layout === undefined) throw refuse('Heatline reads CPython 2.7 and 3.3 and newer.');
    return layout;
  }
  const bytes = new Uint8Array(debugOffsetsLength);
  if (!memory.read(location.runtimeAddress, bytes, 0, bytes.length)) {
    throw new TargetError({ code: 'unreadable', pid, detail: 'the interpreter’s runtime state' });
  }
  try {
    return layoutFromDebugOffsets(parseDebugOffsets(bytes));
  } catch (error) {
    if (error instanceof DebugOffsetsError) throw refuse(error.message);
    throw error;
  }
}
