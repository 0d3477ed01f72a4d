import { ThreadState, type ThreadStates } from '../../os/system.ts';
import type { SampledThread } from './sampledThread.ts';

/** So many are remembered. */
const most = 64;

/**
 * Threads of the system that had a thread state and have none now: those of C are without one between two calls of Python
 * (PyGILState_Release).
 */
export class RestingThreads {
  /** Their last ones, by the system's ids. */
  private readonly threads = new Map<number, SampledThread>();
  private readonly states: ThreadStates;

  constructor(states: ThreadStates) {
    this.states = states;
  }

  /** A thread state is gone. @returns false when its thread is not remembered */
  add(thread: SampledThread): boolean {
    if (this.threads.size >= most || this.threads.has(thread.osThreadId)) {
      this.states.untrack(thread.stateSlot);
      return false;
    }
    this.threads.set(thread.osThreadId, thread);
    return true;
  }

  /** A thread state is new: its thread goes on from where it rested, or begins. */
  take(thread: SampledThread): void {
    const before = this.threads.get(thread.osThreadId);
    if (before === undefined) thread.stateSlot = this.states.track(thread.osThreadId);
    else if (before !== thread) thread.goOnFrom(before);
    this.threads.delete(thread.osThreadId);
  }

  /** The one whose last thread state lay at an address, two halves. */
  at(low: number, high: number): SampledThread | undefined {
    for (const thread of this.threads.values()) if (thread.addressLow === low && thread.addressHigh === high) return thread;
    return undefined;
  }

  /** Forgets those that have ended. @param forgotten is told of each */
  tidy(forgotten: (thread: SampledThread) => void): void {
    const { states } = this;
    for (const [osThreadId, thread] of this.threads) {
      if (states.look(thread.stateSlot) !== ThreadState.Waiting || !states.isGone(thread.stateSlot)) continue;
      states.untrack(thread.stateSlot);
      this.threads.delete(osThreadId);
      forgotten(thread);
    }
  }

  values(): Iterable<SampledThread> {
    return this.threads.values();
  }
}
