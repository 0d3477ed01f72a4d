import { AsyncioReader } from '../../cpython/asyncio.ts';
import { type AsyncioLayout, findAsyncio } from '../../cpython/asyncioLayout.ts';
import type { Layout } from '../../cpython/layout.ts';
import { objectLayout } from '../../cpython/objectLayout.ts';
import { dictItems } from '../../cpython/objects.ts';
import { pointerAt, readPointer } from '../../cpython/strings.ts';
import { Types } from '../../cpython/types.ts';
import type { Memory } from '../../memory/memory.ts';
import type { ProcessSource } from '../../os/system.ts';
import type { FrameTable } from '../tables/frameTable.ts';
import type { SampledThread } from '../threads/sampledThread.ts';

const two32 = 2 ** 32;
/** Tasks remembered at once, by the address of their coroutine's frame. */
const slotBits = 10;
const slotCount = 1 << slotBits;
/** Bytes of a name that are compared to tell a task from one that took its place. */
const nameBytes = 96;
const nameWords = nameBytes >> 2;
/** Running loops that are looked at, names that become frames, and what stands for more of them. */
const limits = { loops: 64, names: 10_000 };
/** What names of frames that stand for tasks begin with. */
export const taskPrefix = 'Task: ';
const otherTasks = `${taskPrefix}…`;
/** Ticks to wait after a running task could not be found: at most. */
const maxWait = 8;
/** µs between looks for asyncio in a process that has not imported it. */
const lookInterval = 1e6;
/** File of the functions that stand for tasks. */
export const taskFile = '<asyncio>';
/** `PyGenObject.gi_frame`, to 3.10, behind PyObject. */
const generatorFrame = 0;

/** How memory that belongs to a task is read: best along with the sample. */
export interface TaskMemory {
  readonly words: Int32Array;
  /** Offset in `words`, in bytes, of a copy of the memory at an address; −1 when it can't be read. */
  taskMemory(thread: SampledThread, low: number, high: number, length: number): number;
}

/**
 * Finds the asyncio task that a coroutine's frame belongs to, as a frame of its own that stands for it. In the steady state what
 * is needed of a task is copied along with the sample: its coroutine and name, and the name's characters, since another task
 * is often made where the last one was, and its name, too.
 */
export class RunningTasks {
  /** 3.14+: bytes of a thread state to copy, up to the pointer to its running task; else 0. */
  stateLength = 0;
  private asyncio: AsyncioLayout | null = null;
  private reader: AsyncioReader | null = null;
  private lookedAt = -Infinity;
  private readonly searched = new Set<string>();
  /** To 3.13: the dict of running tasks by the interpreter's address. */
  private readonly dicts = new Map<number, number>();
  private wait = 1;
  private notBefore = 0;

  private readonly frameLow = new Int32Array(slotCount);
  private readonly frameHigh = new Int32Array(slotCount);
  private readonly coroutineLow = new Int32Array(slotCount);
  private readonly coroutineHigh = new Int32Array(slotCount);
  private readonly taskLow = new Int32Array(slotCount);
  private readonly taskHigh = new Int32Array(slotCount);
  private readonly nameLow = new Int32Array(slotCount);
  private readonly nameHigh = new Int32Array(slotCount);
  /** Where a name's characters, or digits, begin, and how many words of them there are. */
  private readonly dataStart = new Int32Array(slotCount);
  private readonly dataWords = new Int32Array(slotCount);
  private readonly data = new Int32Array(slotCount * nameWords);
  private readonly frame = new Int32Array(slotCount);
  private readonly numbers = new Map<string, number>();

  private readonly system: Pick<ProcessSource, 'mappedFiles' | 'openMappedFile' | 'pageSize'>;
  private readonly pid: number;
  private readonly memory: Memory;
  private readonly layout: Layout;
  private readonly frames: FrameTable;
  private readonly scratch = Buffer.alloc(256);

  constructor(
    system: Pick<ProcessSource, 'mappedFiles' | 'openMappedFile' | 'pageSize'>,
    target: { readonly pid: number; readonly memory: Memory; readonly layout: Layout },
    frames: FrameTable,
  ) {
    this.system = system;
    this.pid = target.pid;
    this.memory = target.memory;
    this.layout = target.layout;
    this.frames = frames;
    this.find(0);
  }

  /** To be called a few times a second, until it is found where asyncio keeps its tasks. @returns true when it was found now */
  find(now: number): boolean {
    if (this.asyncio !== null || now - this.lookedAt < lookInterval) return false;
    this.lookedAt = now;
    let found;
    try {
      found = findAsyncio(this.system, this.memory, this.pid, this.layout, this.searched);
    } catch {
      return false; // it has ended, as will be found out elsewhere
    }
    if ('problem' in found || found.layout === null) return false;
    this.asyncio = found.layout;
    this.reader = new AsyncioReader(this.memory, this.layout, found.layout, new Types(this.memory, this.layout));
    if (found.layout.tables !== null) this.stateLength = found.layout.tables.threadState.runningTask + 8;
    return true;
  }

  /**
   * The frame that stands for the task whose coroutine's frame is at an address.
   * @param tick number of the look at the target
   * @returns −1 when there is none, or it is not certain
   */
  frameOf(thread: SampledThread, low: number, high: number, memory: TaskMemory, tick: number): number {
    const { asyncio } = this;
    if (asyncio === null) return -1;
    const slot = Math.imul(low >>> 4, 0x9e3779b1) >>> (32 - slotBits);
    const known = this.frameLow[slot] === low && this.frameHigh[slot] === high;
    if (asyncio.tables !== null) {
      const at = (thread.stateOffset + asyncio.tables.threadState.runningTask) >> 2;
      const taskLow = memory.words[at]!;
      const taskHigh = memory.words[at + 1]!;
      if ((taskLow | taskHigh) === 0) return -1;
      if (known && this.taskLow[slot] === taskLow && this.taskHigh[slot] === taskHigh && this.isSame(thread, slot, memory))
        return this.frame[slot]!;
      return this.learn(slot, low, high, (taskLow >>> 0) + (taskHigh >>> 0) * two32) ? this.frame[slot]! : -1;
    }
    if (known && this.isSame(thread, slot, memory)) return this.frame[slot]!;
    if (tick < this.notBefore) return -1;
    if (this.discover(thread, slot, low, high)) {
      this.wait = 1;
      return this.frame[slot]!;
    }
    this.notBefore = tick + this.wait;
    this.wait = Math.min(maxWait, 2 * this.wait);
    return -1;
  }

  /** Whether the task remembered in a slot still is what it was, by what was copied of it. */
  private isSame(thread: SampledThread, slot: number, memory: TaskMemory): boolean {
    const { task } = this.asyncio!;
    // task_coro and task_name are neighbours.
    let at = memory.taskMemory(thread, this.taskLow[slot]!, this.taskHigh[slot]!, task.name + 8);
    if (at < 0) return false;
    at += task.coroutine;
    at >>= 2;
    const { words } = memory;
    if (words[at] !== this.coroutineLow[slot] || words[at + 1] !== this.coroutineHigh[slot]) return false;
    if (words[at + 2] !== this.nameLow[slot] || words[at + 3] !== this.nameHigh[slot]) return false;
    if (this.layout.frames === 'heap') {
      const pointer = this.layout.object.type + 8 + generatorFrame;
      const frame = memory.taskMemory(thread, this.coroutineLow[slot]!, this.coroutineHigh[slot]!, pointer + 8);
      if (frame < 0 || words[(frame + pointer) >> 2] !== this.frameLow[slot]) return false;
    }
    const start = this.dataStart[slot]!;
    const count = this.dataWords[slot]!;
    const name = memory.taskMemory(thread, this.nameLow[slot]!, this.nameHigh[slot]!, start + 4 * count);
    if (name < 0) return false;
    for (let i = 0, word = (name + start) >> 2; i < count; i++, word++) if (words[word] !== this.data[slot * nameWords + i]) return false;
    return true;
  }

  /** To 3.13: looks for a running task whose coroutine has this frame. */
  private discover(thread: SampledThread, slot: number, low: number, high: number): boolean {
    const { memory, reader } = this;
    const objects = objectLayout(this.layout);
    const interpreter = thread.interpreter?.address ?? 0;
    if (reader === null || objects === null || interpreter === 0) return false;
    let dict = this.dicts.get(interpreter) ?? 0;
    if (dict === 0) {
      dict = reader.currentTasks(interpreter);
      if (dict === 0) return false;
      this.dicts.set(interpreter, dict);
    }
    return dictItems(memory, dict, limits.loops, objects)?.some(({ value }) => this.learn(slot, low, high, value)) === true;
  }

  /** Remembers a task in a slot, if it is the one whose coroutine has this frame. */
  private learn(slot: number, low: number, high: number, task: number): boolean {
    const { memory, scratch, layout, reader } = this;
    const at = this.asyncio!.task;
    if (reader === null || !memory.read(task + at.coroutine, scratch, 0, 16)) return false;
    const coroutine = pointerAt(scratch, 0);
    const name = pointerAt(scratch, 8);
    const frame = (low >>> 0) + (high >>> 0) * two32;
    const own =
      layout.frames === 'data-stack'
        ? coroutine + layout.generator.frame
        : readPointer(memory, coroutine + layout.object.type + 8 + generatorFrame);
    if (coroutine === 0 || name === 0 || own !== frame) return false;
    const text = reader.nameOf(name);
    if (text === '' || !this.learnName(slot, name)) return false;
    this.frameLow[slot] = low;
    this.frameHigh[slot] = high;
    this.coroutineLow[slot] = coroutine | 0;
    this.coroutineHigh[slot] = Math.floor(coroutine / two32);
    this.taskLow[slot] = task | 0;
    this.taskHigh[slot] = Math.floor(task / two32);
    this.nameLow[slot] = name | 0;
    this.nameHigh[slot] = Math.floor(name / two32);
    this.frame[slot] = this.numberOf(taskPrefix + text);
    return true;
  }

  /** Remembers the words that make up a name: characters of a str, digits of an int. */
  private learnName(slot: number, name: number): boolean {
    const { memory, scratch, layout } = this;
    const { unicode } = layout;
    if (!memory.read(name, scratch, 0, unicode.state + 8)) return false;
    const isString = this.reader!.isString(name);
    // PyASCIIObject.state: kind, compact, ascii (Include/cpython/unicodeobject.h)
    const state = scratch.readUInt32LE(unicode.state);
    const isAscii = ((state >>> (unicode.kindBit + 4)) & 1) === 1;
    const kind = (state >>> unicode.kindBit) & 7;
    const start = !isString ? layout.object.type + 8 : isAscii ? unicode.asciiData : unicode.compactData;
    const length = isString ? Math.min(nameBytes, scratch.readUInt32LE(unicode.length) * kind) : 16; // lv_tag, first digits
    const words = length >> 2;
    const rest = length & 3;
    // What is behind the last character is not the name's: the terminator is.
    const count = rest === 0 ? words : words + 1;
    if (!memory.read(name + start, scratch, 0, count * 4)) return false;
    this.dataStart[slot] = start;
    this.dataWords[slot] = count;
    for (let i = 0; i < count; i++) this.data[slot * nameWords + i] = scratch.readInt32LE(4 * i);
    return true;
  }

  private numberOf(text: string): number {
    let number = this.numbers.get(text);
    if (number === undefined) {
      const name = this.numbers.size < limits.names ? text : otherTasks;
      number = this.frames.frame(this.frames.functionId(name, taskFile, 0), 0);
      if (name === text) this.numbers.set(text, number);
    }
    return number;
  }
}
