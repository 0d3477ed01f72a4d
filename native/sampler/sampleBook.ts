import { SampleFlag } from '../../profile/delta.ts';
import { ThreadState, type ThreadStates } from '../os/system.ts';
import type { NativeReader } from './nativeFrames/nativeReader.ts';
import type { SharedCore } from './sharedCore.ts';
import type { CutCallRecorder } from './tables/cutCalls.ts';
import type { FrameTable } from './tables/frameTable.ts';
import type { RunRecorder } from './tables/runRecorder.ts';
import type { StackTrie } from './tables/stackTrie.ts';
import { holdsGil } from './threads/readThreads.ts';
import { RunStates } from './threads/runStates.ts';
import type { SampledThread } from './threads/sampledThread.ts';

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

/** What became of looks at threads. */
export interface SampleCounts {
  samples: number;
  partial: number;
  /** Samples of threads that were there and could not be read at all. */
  lost: number;
  /** µs that samples of running threads stand for which stood still, which did in looks that came too late, and which did not. */
  sure: number;
  late: number;
  doubtful: number;
}

/** µs that may wait for a sample of standing still. */
const longestPending = 500_000;

/**
 * Makes samples of the looks at one process's threads: whether a thread runs, what it held, and for how much time its stack
 * stands. A sample is booked with its look; or, of a thread that runs, with the next look that finds it standing still; or, of one
 * that is not looked at for long, together with many others.
 */
export class SampleBook implements SampleCounts {
  samples = 0;
  partial = 0;
  /** But for each thread's last looks, as long as it is there (`unread`). */
  lost = 0;
  sure = 0;
  late = 0;
  doubtful = 0;

  /** Number of the tick that is being made, and µs that its samples stand for. */
  ticks = 0;
  weight = 0;
  /** When (µs) the last tick was. */
  lastTick = 0;
  /** A thread was found gone, since this was set to false. */
  threadsGone = false;
  /** Whether the main thread without a frame is Python that starts or ends. In programs with Python inside it may do anything. */
  namesStart = false;
  readonly runStates: RunStates;

  private readonly pid: number;
  private readonly states: ThreadStates;
  private readonly recorder: RunRecorder;
  private readonly stacks: StackTrie;
  private readonly frames: FrameTable;
  private readonly core: SharedCore | null;
  private readonly cutCalls: CutCallRecorder | null;
  private readonly native: NativeReader | null;
  /** Ticks in which samples were taken, and µs that these stand for: threads that rest are not touched in each of them (settle). */
  private looks = 0;
  private time = 0;
  /** 1 while the last of these looks is being made. */
  private inLook = 0;

  /**
   * @param pid of the process
   * @param native reads native frames; null: they are not asked for
   */
  constructor(pid: number, states: ThreadStates, shared: SharedTables, native: NativeReader | null) {
    this.pid = pid;
    this.states = states;
    this.recorder = shared.recorder;
    this.stacks = shared.stacks;
    this.frames = shared.frames;
    this.core = shared.core ?? null;
    this.cutCalls = shared.cutCalls ?? null;
    this.native = native;
    this.runStates = new RunStates(states);
  }

  /** A tick begins, whose samples stand for so many µs. */
  beginTick(weight: number): void {
    this.ticks++;
    this.weight = weight;
  }

  /** Of this tick samples are taken. */
  beginLook(): void {
    this.looks++;
    this.time += this.weight;
    this.inLook = 1;
  }

  endLook(now: number): void {
    this.inLook = 0;
    this.lastTick = now;
  }

  /** Books for each thread once more what its last sample was. */
  repeat(threads: readonly SampledThread[], now: number): void {
    for (let i = 0; i < threads.length; i++) this.book(threads[i]!, now, 1, this.weight, 0);
    this.lastTick = now;
  }

  /** Whether that is a loss turns out later: a thread that was ending had no stack. */
  lose(thread: SampledThread): void {
    thread.unread++;
    this.recorder.interrupt(thread.id);
  }

  /** What comes next of a thread is not joined to what was before. */
  interrupt(thread: SampledThread): void {
    this.recorder.interrupt(thread.id);
  }

  /** The thread's samples are booked, up to this look and with it. */
  markSettled(thread: SampledThread): void {
    thread.settledLooks = this.looks;
    thread.settledTime = this.time;
  }

  /** Books the samples of a thread that rested, up to the look that is being made. */
  settle(thread: SampledThread): void {
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

  /** Takes the sample of a thread that was looked at, or whose last stack holds. @param now µs since the session's start */
  record(thread: SampledThread, now: number): void {
    const { interpreter } = thread;
    const { weight } = this;
    const hasGil = holdsGil(thread);
    const mayRun = hasGil || thread.isAttached;
    if (mayRun) thread.ranAt = this.ticks;
    let state = thread.isStill ? this.runStates.standing(thread, mayRun, now) : this.runStates.stateOf(thread, mayRun, now, this.lastTick);
    if (state === ThreadState.Waiting && thread.lastAsked === now && this.states.isGone(thread.stateSlot)) {
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
    const { pending } = thread;
    let looks = 1;
    let time = weight;
    if (runs && (pending.looks > 0 || this.core !== null)) {
      pending.add(weight, cpu);
      ({ looks, time, cpu } = pending);
    }
    const waitsForStill = runs && this.core !== null && !thread.isStill;
    // What waits is shown as the sample is that stands for it.
    const shown = waitsForStill ? state : this.runStates.shown(thread, state, cpu, time);
    let flags = shown === ThreadState.Running ? SampleFlag.OnCpu : shown === ThreadState.Ready ? SampleFlag.Ready : 0;
    if (hasGil) flags |= SampleFlag.HoldsGil;
    if (interpreter?.collecting === true && (hasGil || interpreter.collector === thread)) flags |= SampleFlag.CollectingGarbage;
    if (thread.sampledPartial) flags |= SampleFlag.Partial;
    thread.lastFlags = flags;
    if (waitsForStill) {
      if (time > longestPending || !this.core.isPossible) this.bookPending(thread);
      return;
    }
    if (runs) {
      const { core } = this;
      if (core === null) this.doubtful += time;
      else if (core.isLate) this.late += time;
      else this.sure += time;
      if (pending.looks > 0) pending.clear();
    }
    const capture = this.native?.captureOf(thread) ?? null;
    if (capture === null) {
      if (this.native !== null && this.isNativeUnread(thread.sampledStack)) this.native.noteUnread();
      this.book(thread, now, looks, time, cpu);
    } else {
      capture.now = now;
      capture.time.set(looks, time, cpu);
    }
    if (thread.unread > 0) {
      this.lost += thread.unread;
      thread.unread = 0;
    }
  }

  /**
   * Books one more sample of a thread that was not read, if that is as its last one: it waited so shortly ago that it is not asked about.
   * Of some threads that take turns that is what most of them do.
   * @returns false when `record` has to tell
   */
  goesOnWaiting(thread: SampledThread, now: number): boolean {
    if (
      thread.runState !== ThreadState.Waiting ||
      thread.mightRun ||
      thread.isAttached ||
      thread.hasArrived ||
      thread.sampledStack !== thread.lastStack ||
      thread.unread > 0 ||
      thread.pending.looks > 0 ||
      thread.interpreter?.collector === thread ||
      (thread.lastFlags & SampleFlag.CollectingGarbage) !== 0 ||
      holdsGil(thread) ||
      this.stacks.isPassing(thread.sampledStack) ||
      !this.runStates.isFresh(thread, now, this.lastTick) ||
      !this.recorder.extend(thread.id, this.weight, 1)
    )
      return false;
    this.samples++;
    if (thread.sampledPartial) this.partial++;
    return true;
  }

  /** Records the thread's last sample, which stands for so many looks, their µs, and those of CPU it used meanwhile. */
  book(thread: SampledThread, now: number, looks: number, time: number, cpu: number): void {
    const isRead = thread.sampledStack >= 0;
    let stack = isRead ? this.stackToRecord(thread) : this.stacks.child(0, this.frames.notRead());
    const isPassing = this.stacks.isPassing(stack);
    const isPartial = thread.sampledPartial || !isRead || isPassing || (this.native !== null && this.isNativeUnread(stack));
    const flags = isPartial ? thread.lastFlags | SampleFlag.Partial : thread.lastFlags;
    this.samples += looks;
    if (isPartial) this.partial += looks;
    if (isPassing) {
      this.cutCalls?.add(thread.id, stack, flags, now, time, looks);
      stack = this.stacks.cutAbove(stack);
    }
    this.recorder.record(thread.id, stack, flags, now, time, cpu, looks);
  }

  /** Books the time that waits for a sample of standing still, as it is seen without: there is none, or will be none any more. */
  bookPending(thread: SampledThread): void {
    const { pending } = thread;
    if (pending.looks === 0) return;
    this.doubtful += pending.time;
    if (this.native !== null && this.isNativeUnread(thread.sampledStack)) this.native.noteUnread();
    this.book(thread, this.lastTick, pending.looks, pending.time, pending.cpu);
    pending.clear();
  }

  /** Before the trie forgets its passing stacks: what the thread keeps of them is booked and forgotten. */
  forgetPassingStack(thread: SampledThread): void {
    thread.depth = 0;
    thread.pythonStack = -1;
    if (!this.stacks.isPassing(thread.sampledStack)) return;
    this.bookPending(thread);
    thread.sampledStack = -1;
  }

  /** Whether of the native frames nothing was read at all: a sample of a stack that was not read to its end. */
  private isNativeUnread(stack: number): boolean {
    return stack > 0 && this.stacks.frameOf(stack) === this.frames.nativeNotRead();
  }

  /** Time of a stack that was not read to its end is not its last frame's own. */
  private stackToRecord({ sampledStack, sampledPartial, osThreadId }: SampledThread): number {
    if (sampledStack === 0 && this.namesStart && !sampledPartial && osThreadId === this.pid)
      return this.stacks.child(0, this.frames.startAndEnd());
    return sampledPartial && !this.stacks.isCut(sampledStack) ? this.stacks.child(sampledStack, this.frames.notRead()) : sampledStack;
  }
}
