import type { NativeQuality } from '../../profile/delta.ts';
import type { Interpreter } from '../../test/support/interpreters.ts';
import type { FoldedStack } from '../foldedStacks.ts';

/** A sampler that is compared. */
export interface Tool {
  readonly name: string;
  /** Whether it can look at programs of this interpreter, here and now. */
  supports(interpreter: Interpreter): boolean;
  /** Samples a process for about this long, after it has warmed up. */
  record(pid: number, options: RecordOptions): Promise<Recording>;
  /** Gets ready to sample a process on and off; null when the tool can't. */
  attach(pid: number, rate: number): Promise<Attachment | null>;
}

export interface RecordOptions {
  /** Looks at the target per second. */
  readonly rate: number | 'max';
  readonly seconds: number;
  /** Samples of threads that the tool says are running, instead of all threads'. */
  readonly runningOnly?: boolean;
}

/** What a tool did. A sample is one thread's: a look at a target with 8 threads gives 8. */
export interface Recording {
  /** Samples per second. */
  readonly rate: number;
  /** CPU time of the whole tool per sample, µs. */
  readonly cpuPerSample: number;
  /** Share of the samples whose innermost frames are missing, and that could not be taken; NaN where the tool does not say. */
  readonly partial: number;
  readonly lost: number;
  readonly stacks: readonly FoldedStack[];
  /** The same weighed by the time each sample stands for, where the tool says so, and how many equally heavy samples that is worth. */
  readonly weighted?: { readonly stacks: readonly FoldedStack[]; readonly samples: number };
  /** What the tool says of its native stacks; absent: nothing. */
  readonly native?: NativeQuality;
}

export interface Attachment {
  /** Resolves when sampling goes on. */
  on(): Promise<void>;
  /** Resolves when sampling is off. */
  off(): Promise<void>;
  /** Off for good. */
  end(): Promise<void>;
  /** How long windows should be, ms: switching takes its time. */
  readonly window: number;
}
