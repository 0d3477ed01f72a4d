import type { Memory } from '../memory/memory.ts';

/** Bytes of glibc's `struct pthread` or musl's that hold the thread's id for sure. */
const searched = 1536;
const descriptorLength = 12;

/**
 * The system's ids of threads whose thread state has only their `pthread_t` (to 3.10): on Linux the address of the C
 * library's own structure for the thread, which holds the id.
 */
export class ThreadIds {
  private readonly memory: Memory;
  private readonly tasks: () => readonly number[];
  /** Where the structure holds the id, −1 when that is not known (yet). */
  private offset: number;
  /** Told by the C library, and not to be doubted. */
  private readonly described: boolean;

  /**
   * @param descriptor address of `_thread_db_pthread_tid`, with which glibc tells debuggers where the id is (nptl_db);
   *   0: it is found by comparing with the ids there are
   * @param tasks lists the ids of the process's threads
   */
  constructor(memory: Memory, descriptor: number, tasks: () => readonly number[]) {
    this.memory = memory;
    this.tasks = tasks;
    this.offset = readDescriptor(memory, descriptor);
    this.described = this.offset >= 0;
  }

  /** The ids of threads by their `pthread_t`, in the same order; 0 for one that isn't known. */
  of(threads: readonly number[]): number[] {
    if (this.described) return threads.map((thread) => this.idAt(thread));
    const tasks = new Set(this.tasks());
    let ids = this.read(threads, this.offset);
    if (!isPlausible(ids, tasks)) {
      this.offset = this.findOffset(threads, tasks);
      ids = this.read(threads, this.offset);
    }
    return ids;
  }

  /** Whether this `pthread_t` is the thread with this id. */
  isOf(thread: number, id: number): boolean {
    if (this.described) return this.idAt(thread) === id;
    const bytes = Buffer.alloc(searched);
    if (!this.memory.read(thread, bytes, 0, searched)) return false;
    for (let offset = 0; offset < searched; offset += 4) if (bytes.readInt32LE(offset) === id) return true;
    return false;
  }

  private read(threads: readonly number[], offset: number): number[] {
    return offset < 0 ? threads.map(() => 0) : threads.map((thread) => this.idAt(thread));
  }

  private idAt(thread: number): number {
    const bytes = Buffer.alloc(4);
    return this.memory.read(thread + this.offset, bytes, 0, 4) ? Math.max(0, bytes.readInt32LE(0)) : 0;
  }

  /** The first place that holds the id of another task in each of the structures. */
  private findOffset(threads: readonly number[], tasks: ReadonlySet<number>): number {
    const structures: Buffer[] = [];
    for (const thread of new Set(threads)) {
      const bytes = Buffer.alloc(searched);
      if (this.memory.read(thread, bytes, 0, searched)) structures.push(bytes);
    }
    if (structures.length === 0) return -1;
    for (let offset = 0; offset < searched; offset += 4) {
      if (
        isPlausible(
          structures.map((bytes) => bytes.readInt32LE(offset)),
          tasks,
        )
      )
        return offset;
    }
    return -1;
  }
}

/** Whether these may be the ids of different threads. */
function isPlausible(ids: readonly number[], tasks: ReadonlySet<number>): boolean {
  return ids.length > 0 && new Set(ids).size === ids.length && ids.every((id) => tasks.has(id));
}

/** { size in bits, number of elements, offset }: DB_STRUCT_FIELD, nptl_db/structs.def. */
function readDescriptor(memory: Memory, address: number): number {
  const bytes = Buffer.alloc(descriptorLength);
  if (address === 0 || !memory.read(address, bytes, 0, descriptorLength)) return -1;
  const offset = bytes.readUInt32LE(8);
  return bytes.readUInt32LE(0) === 32 && bytes.readUInt32LE(4) === 1 && offset < 1 << 16 ? offset : -1;
}
