import { ThreadState, type ThreadStates } from '../../os/system.ts';
import type { SampledThread } from './sampledThread.ts';

/**
 * µs: between ticks closer than this a changed stack is proof that a thread with the GIL runs, and whether one runs
 * of which nothing changed is asked only this often. Asking takes 0.5 µs a thread, so that of many threads
 * it is asked less often, to leave three quarters of the time to sampling.
 */
const closeness = { least: 50, perThread: 4, most: 500 };

/** µs: so late at most a system tells of CPU time (one tick of Linux at 100 Hz), and so much of it may be left for samples to come. */
const settling = 10_000;

/** µs between two looks that are close, whatever the number of threads. */
export const alwaysClose = closeness.least;

/** Tells which threads have a CPU, or wait for one, and asks the system for it no more often than the answer can have changed. */
export class RunStates {
  private readonly states: ThreadStates;
  private close = closeness.least;

  constructor(states: ThreadStates) {
    this.states = states;
  }

  /** There are so many threads from now on. */
  fitTo(threadCount: number): void {
    this.close = Math.min(closeness.most, Math.max(closeness.least, closeness.perThread * threadCount));
  }

  /** Whether none of the threads has run since their last samples, as far as the system tells. */
  noneRan(threads: readonly SampledThread[]): boolean {
    for (let i = 0; i < threads.length; i++) {
      const thread = threads[i]!;
      if (thread.runState !== ThreadState.Waiting || thread.sampledStack < 0) return false;
    }
    for (let i = 0; i < threads.length; i++) if (!this.states.stoodStill(threads[i]!.stateSlot)) return false;
    return true;
  }

  /**
   * Asks the system, unless the answer is certain: when samples follow each other within `close` µs, one that holds
   * the GIL and whose stack moved runs, and one of which neither changed is asked about only every `close` µs.
   * @param mayRun it holds the GIL or, where that is off, is attached to the interpreter
   * @param now µs since the session's start, as `lastTick`, that of the samples before
   */
  stateOf(thread: SampledThread, mayRun: boolean, now: number, lastTick: number): ThreadState {
    const moved = thread.sampledStack !== thread.lastStack;
    const changed = moved || mayRun !== thread.mightRun;
    thread.lastStack = thread.sampledStack;
    thread.mightRun = mayRun;
    if (now - lastTick < this.close) {
      if (moved && mayRun) {
        thread.lastAsked = now;
        return (thread.runState = ThreadState.Running);
      }
      if (!changed && this.isFresh(thread, now, lastTick)) return thread.runState;
    }
    thread.lastAsked = now;
    return (thread.runState = this.states.look(thread.stateSlot));
  }

  /** Whether a thread of which nothing changed was asked about so shortly ago that the answer holds. @param now as in `stateOf` */
  isFresh(thread: SampledThread, now: number, lastTick: number): boolean {
    return now - lastTick < this.close && now - thread.lastAsked < this.close;
  }

  /**
   * That of a thread which stands still because we have its core, and was asked about just now: ready, though that may be our doing (`shown`).
   * @param mayRun, now as in `stateOf`
   */
  standing(thread: SampledThread, mayRun: boolean, now: number): ThreadState {
    thread.lastStack = thread.sampledStack;
    thread.mightRun = mayRun;
    thread.lastAsked = now;
    // Without times there is nothing to tell whose doing it is.
    return (thread.runState = this.states.cpuTime(thread.stateSlot) < 0 ? ThreadState.Running : ThreadState.Ready);
  }

  /**
   * What a sample is to show: that a thread has no core may be our own doing. The sampler wakes and takes one from a thread that
   * ran, on a machine with one core each time. So a ready thread that used more CPU than its samples show ran up to now, as far
   * as that makes up for it: the time shown as running is then what the system says. Where threads go on running the state is
   * what counts, for CPU time is told late.
   * @param cpu µs it used since its sample before, `weight` the µs this one stands for
   */
  shown(thread: SampledThread, state: ThreadState, cpu: number, weight: number): ThreadState {
    const most = settling + weight;
    const unshown = Math.min(most, thread.unshownCpu + cpu);
    const runs = state === ThreadState.Running || (state === ThreadState.Ready && 2 * unshown >= weight);
    thread.unshownCpu = runs ? Math.max(-most, unshown - weight) : unshown;
    return runs ? ThreadState.Running : state;
  }

  /**
   * µs of CPU the thread used from its sample before to this one, as the looks tell; so the sum over its samples is what the
   * system says. Where the system says nothing, a thread that runs is taken to have run all the time since the sample before.
   * @param weight µs this sample stands for
   */
  cpuUsed(thread: SampledThread, weight: number): number {
    const total = this.states.cpuTime(thread.stateSlot);
    if (total < 0) return thread.runState === ThreadState.Running ? weight : 0;
    const used = thread.cpuBefore < 0 && !thread.hasArrived ? 0 : total - Math.max(0, thread.cpuBefore);
    thread.cpuBefore = total;
    return used;
  }
}
