import type { Memory } from '../../memory/memory.ts';
import type { TaskMemory } from './runningTasks.ts';
import type { SampledThread } from '../threads/sampledThread.ts';

const two32 = 2 ** 32;
const room = 512;
/** As many as are looked at together: a task, its coroutine, its name. */
const rooms = 4;

/** Reads what belongs to a task by itself, whenever it is asked for. */
export class ReadTaskMemory implements TaskMemory {
  readonly words: Int32Array<ArrayBuffer>;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly memory: Memory;
  private next = 0;

  constructor(memory: Memory) {
    const buffer = new ArrayBuffer(rooms * room);
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.memory = memory;
  }

  taskMemory(_thread: SampledThread, low: number, high: number, length: number): number {
    if (length > room || high < 0 || high > 0x7fff) return -1;
    const offset = this.next * room;
    this.next = (this.next + 1) % rooms;
    return this.memory.read((low >>> 0) + (high >>> 0) * two32, this.bytes, offset, length) ? offset : -1;
  }
}
