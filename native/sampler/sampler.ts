import { SampleFlag } from '../../profile/delta.ts';
import { threadAttached } from '../cpython/layout.ts';
import type { Opcodes } from '../cpython/opcodes.ts';
import { CopyBuffer } from '../memory/copyBuffer.ts';
import { SpanPlan } from '../memory/memory.ts';
import { type ProcessMemory, ThreadState, type ThreadStates } from '../os/system.ts';
import { CodeCache } from './code/codeCache.ts';
import type { NativeReader } from './nativeFrames/nativeReader.ts';
import type { CutCallRecorder } from './tables/cutCalls.ts';
import type { FrameTable } from './tables/frameTable.ts';
import { HeapWalker } from './heap/heapWalker.ts';
import {
  identityOffset,
  type Interpreter,
  type InterpreterSource,
  listInterpreters,
  readAgain,
  type ThreadEntry,
} from './threads/interpreters.ts';
import { ListHeads } from './threads/listHeads.ts';
import { holdsGil, ReadThreads, tookGil } from './threads/readThreads.ts';
import { RestingThreads } from './threads/restingThreads.ts';
import type { RunningTasks } from './tasks/runningTasks.ts';
import type { RunRecorder } from './tables/runRecorder.ts';
import { alwaysClose, RunStates } from './threads/runStates.ts';
import { SampledThread } from './threads/sampledThread.ts';
import { SampledTime } from './threads/sampledTime.ts';
import type { SharedCore } from './sharedCore.ts';
import type { StackTrie } from './tables/stackTrie.ts';
import { StackWalker } from './dataStack/stackWalker.ts';
import { noStack, type Walker } from './threads/walker.ts';

/** Where the sampler finds a target's Python, and how to read it. */
export interface PythonTarget extends InterpreterSource {
  readonly memory: ProcessMemory;
  readonly states: ThreadStates;
  readonly opcodes: Opcodes;
  /** Address of PyCode_Type, 0 when unknown. */
  readonly codeType: number;
}

/** The numbers of a session's frames and stacks, and where its samples go. */
export interface SharedTables {
  readonly frames: FrameTable;
  readonly stacks: StackTrie;
  readonly recorder: RunRecorder;
  /** Lets threads stand still while they are copied; null: they are copied from another core, as they run. */
  readonly core?: SharedCore | null;
  /** Where it goes what finds no room among the stacks; null: nowhere. */
  readonly cutCalls?: CutCallRecorder | null;
}

/** Called when threads come and go; never per sample. */
export interface ThreadListener {
  /** @returns the number of the thread in the profile */
  threadStarted(thread: SampledThread, interpreterId: number): number;
  threadEnded(thread: SampledThread): void;
}

/** µs that may wait for a sample of standing still. */
const longestPending = 500_000;

/**
 * A process of no more threads than these is not read, but for its lists of threads, while all of them wait and the system says
 * that none has run since. Of many threads some move mostly, so that asking is not worth it.
 */
const quietThreads = 4;

/**
 * Samples all threads of one process. In the steady state a tick is one read: the interpreters'
 * thread-list heads and GIL, each thread state, and the frames. Threads whose stacks can't have changed are left out (ReadThreads).
 */
export class Sampler {
  readonly codes: CodeCache;
  ticks = 0;
  samples = 0;
  partial = 0;
  private lostForGood = 0;

  private readonly target: PythonTarget;
  private readonly recorder: RunRecorder;
  private readonly stacks: StackTrie;
  private readonly frames: FrameTable;
  private readonly listener: ThreadListener;
  private readonly walker: Walker;
  private readonly plan = new SpanPlan();
  private planned = false;
  /** Number and length of the plan's first spans, which are the interpreters'. */
  private interpreterSpans = 0;
  private interpreterLength = 0;
  /** When (µs) the interpreters were copied last. */
  private lookedAt = -Infinity;
  private copy = new CopyBuffer(64 * 1024);
  private interpreters: Interpreter[] = [];
  private threads: SampledThread[] = [];
  private readonly choice: ReadThreads;
  /** Ticks in which samples were taken, and µs that these stand for: threads that rest are not touched in each of them (settle). */
  private looks = 0;
  private time = 0;
  /** 1 while the last of these looks is being made. */
  private inLook = 0;
  private owesRest = false;
  /** The last copy holds all that was planned. */
  private complete = true;
  /** The lists of threads had changed again in the last copy: each thread has to be known by itself. */
  private listsChange = false;
  /** µs that the samples of this tick stand for. */
  private weight = 0;
  private readonly resting: RestingThreads;
  private readonly lists: ListHeads;
  private readonly threadsByAddress = new Map<number, SampledThread>();
  private lastTick = 0;
  /** Slot of the process's own id, which is its main thread's, whether or not that is one of Python's. */
  private readonly processSlot: number;
  /** A thread was found gone, since `takeGone` was asked last. */
  private threadsGone = false;
  /** Threads are about to begin: the lists won't change once more when they do. */
  private pending = false;
  private readonly runStates: RunStates;
  private readonly core: SharedCore | null;
  private readonly cutCalls: CutCallRecorder | null;
  private readonly native: NativeReader | null;
  private readonly single = new SampledTime();
  private readonly isFreeThreaded: boolean;
  /** The interpreter does not say when it frees a code object. */
  private readonly mustVerifyCodes: boolean;
  /** Whether the main thread without a frame is Python that starts or ends. In programs with Python inside it may do anything. */
  namesStart = false;
  /** µs that samples of running threads stand for which stood still, which did in looks that came too late, and which did not. */
  sure = 0;
  late = 0;
  doubtful = 0;

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
    this.target = target;
    this.native = native;
    this.core = shared.core ?? null;
    this.cutCalls = shared.cutCalls ?? null;
    this.isFreeThreaded = target.layout.frames === 'data-stack' && target.layout.threadState.attached !== undefined;
    this.resting = new RestingThreads(target.states);
    this.lists = new ListHeads(target);
    this.mustVerifyCodes = target.layout.interpreter.codeObjectGeneration < 0;
    this.runStates = new RunStates(target.states);
    this.choice = new ReadThreads(target.states, (thread) => this.settle(thread));
    this.processSlot = target.states.track(target.memory.pid);
    this.recorder = shared.recorder;
    this.stacks = shared.stacks;
    this.frames = shared.frames;
    this.listener = listener;
    this.codes = new CodeCache(target.memory, target.layout, target.opcodes, target.codeType, shared.frames);
    const { layout } = target;
    this.walker =
      layout.frames === 'data-stack'
        ? new StackWalker(target.memory, layout, this.codes, shared.stacks, tasks)
        : new HeapWalker(target, layout, this.codes, shared.stacks, tasks);
  }

  /** Samples of threads that were there and could not be read at all. */
  get lost(): number {
    let sum = this.lostForGood;
    for (const { unread } of this.threads) sum += unread;
    return sum;
  }

  /** The process could not be read at all, this tick. */
  loseAll(): void {
    this.lostForGood += this.threads.length;
  }

  /** Number of threads known now. */
  get threadCount(): number {
    return this.threads.length;
  }

  get sampledThreads(): readonly SampledThread[] {
    return this.threads;
  }

  get knownInterpreters(): readonly Interpreter[] {
    return this.interpreters;
  }

  /** Finds the interpreters and threads there are now. @returns false when the list can't be read */
  enumerate(): boolean {
    const found = listInterpreters(this.target);
    if (this.isOver()) {
      // What was found may be another process's by now.
      this.threadsGone = true;
      return false;
    }
    if (found === null) return false;
    const { interpreters } = found;
    this.interpreters = interpreters;
    this.pending = false;
    const known = (entry: ThreadEntry): SampledThread | undefined => {
      const thread = this.threadsByAddress.get(entry.address);
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
        thread.presentAt = this.ticks;
        threads.push(thread);
      }
    }
    if (interpreters.length > 1) findTwins(threads);
    this.lists.note(found.head, interpreters);
    this.useThreads(threads);
    return true;
  }

  private useThreads(threads: SampledThread[]): void {
    this.threads = threads;
    this.owesRest = false;
    this.runStates.fitTo(threads.length);
    this.choice.use(threads);
    this.planned = false;
  }

  /** Finds what has changed in the lists of threads. @returns as `enumerate` */
  private findThreads(): boolean {
    return this.followHead() || this.enumerate();
  }

  /**
   * The one change that may come thousands of times a second, in three reads: the newest thread of an interpreter has gone, or
   * one came that was there before.
   * @returns false when it was something else, or is by now
   */
  private followHead(): boolean {
    const { lists, threads } = this;
    const index = this.pending || this.ticks === 0 ? -1 : lists.findChange();
    if (index < 0) return false;
    const interpreter = this.interpreters[index]!;
    const { low, high } = lists;
    const at = threads.findIndex((thread) => thread.interpreter === interpreter);
    const newest = threads[at];
    if (newest?.nextLow === low && newest.nextHigh === high) {
      this.leave(newest);
      this.useThreads(threads.toSpliced(at, 1));
    } else {
      const thread = this.resting.at(low, high);
      if (thread?.interpreter !== interpreter || !readAgain(this.target, thread, interpreter)) return false;
      this.arrive(thread, interpreter.id);
      thread.presentAt = this.ticks;
      thread.depth = 0;
      thread.unread = 0;
      this.useThreads(threads.toSpliced(Math.max(0, at), 0, thread));
    }
    interpreter.headLow = low;
    interpreter.headHigh = high;
    lists.accept();
    return true;
  }

  private arrive(thread: SampledThread, interpreterId: number): void {
    thread.id = this.listener.threadStarted(thread, interpreterId);
    this.resting.take(thread);
    thread.hasArrived = this.ticks > 0;
    this.markSettled(thread);
    // It may be gone before it can be read: where it is to be found the next time.
    if (thread.hasArrived) this.core?.saw(thread.id, this.target.states.readyOn(thread.stateSlot));
    this.threadsByAddress.set(thread.address, thread);
  }

  private leave(thread: SampledThread): void {
    if (!thread.isRead) this.settle(thread);
    if (thread.unread > 0) this.lostForGood += thread.unread - 1; // the last time it was ending
    // It was there when this look began.
    if (thread.presentAt === this.ticks && this.ticks > 0) thread.pending.add(this.weight, 0);
    if (!this.resting.add(thread)) this.bookPending(thread);
    this.listener.threadEnded(thread);
    if (this.threadsByAddress.get(thread.address) === thread) this.threadsByAddress.delete(thread.address);
  }

  /**
   * Looks at the target once and records a sample of every thread.
   * @param now µs since the session's start; each sample stands for the time since the last tick
   * @returns false when nothing could be read: the target may be gone
   */
  tick(now: number, weight: number): boolean {
    this.ticks++;
    this.weight = weight;
    this.native?.releaseLate();
    if ((this.ticks & 63) === 0) this.walker.tidy(this.choice.list, this.ticks);
    if (this.pending) this.enumerate();
    if (this.stoodStill(now)) {
      this.repeatSamples(now, weight);
      this.lastTick = now;
      return true;
    }
    if (this.readsInParts ? this.choice.chooseFirst() : this.choice.choose()) this.planned = false;
    if (!this.read(now)) {
      this.lastTick = now;
      this.settleAll();
      for (const thread of this.threads) this.recorder.interrupt(thread.id);
      return false;
    }
    this.looks++;
    this.time += weight;
    this.inLook = 1;
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
    if (this.choice.chooseRest(this.ticks)) {
      this.planned = false;
      if (this.read(now)) this.sampleRead(now);
      else for (const thread of this.choice.list) if (thread.sampledAt !== this.ticks) this.lose(thread);
    }
    this.endTick(now);
    this.finishNative();
  }

  /** Walks and records the threads that were read. */
  private sampleRead(now: number): void {
    const { walker, core, listsChange, weight, native } = this;
    const { list } = this.choice;
    walker.use(this.copy, this.plan.totalLength, this.ticks);
    for (let i = 0; i < list.length; i++) {
      const thread = list[i]!;
      // Where the list of threads was read anew between the parts of a tick, some have their sample. Who waited for the GIL when the
      // look began, and has it by now, is as it was the last time.
      if (thread.sampledAt === this.ticks || (tookGil(thread) && thread.sampledStack >= 0)) continue;
      thread.sampledAt = this.ticks;
      this.markSettled(thread);
      if (listsChange && !this.isItself(thread)) {
        thread.pending.add(weight, 0);
        continue;
      }
      thread.isStill = core !== null && this.standsStill(thread, core);
      if (thread.isStill && native !== null) thread.isStill = this.copyAgain();
      if (thread.isStill && this.mustVerifyCodes) this.codes.verifyAll();
      if (native !== null) walker.evaluations = native.evaluations;
      let stack = this.complete ? walker.walk(thread) : noStack;
      if (stack < 0) stack = walker.walkAlone(thread, stack);
      // What takes long, as code that is seen for the first time, may have ended our turn on the core, or moved the thread to another one.
      if (thread.isStill && this.target.states.hasRun(thread.stateSlot)) thread.isStill = false;
      const { sampledStack, sampledPartial } = thread;
      thread.sampledStack = stack;
      thread.sampledPartial = walker.partial || this.stacks.isCut(stack);
      if (native !== null && stack > 0 && !thread.sampledPartial && !this.stacks.isPassing(stack)) this.readNative(native, thread);
      if (stack >= 0) this.record(thread, now, weight);
      else this.lose(thread);
      // What was read may be another process's, which has the id by now: time that waits is not that one's.
      if (thread.isGone) {
        thread.sampledStack = sampledStack;
        thread.sampledPartial = sampledPartial;
      }
    }
    if (!this.complete) this.planned = false;
  }

  /**
   * Copies what is planned once more, of a thread that was found standing still: it may have run since the first copy, where others took
   * the core from both of us, and its native frames will be those of now.
   */
  private copyAgain(): boolean {
    this.complete = this.target.memory.readSpans(this.plan, this.copy.bytes) === this.plan.totalLength;
    if (!this.complete || !this.threadListsUnchanged()) return false;
    this.lookAtInterpreters();
    return true;
  }

  /** Reads the native frames of a thread whose Python frames were found just now. */
  private readNative(native: NativeReader, thread: SampledThread): void {
    const { walker } = this;
    const { states } = this.target;
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
      if (time.looks > 0) this.book(thread, now, time);
    });
  }

  /** Sees to the threads that were not read. */
  private endTick(now: number): void {
    const { threads } = this;
    for (let i = 0; i < threads.length; i++) {
      const thread = threads[i]!;
      if (thread.sampledStack < 0) this.choice.askAll();
      if (thread.sampledAt === this.ticks) continue;
      thread.isRead = false;
      thread.isStill = false;
      if (this.rests(thread)) continue;
      this.settle(thread);
      this.markSettled(thread);
      if (thread.sampledStack >= 0) this.record(thread, now, this.weight);
      else this.lose(thread);
    }
    this.inLook = 0;
    if (this.complete && !this.pending && this.choice.rest()) this.planned = false;
    this.lastTick = now;
  }

  /** Where a program's core is ours for the look, it is so for as short as can be. Without a GIL all that run are of one instant. */
  private get readsInParts(): boolean {
    return this.core !== null && this.choice.areMany && !this.isFreeThreaded;
  }

  /**
   * Whether none of its threads has run since the last samples, so that they hold, and no other one has come into Python: of C's
   * threads that call it, the interpreter knows only while they do. Their states are put at the head of its list
   * (PyThreadState_New, Python/pystate.c).
   */
  private stoodStill(now: number): boolean {
    const { threads } = this;
    if (threads.length > quietThreads || now - this.lastTick < alwaysClose || this.pending) return false;
    return this.runStates.noneRan(threads) && this.lists.areUnchanged();
  }

  private repeatSamples(now: number, weight: number): void {
    for (let i = 0; i < this.threads.length; i++) {
      this.single.add(weight, 0);
      this.book(this.threads[i]!, now, this.single);
    }
  }

  /** Whether the process is gone, though another one may have its id by now. */
  isOver(): boolean {
    const { states } = this.target;
    return states.look(this.processSlot) === ThreadState.Waiting && states.isGone(this.processSlot);
  }

  /**
   * Whether a thread was found gone since the last call, though the process still has its state: it may be another process that
   * has its id.
   */
  takeGone(): boolean {
    const gone = this.threadsGone;
    this.threadsGone = false;
    return gone;
  }

  /**
   * Copies what is planned, after planning anew where that is needed. Afterwards `complete` says whether the copy holds
   * all of it; if not, some thread's memory is in the way of the others', and each has to be read by itself.
   * @returns false when nothing could be read
   */
  private read(now: number): boolean {
    if (this.readWithoutInterpreters(now)) return true;
    this.lookedAt = now;
    for (let attempt = 0; attempt < 3; attempt++) {
      if (!this.planned || this.walker.planChanged) this.makePlan();
      const copied = this.target.memory.readSpans(this.plan, this.copy.bytes);
      this.complete = copied === this.plan.totalLength;
      const isUnchanged = this.complete && this.threadListsUnchanged();
      // Threads come and go faster than the lists can be read: those that are there can be read all the same.
      this.listsChange = this.complete && !isUnchanged && attempt === 2;
      if (isUnchanged || this.listsChange) {
        if (!this.choice.look(this.lookAtInterpreters()) || attempt === 2) return true;
        this.planned = false;
        continue;
      }
      if (attempt === 2 || !this.findThreads()) return false;
      if (this.threads.length === 0) return true;
      if (!this.complete) this.walker.copyEnded(copied);
      if (!this.complete && attempt === 1) return true;
    }
    return false;
  }

  /**
   * Copies the only thread of the only interpreter, without the interpreter when that was copied less than `alwaysClose` µs
   * ago: of three to five segments one or two. Who holds the GIL, and whether garbage is collected, is then as it was. Not for
   * 3.14+, whose interpreter says with each copy whether code objects were freed.
   * @returns false when everything has to be read
   */
  private readWithoutInterpreters(now: number): boolean {
    if (now - this.lookedAt >= alwaysClose || !this.planned || this.walker.planChanged || this.threads.length !== 1) return false;
    const { memory, layout } = this.target;
    if (memory.readLaterSpans === undefined || layout.interpreter.codeObjectGeneration >= 0) return false;
    const { plan, copy, interpreterLength } = this;
    this.complete =
      memory.readLaterSpans(plan, copy.bytes, this.interpreterSpans, interpreterLength) === plan.totalLength - interpreterLength;
    return this.complete && this.threadListsUnchanged();
  }

  /** To be called a few times a second: sees to what can't be noticed in a sample. */
  housekeeping(): void {
    this.resting.tidy((thread) => this.bookPending(thread));
    if (this.choice.housekeeping()) this.planned = false;
    this.codes.age();
    this.native?.housekeeping();
    this.walker.housekeeping();
    if (this.mustVerifyCodes && this.codes.verifySome(512)) this.forgetStacks();
    if (this.codes.lookAtOpcodes()) this.forgetStacks();
    // Interpreters come and go, and all of a Python with them where a host ends it and begins another one.
    if (!this.lists.areUnchanged()) this.enumerate();
  }

  /** What is to be copied has changed. */
  planAnew(): void {
    this.planned = false;
  }

  private makePlan(): void {
    const { plan } = this;
    plan.clear();
    for (const interpreter of this.interpreters) interpreter.plan(plan);
    this.interpreterSpans = plan.count;
    this.interpreterLength = plan.totalLength;
    this.walker.plan(plan, this.choice.list);
    this.walker.planChanged = false;
    const needed = plan.totalLength + this.walker.spareLength;
    if (needed > this.copy.bytes.length) this.copy = new CopyBuffer(2 * needed);
    this.planned = true;
  }

  private threadListsUnchanged(): boolean {
    const { words } = this.copy;
    const { layout } = this.target;
    for (let i = 0; i < this.interpreters.length; i++) {
      const interpreter = this.interpreters[i]!;
      const at = interpreter.headOffset >> 2;
      if (words[at] !== interpreter.headLow || words[at + 1] !== interpreter.headHigh) return false;
    }
    const next = layout.threadState.next >> 2;
    const id = identityOffset(layout) >> 2;
    const pythonId = layout.threadState.threadId >> 2;
    const { list } = this.choice;
    for (let i = 0; i < list.length; i++) {
      const thread = list[i]!;
      const at = thread.stateOffset >> 2;
      if (words[at + next] !== thread.nextLow || words[at + next + 1] !== thread.nextHigh) return false;
      if (words[at + id] !== thread.identity || words[at + pythonId] !== thread.pythonIdLow) return false;
    }
    return true;
  }

  /** Whether a thread's state in the copy is still that thread's. */
  private isItself(thread: SampledThread): boolean {
    const { words } = this.copy;
    const { layout } = this.target;
    const at = thread.stateOffset >> 2;
    return (
      words[at + (identityOffset(layout) >> 2)] === thread.identity && words[at + (layout.threadState.threadId >> 2)] === thread.pythonIdLow
    );
  }

  /** @returns whether some GIL may have changed hands since the last look */
  private lookAtInterpreters(): boolean {
    const { words } = this.copy;
    const { isRest } = this.choice;
    let switched = false;
    for (let i = 0; i < this.interpreters.length; i++) {
      const interpreter = this.interpreters[i]!;
      if (interpreter.look(words, isRest)) {
        // Some code object was freed: what is remembered by address has to be looked up again.
        this.codes.bumpGeneration();
        this.forgetStacks();
      }
      if (interpreter.switched) switched = true;
      if (interpreter.bytecodeCopiesFreed) this.codes.forgetCopies();
      if (interpreter.collecting && interpreter.collector === null) interpreter.collector = this.onlyAttached(interpreter);
    }
    return switched;
  }

  /**
   * Without a GIL the garbage collector begins by stopping all threads but its own (stop_the_world(), Python/pystate.c), so
   * that this is the only one attached then. Later, while finalizers run, others may be.
   */
  private onlyAttached(interpreter: Interpreter): SampledThread | null {
    const { layout } = this.target;
    const state = layout.frames === 'data-stack' ? layout.threadState.attached : undefined;
    if (state === undefined) return null;
    const attached = this.threads.filter(
      (thread) => thread.interpreter === interpreter && this.copy.words[(thread.stateOffset + state) >> 2] === threadAttached,
    );
    return attached.length === 1 ? attached[0]! : null;
  }

  private forgetStacks(): void {
    for (const thread of this.threads) thread.depth = 0;
  }

  /** To be called before the trie forgets its passing stacks: all that keeps numbers of them does. */
  forgetPassingStacks(): void {
    for (const thread of this.threads) this.forgetPassingStack(thread);
    for (const thread of this.resting.values()) this.forgetPassingStack(thread);
    this.choice.readAll();
    this.planned = false;
  }

  private forgetPassingStack(thread: SampledThread): void {
    thread.depth = 0;
    thread.pythonStack = -1;
    if (!this.stacks.isPassing(thread.sampledStack)) return;
    this.bookPending(thread);
    thread.sampledStack = -1;
  }

  /** Whether that is a loss turns out later: a thread that was ending had no stack. */
  private lose(thread: SampledThread): void {
    thread.unread++;
    this.recorder.interrupt(thread.id);
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

  private markSettled(thread: SampledThread): void {
    thread.settledLooks = this.looks;
    thread.settledTime = this.time;
  }

  /** Books the samples of a thread that rested, up to the look that is being made. */
  private settle(thread: SampledThread): void {
    const looks = this.looks - this.inLook - thread.settledLooks;
    const time = this.time - this.inLook * this.weight - thread.settledTime;
    thread.settledLooks += looks;
    thread.settledTime += time;
    if (looks <= 0 || thread.sampledStack < 0) return;
    this.samples += looks;
    if (thread.sampledPartial) this.partial += looks;
    if (this.recorder.extend(thread.id, time, looks)) return;
    this.recorder.record(
      thread.id,
      this.stackToRecord(thread),
      thread.lastFlags,
      Math.max(0, this.lastTick - time + time / looks),
      time,
      0,
      looks,
    );
  }

  /**
   * To be called before what was recorded is taken: nothing is left that is to be booked later, but for what waits for a sample
   * of standing still.
   */
  settleAll(): void {
    this.finishNative();
    for (const thread of this.threads) if (!thread.isRead) this.settle(thread);
  }

  private record(thread: SampledThread, now: number, weight: number): void {
    const { interpreter } = thread;
    const hasGil = holdsGil(thread);
    const mayRun = hasGil || thread.isAttached;
    if (mayRun) thread.ranAt = this.ticks;
    let state = thread.isStill ? this.runStates.standing(thread, mayRun, now) : this.runStates.stateOf(thread, mayRun, now, this.lastTick);
    if (state === ThreadState.Waiting && thread.lastAsked === now && this.target.states.isGone(thread.stateSlot)) {
      if (!thread.isGone) this.threadsGone = true;
      thread.isGone = true;
      this.recorder.interrupt(thread.id);
      return;
    }
    let cpu = this.runStates.cpuUsed(thread, weight);
    // The system's thread runs, but in another interpreter.
    if (!mayRun && thread.isElsewhere) {
      state = ThreadState.Waiting;
      cpu = 0;
    }
    if (thread.hasArrived) {
      // What it used was used outside of Python, too: it stands for the time since the last look like any other sample.
      cpu = state === ThreadState.Running || (state === ThreadState.Ready && 2 * cpu >= weight) ? weight : 0;
      thread.hasArrived = false;
    }
    // Without the GIL it runs code that is not Python's, and has other native frames all the time.
    const runs = state !== ThreadState.Waiting && (mayRun || (this.native !== null && !thread.isElsewhere));
    const time = runs && (thread.pending.looks > 0 || this.core !== null) ? thread.pending : this.single;
    time.add(weight, cpu);
    const waitsForStill = runs && this.core !== null && !thread.isStill;
    // What waits is shown as the sample is that stands for it.
    const shown = waitsForStill ? state : this.runStates.shown(thread, state, time.cpu, time.time);
    let flags = shown === ThreadState.Running ? SampleFlag.OnCpu : shown === ThreadState.Ready ? SampleFlag.Ready : 0;
    if (hasGil) flags |= SampleFlag.HoldsGil;
    if (interpreter?.collecting === true && (hasGil || interpreter.collector === thread)) flags |= SampleFlag.CollectingGarbage;
    if (thread.sampledPartial) flags |= SampleFlag.Partial;
    thread.lastFlags = flags;
    if (waitsForStill) {
      if (time.time > longestPending || !this.core.isPossible) this.bookPending(thread);
      return;
    }
    if (runs) {
      const { core } = this;
      if (core === null) this.doubtful += time.time;
      else if (core.isLate) this.late += time.time;
      else this.sure += time.time;
    }
    const capture = this.native?.captureOf(thread) ?? null;
    if (capture === null) {
      if (this.native !== null && this.isNativeUnread(thread.sampledStack)) this.native.noteUnread();
      this.book(thread, now, time);
    } else {
      capture.now = now;
      capture.time.take(time);
    }
    if (thread.unread > 0) {
      this.lostForGood += thread.unread;
      thread.unread = 0;
    }
  }

  /** Records the thread's last sample, which stands for a time; of that nothing is left. */
  private book(thread: SampledThread, now: number, time: SampledTime): void {
    const { looks } = time;
    const isRead = thread.sampledStack >= 0;
    let stack = isRead ? this.stackToRecord(thread) : this.stacks.child(0, this.frames.notRead());
    const isPassing = this.stacks.isPassing(stack);
    const isPartial = thread.sampledPartial || !isRead || isPassing || (this.native !== null && this.isNativeUnread(stack));
    const flags = isPartial ? thread.lastFlags | SampleFlag.Partial : thread.lastFlags;
    this.samples += looks;
    if (isPartial) this.partial += looks;
    if (isPassing) {
      this.cutCalls?.add(thread.id, stack, flags, now, time.time, looks);
      stack = this.stacks.cutAbove(stack);
    }
    this.recorder.record(thread.id, stack, flags, now, time.time, time.cpu, looks);
    time.clear();
  }

  /** Whether of the native frames nothing was read at all: a sample of a stack that was not read to its end. */
  private isNativeUnread(stack: number): boolean {
    return stack > 0 && this.stacks.frameOf(stack) === this.frames.nativeNotRead();
  }

  /** Time of a stack that was not read to its end is not its last frame's own. */
  private stackToRecord({ sampledStack, sampledPartial, osThreadId }: SampledThread): number {
    if (sampledStack === 0 && this.namesStart && !sampledPartial && osThreadId === this.target.memory.pid)
      return this.stacks.child(0, this.frames.startAndEnd());
    return sampledPartial && !this.stacks.isCut(sampledStack) ? this.stacks.child(sampledStack, this.frames.notRead()) : sampledStack;
  }

  /** Whether a thread that could move can't, as we run on its core. */
  private standsStill(thread: SampledThread, core: SharedCore): boolean {
    // Who does not hold the GIL has a stack that does not change. Where there is none, who is attached is known after the walk.
    if (!holdsGil(thread) && !this.isFreeThreaded && this.native === null) return false;
    const readyOn = this.target.states.readyOn(thread.stateSlot);
    return readyOn >= 0 && core.saw(thread.id, readyOn);
  }

  /** Books the time that waits for a sample of standing still, as it is seen without: there is none, or will be none any more. */
  private bookPending(thread: SampledThread): void {
    const { pending } = thread;
    if (pending.looks === 0) return;
    this.doubtful += pending.time;
    if (this.native !== null && this.isNativeUnread(thread.sampledStack)) this.native.noteUnread();
    this.book(thread, this.lastTick, pending);
  }

  /** To be called at the end: no time waits for a sample after it. */
  bookAll(): void {
    this.settleAll();
    for (const thread of this.threads) this.bookPending(thread);
    for (const thread of this.resting.values()) this.bookPending(thread);
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
