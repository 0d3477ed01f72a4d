import path from 'node:path';
import { BinaryError } from '../binary/binary.ts';
import { openBinary } from '../binary/open.ts';
import type { Memory } from '../memory/memory.ts';
import type { MappedFile, ProcessSource } from '../os/system.ts';
import type { Layout } from './layout.ts';

/** Where things are in asyncio's task objects: byte offsets, −1 for a member the version does not have. */
export interface AsyncioLayout {
  /** `TaskObj`, Modules/_asynciomodule.c; the first members are those of `FutureObj`. */
  readonly task: {
    readonly loop: number;
    /** The done callback that was added first. */
    readonly callback: number;
    /** An enum: pending, cancelled, finished. */
    readonly state: number;
    readonly waiter: number;
    readonly coroutine: number;
    /** A str, or from 3.12 on an int N that stands for "Task-N". */
    readonly name: number;
    /** 3.14+: a task or future, or a set of them (a byte at `awaitedByIsSet` says which). */
    readonly awaitedBy: number;
    readonly awaitedByIsSet: number;
    /** 3.14+: its place in a linked list of tasks. */
    readonly node: number;
  };
  /** 3.14+: what thread states and interpreters keep; before, it is all in the module asyncio.tasks. */
  readonly tables: {
    readonly threadState: { readonly runningLoop: number; readonly runningTask: number; readonly tasksHead: number };
    readonly interpreter: { readonly tasksHead: number };
  } | null;
}

export const TaskState = { Pending: 0 } as const;

/** `FutureObj_HEAD` is the same in all versions up to here. */
const inFuture = { loop: 16, callback: 24 };
const noTables = { awaitedBy: -1, awaitedByIsSet: -1, node: -1 };

/**
 * x86-64 and aarch64 Linux. Source: DWARF of `_asyncio` of 3.8.18, 3.9.18, 3.10.13, 3.11.7, 3.12.1 and 3.13.0; frozen within a
 * minor version.
 */
const rows: ReadonlyMap<number, AsyncioLayout['task']> = new Map([
  [8, { ...inFuture, ...noTables, state: 72, waiter: 104, coroutine: 112, name: 120 }],
  [9, { ...inFuture, ...noTables, state: 80, waiter: 144, coroutine: 152, name: 160 }],
  [10, { ...inFuture, ...noTables, state: 88, waiter: 152, coroutine: 160, name: 168 }],
  [11, { ...inFuture, ...noTables, state: 88, waiter: 128, coroutine: 136, name: 144 }],
  [12, { ...inFuture, ...noTables, state: 88, waiter: 128, coroutine: 136, name: 144 }],
  [13, { ...inFuture, ...noTables, state: 96, waiter: 112, coroutine: 120, name: 128 }],
]);

/** What `findAsyncio` may say: null layout where asyncio's tables are not there, because nobody imported it. */
export type AsyncioFound =
  | { readonly layout: AsyncioLayout | null }
  /** The version has no tasks, or they are laid out in a way we don't know. */
  | { readonly problem: 'version' | 'layout' };

/**
 * Finds out how asyncio's tasks lie in a process's memory: by the table it publishes (3.14+), else by its version.
 * @param searched files that were searched in memory and have no such table; remembers them from look to look
 */
export function findAsyncio(
  system: Pick<ProcessSource, 'mappedFiles' | 'openMappedFile' | 'pageSize'>,
  memory: Memory,
  pid: number,
  layout: Layout,
  searched = new Set<string>(),
): AsyncioFound {
  if (layout.major === 2 || layout.minor < 8) return { problem: 'version' };
  // A free-threaded build's PyObject is 32 bytes instead of 16.
  const more = layout.object.type - 8;
  if (layout.minor < 14) {
    const row = rows.get(layout.minor)!;
    return { layout: { task: more === 0 ? row : shifted(row, more), tables: null } };
  }
  const bytes = Buffer.alloc(tableLength);
  for (const file of system.mappedFiles(pid)) {
    if (!/asyncio|python/i.test(path.basename(file.path))) continue;
    const address = tableAddress(system, pid, file);
    if (address === null) {
      const key = `${file.device} ${file.inode}`;
      const found = searched.has(key) ? null : searchTable(memory, file, layout.interpreter.size, more);
      if (found !== null) return { layout: found };
      searched.add(key);
      continue;
    }
    if (address === 0 || !memory.read(address, bytes, 0, bytes.length)) continue;
    const found = parseAsyncioDebug(bytes, more);
    return found === null ? { problem: 'layout' } : { layout: found };
  }
  return { layout: null };
}

function shifted(row: AsyncioLayout['task'], by: number): AsyncioLayout['task'] {
  const move = (offset: number): number => (offset < 0 ? offset : offset + by);
  return {
    loop: move(row.loop), callback: move(row.callback), state: move(row.state), waiter: move(row.waiter), coroutine: move(row.coroutine),
    name: move(row.name), awaitedBy: -1, awaitedByIsSet: -1, node: -1,
  }; // prettier-ignore
}

/** `Py_AsyncioModuleDebugOffsets`: 13 × uint64 (Modules/_asynciomodule.c). */
const tableLength = 104;
const tableSection = 'AsyncioDebug';
/** The largest real ones: a task of 184 bytes, an interpreter of 250 328 (3.15t). */
const limits = { task: 1 << 12, interpreter: 1 << 22, threadState: 1 << 16 };

/**
 * Parses the table that `_asyncio` publishes.
 * @param more bytes that a PyObject has beyond 16
 * @returns null when it contradicts itself
 */
function parseAsyncioDebug(bytes: Buffer, more: number): AsyncioLayout | null {
  const values = Array.from({ length: 13 }, (_, i) => (bytes.readUInt32LE(8 * i + 4) === 0 ? bytes.readUInt32LE(8 * i) : -1));
  const [size, name, awaitedBy, isTask, awaitedByIsSet, coroutine, node] = values as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [interpreterSize, interpreterHead, threadSize, runningLoop, runningTask, tasksHead] = values.slice(7) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const inside = (offset: number, whole: number, length = 8): boolean => offset >= 16 && offset % length === 0 && offset + length <= whole;
  const task =
    size <= limits.task &&
    [name, awaitedBy, coroutine, node].every((offset) => inside(offset, size)) &&
    inside(isTask, size, 1) &&
    inside(awaitedByIsSet, size, 1);
  const interpreter = interpreterSize <= limits.interpreter && inside(interpreterHead, interpreterSize);
  const thread = threadSize <= limits.threadState && [runningLoop, runningTask, tasksHead].every((offset) => inside(offset, threadSize));
  // FutureObj: awaited_by, state; TaskObj: task_fut_waiter, task_coro, task_name.
  if (!task || !interpreter || !thread || name !== coroutine + 8) return null;
  return {
    task: {
      loop: inFuture.loop + more, callback: inFuture.callback + more, state: awaitedBy + 8, waiter: coroutine - 8,
      coroutine, name, awaitedBy, awaitedByIsSet, node,
    },
    tables: { threadState: { runningLoop, runningTask, tasksHead }, interpreter: { tasksHead: interpreterHead } },
  }; // prettier-ignore
}

/**
 * Where a file that may be `_asyncio` – an extension, or part of the interpreter's binary (Debian's 3.15) – has its table, as its
 * section headers say.
 * @returns 0 when it has none; null when the file can't be had: it was deleted or replaced, or is only for those to read whose
 *   rights were given up
 */
function tableAddress(system: Pick<ProcessSource, 'openMappedFile' | 'pageSize'>, pid: number, file: MappedFile): number | null {
  const content = system.openMappedFile(pid, file);
  if (content === null) return null;
  try {
    const binary = openBinary(content.source);
    const section = binary.section(tableSection);
    const bias = section === null ? undefined : binary.placement.loadBiases(file.mappings, system.pageSize)[0];
    return section === null || bias === undefined ? 0 : bias + section.address;
  } catch (error) {
    if (error instanceof BinaryError) return 0;
    throw error;
  } finally {
    content.source.close();
  }
}

/** Words of the table before the size of an interpreter's state. */
const wordsBeforeInterpreter = 7;
/** Bytes of a file's mappings that are searched at most, and at once. Debian's libpython has 9 MB that are no code. */
const searchLimits = { mapped: 1 << 26, piece: 1 << 18 };

/**
 * Finds the table in memory, where section headers are not: by the size of an interpreter's state, which it repeats from the
 * interpreter's own table (`_Py_DebugOffsets`), and by making sense around that.
 * @param interpreterSize bytes; undefined: unknown
 */
function searchTable(memory: Memory, { mappings }: MappedFile, interpreterSize: number | undefined, more: number): AsyncioLayout | null {
  if (interpreterSize === undefined) return null;
  const wanted = Buffer.alloc(8);
  wanted.writeUInt32LE(interpreterSize, 0);
  const piece = Buffer.alloc(searchLimits.piece);
  const before = 8 * wordsBeforeInterpreter;
  let left = searchLimits.mapped;
  for (const { start, end, executable } of mappings) {
    if (executable) continue;
    // Pieces overlap by a table, so that none is cut.
    for (let at = start; at + tableLength <= end && left > 0; at += piece.length - tableLength) {
      const bytes = piece.subarray(0, Math.min(piece.length, end - at));
      left -= bytes.length;
      if (!memory.read(at, bytes, 0, bytes.length)) continue;
      for (let found = bytes.indexOf(wanted, before); found >= 0; found = bytes.indexOf(wanted, found + 1)) {
        const table = found - before;
        if (table % 8 !== 0 || table + tableLength > bytes.length) continue;
        const layout = parseAsyncioDebug(bytes.subarray(table, table + tableLength), more);
        if (layout !== null) return layout;
      }
    }
  }
  return null;
}
