import { ThreadState, type ThreadStates } from '../os/system.ts';
import type { SampleBook } from './sampleBook.ts';
import type { SharedCore } from './sharedCore.ts';
import { type Interpreter, type InterpreterSource, listInterpreters, readAgain, type ThreadEntry } from './threads/interpreters.ts';
import { ListHeads } from './threads/listHeads.ts';
import { RestingThreads } from './threads/restingThreads.ts';
import { SampledThread } from './threads/sampledThread.ts';

/** Called when threads come and go; never per sample. */
export interface ThreadListener {
  /** @returns the number of the thread in the profile */
  threadStarted(thread: SampledThread, interpreterId: number): number;
  threadEnded(thread: SampledThread): void;
}

/** The interpreters and threads of one process, as they were found last. */
export class KnownThreads {
  threads: readonly SampledThread[] = [];
  interpreters: readonly Interpreter[] = [];
  /** Threads are about to begin: the lists won't change once more when they do. */
  pending = false;

  private readonly source: InterpreterSource;
  private readonly states: ThreadStates;
  private readonly book: SampleBook;
  private readonly core: SharedCore | null;
  private readonly listener: ThreadListener;
  private readonly changed: (threads: SampledThread[]) => void;
  private readonly resting: RestingThreads;
  private readonly lists: ListHeads;
  private readonly byAddress = new Map<number, SampledThread>();
  /** Slot of the process's own id, which is its main thread's, whether or not that is one of Python's. */
  private readonly processSlot: number;

  /**
   * @param pid of the process
   * @param core is told where threads are that come
   * @param changed is called with the threads there are when others are known than before
   */
  constructor(
    source: InterpreterSource,
    pid: number,
    states: ThreadStates,
    book: SampleBook,
    core: SharedCore | null,
    listener: ThreadListener,
    changed: (threads: SampledThread[]) => void,
  ) {
    this.source = source;
    this.states = states;
    this.book = book;
    this.core = core;
    this.listener = listener;
    this.changed = changed;
    this.resting = new RestingThreads(states);
    this.lists = new ListHeads(source);
    this.processSlot = states.track(pid);
  }

  /** Finds the interpreters and threads there are now. @returns false when the list can't be read */
  enumerate(): boolean {
    const found = listInterpreters(this.source);
    if (this.isOver()) {
      // What was found may be another process's by now.
      this.book.threadsGone = true;
      return false;
    }
    if (found === null) return false;
    const { interpreters } = found;
    this.interpreters = interpreters;
    this.pending = false;
    const known = (entry: ThreadEntry): SampledThread | undefined => {
      const thread = this.byAddress.get(entry.address);
      return thread?.osThreadId === entry.osThreadId && thread.pythonThreadId === entry.pythonThreadId ? thread : undefined;
    };
    const gone = new Set(this.threads);
    for (const interpreter of interpreters) for (const entry of interpreter.threads) gone.delete(known(entry)!);
    // Before others begin: the same thread of the system may have taken another state.
    for (const thread of gone) this.leave(thread);
    const threads: SampledThread[] = [];
    for (const interpreter of interpreters) {
      if (interpreter.pending) this.pending = true;
      for (const entry of interpreter.threads) {
        let thread = known(entry);
        if (thread === undefined) {
          thread = new SampledThread(entry.address, entry.osThreadId, entry.pythonThreadId);
          this.arrive(thread, interpreter.id);
        }
        thread.identity = entry.identity;
        thread.nextLow = entry.nextLow;
        thread.nextHigh = entry.nextHigh;
        thread.interpreter = interpreter;
        thread.presentAt = this.book.ticks;
        threads.push(thread);
      }
    }
    if (interpreters.length > 1) findTwins(threads);
    this.lists.note(found.head, interpreters);
    this.use(threads);
    return true;
  }

  /** Finds what has changed in the lists of threads. @returns as `enumerate` */
  findChanges(): boolean {
    return this.followHead() || this.enumerate();
  }

  /** Whether no interpreter and no thread has come, by one read. */
  areListsUnchanged(): boolean {
    return this.lists.areUnchanged();
  }

  /** Whether the process is gone, though another one may have its id by now. */
  isOver(): boolean {
    const { states } = this;
    return states.look(this.processSlot) === ThreadState.Waiting && states.isGone(this.processSlot);
  }

  /** The frames that threads are remembered to have are looked up again. */
  forgetStacks(): void {
    for (const thread of this.threads) thread.depth = 0;
  }

  /** Calls a function with all threads, those too that had a thread state and have none now. */
  forEach(use: (thread: SampledThread) => void): void {
    for (const thread of this.threads) use(thread);
    for (const thread of this.resting.values()) use(thread);
  }

  /** To be called a few times a second: forgets threads that rested and have ended. */
  housekeeping(): void {
    this.resting.tidy((thread) => this.book.bookPending(thread));
  }

  private use(threads: SampledThread[]): void {
    this.threads = threads;
    this.changed(threads);
  }

  /**
   * The one change that may come thousands of times a second, in three reads: the newest thread of an interpreter has gone, or
   * one came that was there before.
   * @returns false when it was something else, or is by now
   */
  private followHead(): boolean {
    const { lists, threads, book } = this;
    const index = this.pending || book.ticks === 0 ? -1 : lists.findChange();
    if (index < 0) return false;
    const interpreter = this.interpreters[index]!;
    const { low, high } = lists;
    const at = threads.findIndex((thread) => thread.interpreter === interpreter);
    const newest = threads[at];
    if (newest?.nextLow === low && newest.nextHigh === high) {
      this.leave(newest);
      this.use(threads.toSpliced(at, 1));
    } else {
      const thread = this.resting.at(low, high);
      if (thread?.interpreter !== interpreter || !readAgain(this.source, thread, interpreter)) return false;
      this.arrive(thread, interpreter.id);
      thread.presentAt = book.ticks;
      thread.depth = 0;
      thread.unread = 0;
      this.use(threads.toSpliced(Math.max(0, at), 0, thread));
    }
    interpreter.headLow = low;
    interpreter.headHigh = high;
    lists.accept();
    return true;
  }

  private arrive(thread: SampledThread, interpreterId: number): void {
    thread.id = this.listener.threadStarted(thread, interpreterId);
    this.resting.take(thread);
    thread.hasArrived = this.book.ticks > 0;
    this.book.markSettled(thread);
    // It may be gone before it can be read: where it is to be found the next time.
    if (thread.hasArrived) this.core?.saw(thread.id, this.states.readyOn(thread.stateSlot));
    this.byAddress.set(thread.address, thread);
  }

  private leave(thread: SampledThread): void {
    const { book } = this;
    if (!thread.isRead) book.settle(thread);
    if (thread.unread > 0) book.lost += thread.unread - 1; // the last time it was ending
    // It was there when this look began.
    if (thread.presentAt === book.ticks && book.ticks > 0) thread.pending.add(book.weight, 0);
    if (!this.resting.add(thread)) book.bookPending(thread);
    this.listener.threadEnded(thread);
    if (this.byAddress.get(thread.address) === thread) this.byAddress.delete(thread.address);
  }
}

/** Tells those apart that are states of the same thread of the system, if there are any. */
function findTwins(threads: readonly SampledThread[]): void {
  const byOsThread = new Map<number, SampledThread[]>();
  for (const thread of threads) {
    const same = byOsThread.get(thread.osThreadId);
    if (same === undefined) byOsThread.set(thread.osThreadId, [thread]);
    else same.push(thread);
  }
  for (const same of byOsThread.values())
    for (const thread of same) thread.twins = same.length > 1 ? same.filter((other) => other !== thread) : [];
}
