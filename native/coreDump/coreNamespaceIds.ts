import type { NamespaceIds } from '../os/system.ts';
import type { CoreFile } from './coreFile.ts';
import type { CoreMemory } from './coreMemory.ts';

/** Bytes of the C library's structure for a thread that hold its id for sure. */
const searched = 1536;
/** Threads that are compared. */
const compared = 64;
/** Where the structure has the id: `struct pthread` of glibc (nptl/descr.h: 704 bytes of header, then a list entry), of musl (pthread_impl.h). */
const idAt = [720, 48];
/** PID_MAX_LIMIT, linux/threads.h. */
const highestId = 1 << 22;

/**
 * The ids that a program's threads had in its own namespace, where the dump has others: a debugger outside of the container wrote it.
 * The C library's structures have them.
 */
export class CoreNamespaceIds implements NamespaceIds {
  private readonly ids: ReadonlyMap<number, number>;

  private constructor(ids: ReadonlyMap<number, number>) {
    this.ids = ids;
  }

  /** Null: they are those of the dump, or can't be found. */
  static open({ notes }: CoreFile, memory: CoreMemory): CoreNamespaceIds | null {
    const all = notes.threads.filter(({ pthread }) => pthread !== 0);
    const some = all.slice(0, compared).flatMap(({ id, pthread }) => {
      const bytes = Buffer.alloc(searched);
      return memory.read(pthread, bytes, 0, searched) ? [{ id, bytes }] : [];
    });
    if (some.length === 0) return null;
    for (let at = 0; at < searched; at += 4) if (some.every(({ id, bytes }) => bytes.readInt32LE(at) === id)) return null;
    const offset = idAt.find((at) => {
      const found = some.map(({ bytes }) => bytes.readInt32LE(at));
      return new Set(found).size === found.length && found.every((id) => id > 0 && id <= highestId);
    });
    if (offset === undefined) return null;
    const ids = new Map<number, number>();
    const word = Buffer.alloc(4);
    for (const { id, pthread } of all) if (memory.read(pthread + offset, word, 0, 4)) ids.set(word.readInt32LE(0), id);
    return new CoreNamespaceIds(ids);
  }

  own(): number[] {
    return [...this.ids.keys()];
  }

  ours(own: readonly number[]): number[] {
    return own.map((id) => (id < 1 ? id : (this.ids.get(id) ?? -1)));
  }
}
