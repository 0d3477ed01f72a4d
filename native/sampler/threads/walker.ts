import type { CopyBuffer } from '../../memory/copyBuffer.ts';
import type { SpanPlan } from '../../memory/memory.ts';
import type { FoundEvaluations } from '../../unwind/evaluationList.ts';
import type { SampledThread } from './sampledThread.ts';

/** What `walk` returns when it has no stack; walkers may have reasons of their own below −1. */
export const noStack = -1;

/**
 * Finds out what to copy of a process's threads, and turns the copy into stacks. There is one for
 * each way in which CPython keeps its frames.
 */
export interface Walker {
  /** Of the last walk: its innermost frames could not be read. */
  readonly partial: boolean;
  /** What was met since the last plan calls for another one. */
  planChanged: boolean;
  /**
   * Where walks of threads that stand still note the evaluations of the stack they found (`isWhole`: all of them), for native frames to
   * be put among its own; null: nowhere. Frames are counted as the trie has them.
   */
  evaluations: FoundEvaluations | null;
  /** Bytes wanted behind a copy, for what has to be read by itself. */
  readonly spareLength: number;

  /** Adds to the plan what is to be copied of these threads. */
  plan(plan: SpanPlan, threads: readonly SampledThread[]): void;
  /** Only so many bytes of the last plan could be copied: what follows is not there any more. */
  copyEnded(copied: number): void;
  /** The copy that walks read from now on, and where it ends. @param tick number of the look at the target */
  use(copy: CopyBuffer, length: number, tick: number): void;
  /**
   * Of a thread that stands still (`isStill`), what the interpreter's own pointers say holds.
   * @returns the stack of a thread (0: no Python frame), or a negative number when the copy does not hold it
   */
  walk(thread: SampledThread): number;
  /** Reads one thread by itself, after `walk` failed or instead of it. @returns as `walk` */
  walkAlone(thread: SampledThread, failure: number): number;
  /** To be called every 64 ticks: stops copying what was not met for long. */
  tidy(threads: readonly SampledThread[], tick: number): void;
  /** To be called a few times a second. */
  housekeeping(): void;
}
