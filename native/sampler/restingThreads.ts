import { ThreadState, type ThreadStates } from '../os/system.ts';
import type { SampledThread } from './sampledThread.ts';

/** So many are remembered. */
const most = 64;

/** Threads of the system that had a thread state and have none now: those of C are without one between two calls of Python (PyGILState_Release). */
export class RestingThreads {
  /** Their last ones, by the system's ids. */
  private readonly threads = new Map<number, SampledThread>();
  private readonly states: ThreadStates;

  constructor(states: ThreadStates) {
    this.states = states;
  }

  /** A thread state is gone. */
  add(thread: SampledThread): void {
    if (this.threads.size < most && !this.threads.has(thread.osThreadId)) this.threads.set(thread.osThreadId, thread);
    else this.states.untrack(thread.stateSlot);
  }

  /** A thread state is new: its thread goes on from where it rested, or begins. */
  take(thread: SampledThread): void {
    const before = this.threads.get(thread.osThreadId);
    if (before === undefined) thread.stateSlot = this.states.track(thread.osThreadId);
    else thread.goOnFrom(before);
    this.threads.delete(thread.osThreadId);
  }

  /** Forgets those that have ended. */
  tidy(): void {
    const { states } = this;
    for (const [osThreadId, { stateSlot }] of this.threads) {
      if (states.look(stateSlot) !== ThreadState.Waiting || !states.isGone(stateSlot)) continue;
      states.untrack(stateSlot);
      this.threads.delete(osThreadId);
    }
  }
}
