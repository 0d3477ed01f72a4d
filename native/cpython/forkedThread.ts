import type { ThreadIds } from './threadIds.ts';

/**
 * Which thread is left in a process that C forked without telling Python (uWSGI's workers, libraries that fork). Its thread state
 * has the id that the thread has in the parent (`native_thread_id`, 3.11+: only PyOS_AfterFork_Child sets it anew), but the C
 * library knows the new one; the other thread states are of threads that the fork did not copy.
 */
export class ForkedThread {
  /** Whether such a thread was found. */
  wasFound = false;
  private readonly threadIds: ThreadIds;
  private readonly pid: () => number;
  private readonly tasks: () => readonly number[];

  /**
   * @param pid the process's id, as the process itself knows it
   * @param tasks the ids of its threads, as the process knows them
   */
  constructor(threadIds: ThreadIds, pid: () => number, tasks: () => readonly number[]) {
    this.threadIds = threadIds;
    this.pid = pid;
    this.tasks = tasks;
  }

  /**
   * @param ids by Python's thread states
   * @param threads their `pthread_t`, in the same order
   * @returns the ids as they are; −1 for a thread that is not there
   */
  correct(ids: readonly number[], threads: readonly number[]): readonly number[] {
    const pid = this.pid();
    // The thread that forks is the child's first one, and has its id.
    if (ids.includes(pid)) return ids;
    const candidates = threads.flatMap((thread, index) => (this.threadIds.isOf(thread, pid) ? [index] : []));
    const [left] = candidates;
    if (candidates.length !== 1) return ids;
    this.wasFound = true;
    const tasks = new Set(this.tasks());
    return ids.map((id, index) => (index === left ? pid : tasks.has(id) ? id : -1));
  }
}
