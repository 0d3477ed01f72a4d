import type { Memory } from '../../memory/memory.ts';
import type { System, ThreadStates } from '../../os/system.ts';
import { type Region, ThreadContext, type ThreadContexts } from '../../os/threadContexts.ts';
import { FoundEvaluations } from '../../unwind/evaluationList.ts';
import { Modules } from '../../unwind/modules.ts';
import { RuleTable } from '../../unwind/rules.ts';
import { StackCopy } from '../../unwind/stackCopy.ts';
import { x64 } from '../../unwind/x64.ts';
import { TargetError } from '../../targetError.ts';
import type { FrameTable } from '../tables/frameTable.ts';
import type { StackTrie } from '../tables/stackTrie.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import { SampledTime } from '../threads/sampledTime.ts';
import type { NativeTally } from './nativeTally.ts';
import { type NativeView, StackMaker } from './stackMaker.ts';

// Heatline reads processes of the processor that it runs on.
const architecture = x64;

/** What is looked at anew takes so much of the time at most: of µs spent so many pass until the next time. */
const refreshShare = 20;

/** A thread's native stack, copied for later. */
export class NativeCapture {
  readonly copy = new StackCopy();
  readonly evaluations: FoundEvaluations;
  /** What the sample stands for, and when it was taken. Nothing: it is not booked yet, or never. */
  readonly time = new SampledTime();
  now = 0;
  thread!: SampledThread;
  /** The thread's Python frames. */
  stack = 0;
  /** It waits: what is found holds until it runs again. */
  waits = false;
  isCopied = false;
  isInSystemCall = false;

  constructor(kind: FoundEvaluations['kind']) {
    this.evaluations = new FoundEvaluations(kind);
  }
}

/**
 * Reads the native stacks of one process's threads. While a thread stands still its stack and registers are copied; unwound and put
 * among Python's frames they are when it runs again (`finish`).
 */
export class NativeReader {
  /** Copies of this look, `count` of them, and room for more. */
  private readonly captures: NativeCapture[] = [];
  private count = 0;
  private readonly contexts: ThreadContexts;
  private readonly system: System;
  private readonly pid: number;
  private readonly memory: Memory;
  private readonly tables: { readonly frames: FrameTable; readonly stacks: StackTrie };
  private readonly tally: NativeTally;
  private readonly kind: FoundEvaluations['kind'];
  private readonly view: NativeView;
  private readonly context = new ThreadContext();
  private regions: readonly Region[];
  private areRegionsStale = false;
  private regionsDue = 0;
  /** Bytes of code when the maker was made. */
  private codeSize = -1;
  private maker: StackMaker | null = null;
  private makerDue = 0;

  constructor(
    system: System,
    contexts: ThreadContexts,
    target: { readonly pid: number; readonly memory: Memory },
    kind: FoundEvaluations['kind'],
    tables: { readonly frames: FrameTable; readonly stacks: StackTrie },
    tally: NativeTally,
    view: NativeView,
  ) {
    this.system = system;
    this.contexts = contexts;
    this.pid = target.pid;
    this.memory = target.memory;
    this.kind = kind;
    this.tables = tables;
    this.tally = tally;
    this.view = view;
    this.regions = contexts.regions();
  }

  /** Where the next walk is to note evaluations. */
  get evaluations(): FoundEvaluations {
    if (this.count === this.captures.length) this.captures.push(new NativeCapture(this.kind));
    return this.captures[this.count]!.evaluations;
  }

  /** What waits for a thread's stack to be made; null: nothing. */
  captureOf(thread: SampledThread): NativeCapture | null {
    for (let i = 0; i < this.count; i++) if (this.captures[i]!.thread === thread) return this.captures[i]!;
    return null;
  }

  /** Whether there is something to finish. */
  get isBusy(): boolean {
    return this.count > 0;
  }

  /**
   * Stops a thread that stands still, as we run on its core, at the instruction at which it does, copies its stack and lets it go on.
   * @param thread whose Python frames, `sampledStack`, were found just now, by a walk with `evaluations`
   * @param states which say whether it has run since
   * @returns false when it has: others took the core from both of us
   */
  stop(thread: SampledThread, states: Pick<ThreadStates, 'hasRun'>): boolean {
    const { contexts, context, system, tally } = this;
    const capture = this.next(thread, false);
    let obstacle = contexts.interrupt(thread.osThreadId);
    // From here on it can't.
    const stoodStill = !states.hasRun(thread.stateSlot);
    obstacle ??= contexts.awaitInterrupted(thread.osThreadId, context);
    if (obstacle === null && stoodStill) capture.isCopied = this.copy(capture);
    contexts.release(false);
    // What nobody may do will not be possible later either; what another program traces may have been stopped before.
    if (tally.stops === 0 && (obstacle === 'no-right' || obstacle === 'traced'))
      throw new TargetError({ code: 'not-native', pid: this.pid, reason: obstacle });
    if (obstacle === null) {
      tally.stops++;
      tally.pauses.add(system.clock.monotonic() - context.stoppedSince);
    }
    if (!stoodStill) this.drop();
    return stoodStill;
  }

  /**
   * Copies the stack of a thread that waits. It may have begun to run meanwhile: the caller finds out, and drops it then.
   * @returns false when it does not wait
   */
  copyWaiting(thread: SampledThread): boolean {
    if (!this.contexts.waiting(thread.osThreadId, this.context)) return false;
    const capture = this.next(thread, true);
    capture.isCopied = this.copy(capture);
    return true;
  }

  /** The last one is of nothing. */
  drop(): void {
    this.count--;
  }

  /** The stack with what stands for native frames that were not read. */
  unread(stack: number): number {
    return this.tables.stacks.child(stack, this.tables.frames.nativeNotRead());
  }

  /** A sample was taken of which no native frame could be read. */
  noteUnread(): void {
    this.tally.stacks++;
  }

  /**
   * Makes the stacks of what was copied, off the program's core.
   * @param take gets each, with the stack as the thread's `sampledStack`
   */
  finish(take: (capture: NativeCapture) => void): void {
    for (let i = 0; i < this.count; i++) {
      const capture = this.captures[i]!;
      const { thread, stack } = capture;
      if (!capture.isCopied) this.noteUnread();
      thread.sampledStack = capture.isCopied ? this.made(capture) : this.unread(stack);
      thread.pythonStack = capture.waits && capture.isCopied ? stack : -1;
      thread.nativeStack = thread.sampledStack;
      take(capture);
      capture.time.clear();
    }
    this.count = 0;
    if (this.areRegionsStale) this.readRegions();
  }

  /** Lets threads go on that stopped late. @returns whether there are more to come (LateThreads) */
  releaseLate(): boolean {
    const { contexts } = this;
    if (!contexts.owesRelease) return false;
    contexts.release(false);
    return contexts.owesRelease;
  }

  /** To be called a few times a second: libraries may have been loaded. */
  housekeeping(): void {
    const { system } = this;
    const started = system.clock.monotonic();
    if (this.maker === null || started < this.makerDue || system.codeSize(this.pid) === this.codeSize) return;
    this.closeMaker();
    this.readRegions();
    this.ownMaker();
    this.makerDue = started + refreshShare * (system.clock.monotonic() - started);
  }

  close(): void {
    this.contexts.release(true);
    this.closeMaker();
  }

  private next(thread: SampledThread, waits: boolean): NativeCapture {
    // `evaluations` made it.
    const capture = this.captures[this.count++]!;
    capture.thread = thread;
    capture.stack = thread.sampledStack;
    capture.waits = waits;
    capture.isCopied = false;
    capture.isInSystemCall = false;
    capture.time.clear();
    return capture;
  }

  private copy(capture: NativeCapture): boolean {
    capture.isInSystemCall = this.context.isInSystemCall;
    const isCopied = capture.copy.fill(this.context, architecture, this.memory, this.regions);
    // Of a thread that has just begun, or a stack that has grown.
    if (!isCopied) this.areRegionsStale = true;
    return isCopied;
  }

  private made({ stack, copy, evaluations, isInSystemCall }: NativeCapture): number {
    const { stacks, frames } = this.tables;
    const made = this.ownMaker().make(stack, copy, evaluations);
    return isInSystemCall && stacks.frameOf(made) !== frames.nativeNotRead() ? stacks.child(made, frames.kernel()) : made;
  }

  private readRegions(): void {
    const { clock } = this.system;
    const started = clock.monotonic();
    if (started < this.regionsDue) return;
    this.regions = this.contexts.regions();
    this.areRegionsStale = false;
    this.regionsDue = started + refreshShare * (clock.monotonic() - started);
  }

  private ownMaker(): StackMaker {
    if (this.maker !== null) return this.maker;
    const { system, pid, memory, contexts, tables, tally } = this;
    this.codeSize = system.codeSize(pid);
    const rules = new RuleTable(architecture);
    const modules = new Modules(system, pid, memory, this.regions, rules);
    return (this.maker = new StackMaker(tables, tally, { modules, rules, architecture, contexts }, this.view));
  }

  private closeMaker(): void {
    this.maker?.close();
    this.maker = null;
  }
}
