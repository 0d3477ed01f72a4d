import type { Layout } from '../../cpython/layout.ts';
import type { ForkedThread } from '../../cpython/forkedThread.ts';
import type { ThreadIds } from '../../cpython/threadIds.ts';
import type { Memory, SpanPlan } from '../../memory/memory.ts';
import type { NamespaceIds } from '../../os/system.ts';
import type { SampledThread } from './sampledThread.ts';

const two32 = 2 ** 32;
/** More than a program can have: a longer list is a cycle or garbage. */
const limits = { interpreters: 10_000, threads: 100_000 };

/** Where a process's interpreters are, and what tells of them besides their own structures. */
export interface InterpreterSource {
  readonly memory: Memory;
  readonly layout: Layout;
  /** Address of `_PyRuntime`, or what stands for it. */
  readonly runtimeAddress: number;
  /** To 3.6: address of the pointer to the thread state that holds the one GIL; 0: unknown, or later versions. */
  readonly currentThreadAddress: number;
  /** To 3.8: address of the int that is not 0 while the garbage collector runs; else 0. */
  readonly collectingAddress: number;
  /** To 3.10, whose thread states don't have the system's ids; else null. */
  readonly threadIds: ThreadIds | null;
  /** From 3.11 on; before, the C library is asked for every id. */
  readonly forkedThread: ForkedThread | null;
  /** In a container, whose memory holds other thread ids than ours; else null. */
  readonly namespaceIds: NamespaceIds | null;
}

/** A thread state as the interpreter's list has it. */
export interface ThreadEntry {
  readonly address: number;
  readonly osThreadId: number;
  readonly pythonThreadId: string;
  /** Low half of a word that differs when another thread's state takes its place: SampledThread.identity. */
  readonly identity: number;
  /** Address of the next thread state, two halves. */
  readonly nextLow: number;
  readonly nextHigh: number;
}

/** One interpreter of a process and what each sample sees of it. */
export class Interpreter {
  readonly address: number;
  readonly id: number;
  readonly threads: readonly ThreadEntry[];
  /** Some thread state was created, but its thread has not taken it over yet. */
  readonly pending: boolean;
  /** What `threads.head` was when the list was read. */
  headLow: number;
  headHigh: number;

  /** Offset of `threads.head` in the copy. */
  headOffset = 0;
  private gilOffset = -1;
  /** To 3.6, where the GIL is not known: offset of the pointer to the thread state that holds it, or −1. */
  private currentThreadOffset = -1;
  private collectingOffset = -1;
  private generationOffset = -1;
  private copiesGenerationOffset = -1;
  private readonly gilAddress: number;
  private readonly source: InterpreterSource;
  private generation = -1;
  private copiesGeneration = -1;
  private switchNumber = -1;

  /** Of the last copy that began a look: the thread state that holds the GIL, 0 when it is free. */
  gilHolderLow = 0;
  gilHolderHigh = 0;
  /** Of the last copy, whichever part of a look it was for: the same. */
  holderNowLow = 0;
  holderNowHigh = 0;
  /** Of the last copy: the thread state that held the GIL last, whether or not it still does. */
  lastHolderLow = 0;
  lastHolderHigh = 0;
  /**
   * Between the last copy and the one before, another thread may have held the GIL than `lastHolder`: take_gil()
   * counts up when the holder changes (Python/ceval_gil.c). While this is false only that thread's stack can have
   * changed, as nobody runs Python without the GIL. Not known to 3.6, and always true of free-threaded builds, which may
   * switch the GIL off and on between two copies.
   */
  switched = true;
  /** Of the last copy: the garbage collector is running. */
  collecting = false;
  /** Whom it runs in where there is no GIL to tell; null: not known (yet). */
  collector: SampledThread | null = null;
  /** Of the last copy: threads' copies of bytecode were freed since the one before (free-threaded 3.14+). */
  bytecodeCopiesFreed = false;

  constructor(source: InterpreterSource, address: number, id: number, gilAddress: number, head: number, list: ThreadList) {
    this.source = source;
    this.address = address;
    this.id = id;
    this.gilAddress = gilAddress;
    this.threads = list.threads;
    this.pending = list.pending;
    this.headLow = (head % two32) | 0;
    this.headHigh = Math.floor(head / two32) | 0;
  }

  /** Adds what is to be copied of the interpreter to the plan. */
  plan(plan: SpanPlan): void {
    const { layout, currentThreadAddress, collectingAddress } = this.source;
    const { threadsHead, gcCollecting, codeObjectGeneration, gil } = layout.interpreter;
    const gilIsInside = gil >= 0 && this.gilAddress === this.address + gil;
    const members = [
      threadsHead,
      gcCollecting,
      codeObjectGeneration,
      gilIsInside ? gil : -1,
      gilIsInside ? gil + layout.gil.switchNumber : -1,
    ].filter((member) => member >= 0);
    const first = Math.min(...members) & ~7;
    const base = plan.add(this.address + first, (Math.max(...members) + 8 - first + 7) & ~7) - first;
    this.headOffset = base + threadsHead;
    this.generationOffset = codeObjectGeneration >= 0 ? base + codeObjectGeneration : -1;
    this.collectingOffset = gcCollecting >= 0 ? base + gcCollecting : -1;
    // Far behind the others: 10 KB.
    const { bytecodeCopiesGeneration: copies } = layout.interpreter;
    if (copies !== undefined) this.copiesGenerationOffset = plan.add(this.address + copies - (copies % 8), 8) + (copies % 8);
    this.currentThreadOffset = -1;
    if (this.gilAddress === 0) {
      this.currentThreadOffset = currentThreadAddress === 0 ? -1 : plan.add(currentThreadAddress, 8);
    } else if (gilIsInside) {
      this.gilOffset = base + gil;
    } else {
      // In the runtime of 3.7 and 3.8 the collector's state is right before the GIL.
      const isBefore =
        gcCollecting < 0 && collectingAddress > 0 && collectingAddress < this.gilAddress && this.gilAddress - collectingAddress < 2048;
      const from = isBefore ? collectingAddress - (collectingAddress % 8) : this.gilAddress;
      this.gilOffset = plan.add(from, this.gilAddress - from + layout.gil.switchNumber + 8) + this.gilAddress - from;
      if (isBefore) this.collectingOffset = this.gilOffset - (this.gilAddress - collectingAddress);
    }
    if (gcCollecting < 0 && this.collectingOffset < 0 && collectingAddress > 0) {
      this.collectingOffset = plan.add(collectingAddress - (collectingAddress % 8), 8) + (collectingAddress % 8);
    }
  }

  /**
   * Takes the interpreter's state from the copy.
   * @param isRest the look has begun with another copy: who held the GIL then is what its samples show
   * @returns true when a code object was freed since the last copy
   */
  look(words: Int32Array, isRest = false): boolean {
    const { gil } = this.source.layout;
    const at = this.gilOffset >> 2;
    this.holderNowLow = 0;
    this.holderNowHigh = 0;
    if (this.gilAddress === 0) {
      if (this.currentThreadOffset >= 0) {
        this.holderNowLow = words[this.currentThreadOffset >> 2]!;
        this.holderNowHigh = words[(this.currentThreadOffset >> 2) + 1]!;
      }
    } else {
      const isEnabled = gil.enabled === undefined || words[at + (gil.enabled >> 2)] !== 0;
      const low = words[at + (gil.lastHolder >> 2)]!;
      const high = words[at + (gil.lastHolder >> 2) + 1]!;
      const switchNumber = words[at + (gil.switchNumber >> 2)]!;
      this.switched =
        gil.enabled !== undefined || low !== this.lastHolderLow || high !== this.lastHolderHigh || switchNumber !== this.switchNumber;
      this.lastHolderLow = low;
      this.lastHolderHigh = high;
      this.switchNumber = switchNumber;
      if (isEnabled && words[at + (gil.locked >> 2)] === 1) {
        this.holderNowLow = low;
        this.holderNowHigh = high;
      }
    }
    if (!isRest) {
      this.gilHolderLow = this.holderNowLow;
      this.gilHolderHigh = this.holderNowHigh;
    }
    this.collecting = this.collectingOffset >= 0 && words[this.collectingOffset >> 2] !== 0;
    if (!this.collecting) this.collector = null;
    if (this.copiesGenerationOffset >= 0) {
      const copies = words[this.copiesGenerationOffset >> 2]!;
      this.bytecodeCopiesFreed = copies !== this.copiesGeneration;
      this.copiesGeneration = copies;
    }
    if (this.generationOffset < 0) return false;
    const generation = words[this.generationOffset >> 2]!;
    const changed = generation !== this.generation;
    this.generation = generation;
    return changed;
  }
}

/** A process's interpreters, and the head of the list of them as it was when they were found. */
export interface InterpreterList {
  readonly interpreters: Interpreter[];
  readonly head: number;
}

/**
 * All interpreters of a process and their threads.
 * @returns null when the lists can't be read or never end
 */
export function listInterpreters(source: InterpreterSource): InterpreterList | null {
  const { memory, layout, runtimeAddress } = source;
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  const pointerAt = (address: number): number =>
    memory.read(address, bytes, 0, 8) ? view.getUint32(0, true) + view.getUint32(4, true) * two32 : -1;

  const found: { address: number; head: number; id: number; gil: number }[] = [];
  const seen = new Set<number>();
  const first = pointerAt(runtimeAddress + layout.runtime.interpretersHead);
  let address = first;
  while (address > 0) {
    if (seen.has(address) || seen.size === limits.interpreters || address % 8 !== 0) return null;
    seen.add(address);
    const head = pointerAt(address + layout.interpreter.threadsHead);
    const id = layout.interpreter.id >= 0 ? pointerAt(address + layout.interpreter.id) : 0;
    const gil = gilOf(layout, runtimeAddress, address, pointerAt);
    const next = pointerAt(address + layout.interpreter.next);
    if (head < 0 || id < 0 || gil < 0 || next < 0) return null;
    found.push({ address, head, id, gil });
    address = next;
  }
  if (address < 0) return null;
  const interpreters: Interpreter[] = [];
  for (const [index, one] of found.entries()) {
    const list = listThreads(source, one.head, one.address);
    if (list === null) return null;
    // The list begins with the newest. Before 3.7 interpreters have no number of their own.
    const id = layout.interpreter.id >= 0 ? one.id : found.length - 1 - index;
    if (one.gil > 0 || layout.interpreter.gilPointer < 0)
      interpreters.push(new Interpreter(source, one.address, id, one.gil, one.head, list));
  }
  return { interpreters, head: first };
}

function gilOf(layout: Layout, runtimeAddress: number, interpreter: number, pointerAt: (address: number) => number): number {
  if (layout.interpreter.gilPointer >= 0) return pointerAt(interpreter + layout.interpreter.gilPointer);
  return layout.runtime.gil >= 0 ? runtimeAddress + layout.runtime.gil : 0;
}

interface ThreadList {
  readonly threads: readonly ThreadEntry[];
  readonly pending: boolean;
}

function listThreads(source: InterpreterSource, head: number, interpreter: number): ThreadList | null {
  const { memory, layout } = source;
  const { threadState } = layout;
  const identity = identityOffset(layout);
  const bytes = new Uint8Array(Math.max(identity, threadState.threadId, threadState.next, threadState.interpreter) + 8);
  const view = new DataView(bytes.buffer);
  const threads: Omit<ThreadEntry, 'osThreadId'>[] = [];
  const pythonIds: number[] = [];
  const ids: number[] = [];
  const seen = new Set<number>();
  let address = head;
  while (address !== 0) {
    if (seen.has(address) || seen.size === limits.threads || address % 8 !== 0) return null;
    seen.add(address);
    if (!memory.read(address, bytes, 0, bytes.length)) return null;
    const nextLow = view.getInt32(threadState.next, true);
    const nextHigh = view.getInt32(threadState.next + 4, true);
    const owner = view.getUint32(threadState.interpreter, true) + view.getUint32(threadState.interpreter + 4, true) * two32;
    if (owner !== interpreter) return null;
    const pythonThreadId = threadIdAt(view, threadState);
    threads.push({ address, pythonThreadId: pythonThreadId.toString(), identity: view.getInt32(identity, true), nextLow, nextHigh });
    pythonIds.push(Number(pythonThreadId));
    if (threadState.nativeThreadId >= 0) ids.push(view.getInt32(threadState.nativeThreadId, true));
    address = (nextLow >>> 0) + (nextHigh >>> 0) * two32;
  }
  const ownIds = source.threadIds?.of(pythonIds) ?? source.forkedThread?.correct(ids, pythonIds) ?? ids;
  const osThreadIds = source.namespaceIds === null ? ownIds : source.namespaceIds.ours(ownIds);
  const known: ThreadEntry[] = [];
  const taken = new Set<number>();
  const takenByOs = new Set<number>();
  let pending = false;
  // The list begins with the newest.
  for (let index = threads.length - 1; index >= 0; index--) {
    const osThreadId = osThreadIds[index]!;
    if (osThreadId === 0 || (threadState.hasMakersIds && (taken.has(pythonIds[index]!) || takenByOs.has(osThreadId)))) {
      // PyThreadState_New() was called, bind_tstate() was not (3.12). Before, a state has the ids of the thread that made it
      // until its own thread begins (t_bootstrap; in 3.11 thread_run, which sets one after the other; Modules/_threadmodule.c).
      pending = true;
    } else if (osThreadId > 0) {
      known.push({ ...threads[index]!, osThreadId });
    }
    taken.add(pythonIds[index]!);
    takenByOs.add(osThreadId);
  }
  return { threads: known.reverse(), pending };
}

/**
 * Reads a thread state once more that was deleted, and where there is one again now, before that which was the head of the list.
 * @returns whether it is of the same thread; then `thread` has what is new
 */
export function readAgain(
  { memory, layout }: InterpreterSource,
  thread: SampledThread,
  { address, headLow, headHigh }: Interpreter,
): boolean {
  const { threadState } = layout;
  const identity = identityOffset(layout);
  const isNumbered = identity !== threadState.nativeThreadId && identity !== threadState.threadId; // a number of the state, not of the thread
  const length = Math.max(identity, threadState.threadId, threadState.next, threadState.interpreter) + 8;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  if (!memory.read(thread.address, bytes, 0, length)) return false;
  if (view.getInt32(threadState.next, true) !== headLow || view.getInt32(threadState.next + 4, true) !== headHigh) return false;
  if (view.getUint32(threadState.interpreter, true) + view.getUint32(threadState.interpreter + 4, true) * two32 !== address) return false;
  if (view.getInt32(threadState.threadId, true) !== thread.pythonIdLow) return false;
  const found = view.getInt32(identity, true);
  if (!isNumbered && found !== thread.identity) return false;
  thread.identity = found;
  thread.nextLow = headLow;
  thread.nextHigh = headHigh;
  return true;
}

function threadIdAt(view: DataView, { threadId, threadIdSize }: Layout['threadState']): bigint {
  return threadIdSize === 4 ? BigInt(view.getUint32(threadId, true)) : view.getBigUint64(threadId, true);
}

/** Of a thread state: the member that tells it from another one at the same address. */
export function identityOffset({ threadState, frames }: Layout): number {
  if (frames === 'data-stack') return threadState.nativeThreadId;
  return 'id' in threadState && threadState.id >= 0 ? threadState.id : threadState.threadId;
}
