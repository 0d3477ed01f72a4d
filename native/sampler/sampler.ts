import { ThreadState, type ThreadStates, type ProcessMemory } from '../os/system.ts';
import type { Opcodes } from '../cpython/opcodes.ts';
import { CodeCache } from './code/codeCache.ts';
import { StackWalker } from './dataStack/stackWalker.ts';
import { HeapWalker } from './heap/heapWalker.ts';
import type { NativeReader } from './nativeFrames/nativeReader.ts';
import { ProcessCopy } from './processCopy.ts';
import { SampleBook, type SampleCounts, type SharedTables } from './sampleBook.ts';
import type { SharedCore } from './sharedCore.ts';
import type { StackTrie } from './tables/stackTrie.ts';
import type { RunningTasks } from './tasks/runningTasks.ts';
import type { Interpreter, InterpreterSource } from './threads/interpreters.ts';
import { KnownThreads, type ThreadListener } from './knownThreads.ts';
import { holdsGil, ReadThreads, tookGil } from './threads/readThreads.ts';
import { alwaysClose } from './threads/runStates.ts';
import type { SampledThread } from './threads/sampledThread.ts';
import { noStack, type Walker } from './threads/walker.ts';

/** Where the sampler finds a target's Python, and how to read it. */
export interface PythonTarget extends InterpreterSource {
  readonly memory: ProcessMemory;
  readonly states: ThreadStates;
  readonly opcodes: Opcodes;
  /** Address of PyCode_Type, 0 when unknown. */
  readonly codeType: number;
}

/**
 * Where other threads than Python's run in a process whose threads of Python all wait, each of no more than these is asked whether it has
 * run. Of many some move mostly, so that asking is not worth it.
 */
const quietThreads = 4;

/**
 * Looks at all threads of one process and takes a sample of each: chooses whom to read (ReadThreads), copies them (ProcessCopy), walks
 * their stacks (Walker) and books what was found (SampleBook). Threads whose stacks can't have changed are left out.
 */
export class Sampler {
  readonly codes: CodeCache;
  readonly book: SampleBook;

  private readonly states: ThreadStates;
  private readonly stacks: StackTrie;
  private readonly core: SharedCore | null;
  private readonly native: NativeReader | null;
  private readonly walker: Walker;
  private readonly known: KnownThreads;
  private readonly choice: ReadThreads;
  private readonly copy: ProcessCopy;
  private owesRest = false;
  /** CPU time of the process before the last look that was made at it, µs; −1: not known. */
  private timeAtLook = -1;
  private readonly isFreeThreaded: boolean;
  /** The interpreter does not say when it frees a code object. */
  private readonly mustVerifyCodes: boolean;

  /**
   * @param shared what all processes of a session have in common
   * @param tasks marks the frames of asyncio tasks; null: they are not asked for
   * @param native reads native frames, of threads that run from their cores; null: they are not asked for
   */
  constructor(
    target: PythonTarget,
    shared: SharedTables,
    listener: ThreadListener,
    tasks: RunningTasks | null = null,
    native: NativeReader | null = null,
  ) {
    const { layout, memory, states } = target;
    this.states = states;
    this.stacks = shared.stacks;
    this.core = shared.core ?? null;
    this.native = native;
    this.isFreeThreaded = layout.frames === 'data-stack' && layout.threadState.attached !== undefined;
    this.mustVerifyCodes = layout.interpreter.codeObjectGeneration < 0;
    this.book = new SampleBook(memory.pid, states, shared, native);
    this.known = new KnownThreads(target, memory.pid, states, this.book, this.core, listener, (threads) => this.use(threads));
    this.choice = new ReadThreads(states, (thread) => this.book.settle(thread));
    this.codes = new CodeCache(memory, layout, target.opcodes, target.codeType, shared.frames);
    this.walker =
      layout.frames === 'data-stack'
        ? new StackWalker(memory, layout, this.codes, shared.stacks, tasks)
        : new HeapWalker(target, layout, this.codes, shared.stacks, tasks);
    this.copy = new ProcessCopy(target, this.walker, this.codes, this.known, this.choice);
  }

  /** Samples of threads that were there and could not be read at all. */
  get lost(): number {
    let sum = this.book.lost;
    for (const { unread } of this.known.threads) sum += unread;
    return sum;
  }

  /** Adds what became of its looks. */
  addTo(counts: SampleCounts): void {
    const { book } = this;
    counts.samples += book.samples;
    counts.partial += book.partial;
    counts.lost += this.lost;
    counts.sure += book.sure;
    counts.late += book.late;
    counts.doubtful += book.doubtful;
  }

  /** The process could not be read at all, this tick. */
  loseAll(): void {
    this.book.lost += this.threadCount;
  }

  /** Number of threads known now. */
  get threadCount(): number {
    return this.known.threads.length;
  }

  get sampledThreads(): readonly SampledThread[] {
    return this.known.threads;
  }

  get knownInterpreters(): readonly Interpreter[] {
    return this.known.interpreters;
  }

  /** Finds the interpreters and threads there are now. @returns false when the list can't be read */
  enumerate(): boolean {
    return this.known.enumerate();
  }

  /** There are these threads from now on. */
  private use(threads: SampledThread[]): void {
    this.owesRest = false;
    this.book.runStates.fitTo(threads.length);
    this.choice.use(threads);
    this.copy.planAnew();
  }

  /**
   * Looks at the target once and records a sample of every thread.
   * @param now µs since the session's start; each sample stands for the time since the last tick
   * @returns false when nothing could be read: the target may be gone
   */
  tick(now: number, weight: number): boolean {
    const { book, known } = this;
    book.beginTick(weight);
    if ((book.ticks & 63) === 0) this.walker.tidy(this.choice.list, book.ticks);
    if (known.pending) known.enumerate();
    if (this.stoodStill(now)) {
      book.repeat(known.threads, now);
      return true;
    }
    if (this.readsInParts ? this.choice.chooseFirst() : this.choice.choose()) this.copy.planAnew();
    if (!this.copy.read(now)) {
      book.lastTick = now;
      this.timeAtLook = -1;
      this.settleAll();
      for (const thread of known.threads) book.interrupt(thread);
      return false;
    }
    book.beginLook();
    this.sampleRead(now);
    this.owesRest = this.choice.isFirst;
    if (!this.owesRest) this.endTick(now);
    return true;
  }

  /** Whether one part of the tick is left, which is not to take the program's time: `tickRest`. */
  get isHalfDone(): boolean {
    return this.owesRest || this.native?.isBusy === true;
  }

  /** Samples the threads that did not hold the GIL, after `tick`. They can't move but where they run, of which it is told by the core. */
  tickRest(now: number): void {
    this.finishNative();
    if (!this.owesRest) return;
    this.owesRest = false;
    if (this.choice.chooseRest(this.book.ticks)) {
      this.copy.planAnew();
      if (this.copy.read(now)) this.sampleRead(now);
      else for (const thread of this.choice.list) if (thread.sampledAt !== this.book.ticks) this.book.lose(thread);
    }
    this.endTick(now);
    this.finishNative();
  }

  /** Walks and records the threads that were read. */
  private sampleRead(now: number): void {
    const { walker, core, native, copy, book } = this;
    const { list } = this.choice;
    walker.use(copy.bytes, copy.length, book.ticks);
    for (let i = 0; i < list.length; i++) {
      const thread = list[i]!;
      // Where the list of threads was read anew between the parts of a tick, some have their sample. Who waited for the GIL when the
      // look began, and has it by now, is as it was the last time.
      if (thread.sampledAt === book.ticks || (tookGil(thread) && thread.sampledStack >= 0)) continue;
      thread.sampledAt = book.ticks;
      book.markSettled(thread);
      if (copy.listsChange && !copy.holds(thread)) {
        thread.pending.add(book.weight, 0);
        continue;
      }
      thread.isStill = core !== null && this.standsStill(thread, core);
      if (thread.isStill && native !== null) thread.isStill = copy.readAgain();
      if (thread.isStill && this.mustVerifyCodes) this.codes.verifyAll();
      if (native !== null) walker.evaluations = native.evaluations;
      let stack = copy.isComplete ? walker.walk(thread) : noStack;
      if (stack < 0) stack = walker.walkAlone(thread, stack);
      // What takes long, as code that is seen for the first time, may have ended our turn on the core, or moved the thread to another one.
      if (thread.isStill && this.states.hasRun(thread.stateSlot)) thread.isStill = false;
      const { sampledStack, sampledPartial } = thread;
      thread.sampledStack = stack;
      thread.sampledPartial = walker.partial || this.stacks.isCut(stack);
      if (native !== null && stack > 0 && !thread.sampledPartial && !this.stacks.isPassing(stack)) this.readNative(native, thread);
      if (stack >= 0) book.record(thread, now);
      else book.lose(thread);
      // What was read may be another process's, which has the id by now: time that waits is not that one's.
      if (thread.isGone) {
        thread.sampledStack = sampledStack;
        thread.sampledPartial = sampledPartial;
      }
    }
    if (!copy.isComplete) copy.planAnew();
  }

  /** Reads the native frames of a thread whose Python frames were found just now. */
  private readNative(native: NativeReader, thread: SampledThread): void {
    const { walker, states } = this;
    if (thread.isStill) {
      if (native.stop(thread, states)) return;
      thread.isStill = false;
      thread.sampledStack = native.unread(thread.sampledStack);
      return;
    }
    const stoodStill = states.stoodStill(thread.stateSlot);
    if (stoodStill && thread.pythonStack === thread.sampledStack) {
      thread.sampledStack = thread.nativeStack;
      return;
    }
    const python = thread.sampledStack;
    // Who waits stands still, as long as it does: evaluations are where the interpreter's own pointers lead.
    thread.isStill = true;
    walker.evaluations = native.evaluations;
    const stack = stoodStill ? walker.walk(thread) : walker.walkAlone(thread, noStack);
    thread.isStill = false;
    if (stack > 0 && !walker.partial && !this.stacks.isPassing(stack)) {
      thread.sampledStack = stack;
      if (native.copyWaiting(thread)) {
        if (states.stoodStill(thread.stateSlot)) return;
        native.drop();
      }
    }
    thread.pythonStack = -1;
    thread.sampledStack = native.unread(python);
  }

  /** Books the samples whose native frames were copied. */
  private finishNative(): void {
    this.native?.finish(({ thread, now, time }) => {
      if (time.looks > 0) this.book.book(thread, now, time.looks, time.time, time.cpu);
    });
  }

  /** Sees to the threads that were not read. */
  private endTick(now: number): void {
    const { book, known } = this;
    const { threads } = known;
    for (let i = 0; i < threads.length; i++) {
      const thread = threads[i]!;
      if (thread.sampledStack < 0) this.choice.askAll();
      if (thread.sampledAt === book.ticks) continue;
      thread.isRead = false;
      thread.isStill = false;
      if (this.rests(thread)) continue;
      book.settle(thread);
      book.markSettled(thread);
      if (thread.sampledStack >= 0 && book.goesOnWaiting(thread, now)) continue;
      if (thread.sampledStack >= 0) book.record(thread, now);
      else book.lose(thread);
    }
    if (this.copy.isComplete && !known.pending && this.choice.rest()) this.copy.planAnew();
    book.endLook(now);
  }

  /** Where a program's core is ours for the look, it is so for as short as can be. Without a GIL all that run are of one instant. */
  private get readsInParts(): boolean {
    return this.core !== null && this.choice.areMany && !this.isFreeThreaded;
  }

  /**
   * Whether none of its threads has run since the last samples, so that they hold, and no other one has come into Python. Most often that
   * is so as no thread of the process has run at all. Else Python's are asked one by one, and whether there are others: of C's
   * threads that call it, the interpreter knows only while they do. Their states are put at the head of its list
   * (PyThreadState_New, Python/pystate.c).
   */
  private stoodStill(now: number): boolean {
    const { book, known } = this;
    const { threads } = known;
    if (known.pending || this.choice.areMany || now - book.lastTick < alwaysClose || !book.runStates.allWaited(threads)) {
      this.timeAtLook = -1;
      return false;
    }
    const time = this.states.processTime();
    if (time >= 0 && time === this.timeAtLook) return true;
    this.timeAtLook = time;
    return threads.length <= quietThreads && book.runStates.noneRan(threads) && known.areListsUnchanged();
  }

  /** Whether the process is gone, though another one may have its id by now. */
  isOver(): boolean {
    return this.known.isOver();
  }

  /**
   * Whether a thread was found gone since the last call, though the process still has its state: it may be another process that
   * has its id.
   */
  takeGone(): boolean {
    const gone = this.book.threadsGone;
    this.book.threadsGone = false;
    return gone;
  }

  /** To be called a few times a second: sees to what can't be noticed in a sample. */
  housekeeping(): void {
    this.known.housekeeping();
    if (this.choice.housekeeping()) this.copy.planAnew();
    this.codes.age();
    this.native?.housekeeping();
    this.walker.housekeeping();
    if (this.mustVerifyCodes && this.codes.verifySome(512)) this.known.forgetStacks();
    if (this.codes.lookAtOpcodes()) this.known.forgetStacks();
    // Interpreters come and go, and all of a Python with them where a host ends it and begins another one.
    if (!this.known.areListsUnchanged()) this.known.enumerate();
  }

  /** What is to be copied has changed. */
  planAnew(): void {
    this.copy.planAnew();
  }

  /** To be called before the trie forgets its passing stacks: all that keeps numbers of them does. */
  forgetPassingStacks(): void {
    this.known.forEach((thread) => this.book.forgetPassingStack(thread));
    this.choice.readAll();
    this.copy.planAnew();
  }

  /**
   * Whether a thread that is not read waits, and is not to be touched: of a thousand threads that is most. Its samples are as its
   * last one, and booked together later.
   */
  private rests(thread: SampledThread): boolean {
    return (
      this.choice.areMany &&
      !thread.mightRun &&
      thread.sampledStack >= 0 &&
      thread.runState === ThreadState.Waiting &&
      !this.stacks.isPassing(thread.sampledStack)
    );
  }

  /**
   * To be called before what was recorded is taken: nothing is left that is to be booked later, but for what waits for a sample
   * of standing still.
   */
  settleAll(): void {
    this.finishNative();
    for (const thread of this.known.threads) if (!thread.isRead) this.book.settle(thread);
  }

  /** To be called at the end: no time waits for a sample after it. */
  bookAll(): void {
    this.settleAll();
    this.known.forEach((thread) => this.book.bookPending(thread));
  }

  /** Whether a thread that could move can't, as we run on its core. */
  private standsStill(thread: SampledThread, core: SharedCore): boolean {
    // Who does not hold the GIL has a stack that does not change. Where there is none, who is attached is known after the walk.
    if (!holdsGil(thread) && !this.isFreeThreaded && this.native === null) return false;
    const readyOn = this.states.readyOn(thread.stateSlot);
    return readyOn >= 0 && core.saw(thread.id, readyOn);
  }
}
