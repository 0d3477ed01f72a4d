import { readProcFile } from './procFiles.ts';
import type { NamespaceIds } from '../system.ts';

/** A thread's ids in the pid namespaces it is in, from ours (that of /proc) inwards (proc_pid_status(5)). */
const line = /^NSpid:\t([\d\t]+)$/m;

/**
 * Ids of a process's threads in a pid namespace below ours, such as a container's: inside, they have other numbers, and those are
 * what its memory holds.
 */
export class LinuxNamespaceIds implements NamespaceIds {
  private readonly pid: number;
  private readonly threadIds: () => number[];
  /** The threads' ids in their own namespace, by ours. */
  private inside = new Map<number, number>();

  private constructor(pid: number, threadIds: () => number[]) {
    this.pid = pid;
    this.threadIds = threadIds;
  }

  /**
   * @param threadIds lists the process's threads
   * @returns null when the ids inside are the same as ours
   */
  static open(pid: number, threadIds: () => number[]): LinuxNamespaceIds | null {
    return (idsIn(`/proc/${pid}/status`)?.length ?? 1) > 1 ? new LinuxNamespaceIds(pid, threadIds) : null;
  }

  own(): number[] {
    this.refresh();
    return [...this.inside.values()];
  }

  ours(own: readonly number[]): number[] {
    this.refresh();
    const outside = new Map<number, number>();
    for (const [ours, theirs] of this.inside) outside.set(theirs, ours);
    return own.map((id) => (id > 0 ? (outside.get(id) ?? -1) : id));
  }

  /** Asks for new threads only: a thread keeps its ids. */
  private refresh(): void {
    const inside = new Map<number, number>();
    for (const threadId of this.threadIds()) {
      const known = this.inside.get(threadId) ?? idsIn(`/proc/${this.pid}/task/${threadId}/status`)?.at(-1);
      if (known !== undefined) inside.set(threadId, known);
    }
    this.inside = inside;
  }
}

/** What a process calls itself; null: it is gone. */
export function innermostId(pid: number): number | null {
  return idsIn(`/proc/${pid}/status`)?.at(-1) ?? null;
}

function idsIn(path: string): number[] | null {
  const ids = line.exec(readProcFile(path, 4096)?.toString('latin1') ?? '')?.[1];
  return ids === undefined ? null : ids.split('\t').map(Number);
}
