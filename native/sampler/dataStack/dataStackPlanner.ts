import type { DataStackLayout } from '../../cpython/layout.ts';
import { CopyBuffer } from '../../memory/copyBuffer.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';
import { linkLifetime } from './frameCopies.ts';
import type { RunningTasks } from '../tasks/runningTasks.ts';
import type { SampledThread } from '../threads/sampledThread.ts';

/** Bytes of data stacks copied in one go. */
const maxPlanLength = 256 << 20;
/** Ticks after which all data stacks are located anew. */
const chunkLifetime = 4096;

/**
 * Locates threads' data stacks and says what to copy: of all threads with each sample, or of one by itself whose memory
 * was not where it was expected.
 */
export class DataStackPlanner {
  /** Where `readAlone` copies to. */
  aloneCopy = new CopyBuffer(64 * 1024);
  private readonly alonePlan = new SpanPlan();
  private readonly memory: Memory;
  private readonly layout: DataStackLayout;
  private readonly tasks: RunningTasks | null;

  /** @param tasks may want more of each thread state; null: they are not asked for */
  constructor(memory: Memory, layout: DataStackLayout, tasks: RunningTasks | null) {
    this.memory = memory;
    this.layout = layout;
    this.tasks = tasks;
  }

  /** Adds to the plan what is to be copied of these threads. */
  plan(plan: SpanPlan, threads: readonly SampledThread[]): void {
    for (const thread of threads) {
      if (thread.chunkCount === 0) this.locate(thread);
      // Threads there is no room for are read one by one; real programs are a thousand times smaller.
      if (plan.totalLength + thread.dataStackLength > maxPlanLength) thread.chunkCount = 0;
      thread.plan(plan, this.layout, this.tasks?.stateLength);
    }
  }

  /** Finds a thread's data stack by separate reads. @returns false when that can't be; the thread then has none */
  locate(thread: SampledThread): boolean {
    return thread.locateChunks(this.memory, this.layout, this.aloneCopy.bytes, this.aloneCopy.view);
  }

  /**
   * Copies one thread's memory to `aloneCopy`, where it was located.
   * @param spareLength bytes wanted behind the copy
   * @returns bytes copied; −1 when some of it is not there, and the thread's linked frames are forgotten
   */
  readAlone(thread: SampledThread, spareLength: number): number {
    const { alonePlan: plan } = this;
    plan.clear();
    thread.plan(plan, this.layout, this.tasks?.stateLength);
    const needed = plan.totalLength + spareLength;
    if (needed > this.aloneCopy.bytes.length) this.aloneCopy = new CopyBuffer(2 * needed);
    if (this.memory.readSpans(plan, this.aloneCopy.bytes) === plan.totalLength) return plan.totalLength;
    thread.linkedCount = 0;
    return -1;
  }

  /** Stops copying what was not met for long. @returns whether a new plan is needed */
  tidy(threads: readonly SampledThread[], tick: number): boolean {
    let changed = false;
    for (let i = 0; i < threads.length; i++) {
      if (threads[i]!.dropLinked(tick - linkLifetime)) changed = true;
    }
    if (tick % chunkLifetime === 0) {
      // Data stacks that were deep once need not be copied in full for ever.
      for (const thread of threads) thread.chunkCount = 0;
      changed = true;
    }
    return changed;
  }
}
