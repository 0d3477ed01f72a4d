import type { ExactCounts } from './exactCounts.ts';
import type { FunctionRecord, ProcessRecord, ProfileDelta, Quality, ThreadRecord } from './delta.ts';
import { InstructionTable } from './instructions.ts';
import { DEFAULT_MAX_RUNS, RunStore } from './runStore.ts';
import type { TimeSteps } from './timeSteps.ts';
import { UintColumn } from './uintColumn.ts';
import { validateDelta } from './validateDelta.ts';

/** A thread as far as it is known now. */
export interface Thread extends ThreadRecord {
  /** µs since the session's start; undefined while it runs. */
  readonly endedAt?: number;
}

export interface ProfileOptions {
  /** ms since 1970 at session time 0. */
  readonly startedAtEpoch?: number;
  /** Runs kept before older times are reduced to steps (RunStore). */
  readonly maxRuns?: number;
  /** See Profile.coarseTimes. */
  readonly coarseTimes?: TimeSteps;
  /** Profile.unknown */
  readonly unknown?: string;
  /** Profile.exactCounts */
  readonly exactCounts?: ExactCounts;
}

/** Of a session that has not begun. */
export const NO_QUALITY: Quality = {
  ticks: 0,
  samples: 0,
  partial: 0,
  lost: 0,
  missed: 0,
  latenessMedian: 0,
  latenessMax: 0,
  elapsed: 0,
  samplerCpu: 0,
  requestedRate: 0,
  stops: 0,
  stoppedTime: 0,
  shareError: null,
  noStops: null,
};

/**
 * Everything that was sampled in one session. Grows by deltas and never shrinks or changes, apart
 * from older times, which are reduced to steps (RunStore). Ids are indices, see delta.ts.
 */
export class Profile {
  /** ms since 1970 at session time 0. */
  readonly startedAtEpoch: number;
  /** What of it is made up or missing, as the format it was read from does not say it: a sentence for people, in English. */
  readonly unknown: string | undefined;
  /** What was counted; undefined: it was sampled. */
  readonly exactCounts: ExactCounts | undefined;
  readonly runs: RunStore;
  /** What was cut off stacks: CutCalls in delta.ts. */
  readonly cut: { readonly calls: RunStore; readonly leaves: RunStore };
  /** What frames are at, where that was asked for. */
  readonly instructions = new InstructionTable();
  /** Grows by one with every delta. */
  version = 0;
  /** How far time is covered, µs since the session's start. */
  until = 0;
  quality: Quality = NO_QUALITY;
  #cutSamples = 0;
  readonly #processes: ProcessRecord[] = [];
  readonly #threads: Thread[] = [];
  readonly #functions: FunctionRecord[] = [];
  readonly #frameFunctions = new UintColumn();
  readonly #frameLines = new UintColumn();
  readonly #stackParents = new UintColumn([0]);
  readonly #stackFrames = new UintColumn([0]);

  constructor(options: ProfileOptions = {}) {
    this.startedAtEpoch = options.startedAtEpoch ?? 0;
    this.unknown = options.unknown;
    this.exactCounts = options.exactCounts;
    const storeOptions = { byAge: true, steps: options.coarseTimes ?? [] };
    this.runs = new RunStore(options.maxRuns, storeOptions);
    const cut = (): RunStore => new RunStore((options.maxRuns ?? DEFAULT_MAX_RUNS) / 8, storeOptions);
    this.cut = { calls: cut(), leaves: cut() };
  }

  /**
   * Until when, and in what steps, it is no longer known when samples were taken, as there were more than can be kept; empty: each
   * one's time is known. Sums are right all the same.
   */
  get coarseTimes(): TimeSteps {
    return this.runs.steps;
  }

  /** Until the result is called, deltas may come, but no run that is there changes: for who reads them bit by bit (RunStore.hold). */
  hold(): () => void {
    const releases = [this.runs, this.cut.calls, this.cut.leaves].map((store) => store.hold());
    return () => {
      for (const release of releases) release();
    };
  }

  /**
   * Samples of whose stacks only an outer part is kept, as there were more kinds of stacks than can be kept. What lines and
   * functions took is right all the same.
   */
  get cutSamples(): number {
    return this.#cutSamples;
  }

  get processes(): readonly ProcessRecord[] {
    return this.#processes;
  }

  get threads(): readonly Thread[] {
    return this.#threads;
  }

  get functions(): readonly FunctionRecord[] {
    return this.#functions;
  }

  get frameCount(): number {
    return this.#frameFunctions.length;
  }

  frameFunction(frame: number): number {
    return this.#frameFunctions.data[frame]!;
  }

  /** 0 where the frame has no line. */
  frameLine(frame: number): number {
    return this.#frameLines.data[frame]!;
  }

  /** Stack 0, the empty one, included: at least 1. */
  get stackCount(): number {
    return this.#stackParents.length;
  }

  /** Always less than `stack`, so that parents come before children; 0 for stack 0. */
  stackParent(stack: number): number {
    return this.#stackParents.data[stack]!;
  }

  /** The leaf frame; means nothing for stack 0. */
  stackFrame(stack: number): number {
    return this.#stackFrames.data[stack]!;
  }

  /** For loops over everything: at least as long as the count, and valid until the next append. */
  get columns(): { frameFunctions: Uint32Array; frameLines: Uint32Array; stackParents: Uint32Array; stackFrames: Uint32Array } {
    return {
      frameFunctions: this.#frameFunctions.data,
      frameLines: this.#frameLines.data,
      stackParents: this.#stackParents.data,
      stackFrames: this.#stackFrames.data,
    };
  }

  /**
   * Takes a delta in, wholly or (ProfileFormatError: it contradicts itself or what came before) not at all.
   * @param takesRuns the columns of its runs are the profile's from then on: for the first delta, where copies would be too large
   * @param dropsRuns no run is kept, for who counts them himself as they come (live/liveTimes.ts)
   */
  append(delta: ProfileDelta, { takesRuns = false, dropsRuns = false } = {}): void {
    validateDelta(delta, {
      sequence: this.version,
      processes: this.#processes.length,
      threads: this.#threads.length,
      functions: this.#functions.length,
      opcodes: this.instructions.opcodes.length - 1,
      frames: this.frameCount,
      stacks: this.stackCount,
    });
    for (const process of delta.processes) this.#processes.push(process);
    for (const { process, name } of delta.processChanges ?? []) this.#processes[process] = { ...this.#processes[process]!, name };
    for (const thread of delta.threads) this.#threads.push(thread);
    for (const { thread, ...changes } of delta.threadChanges) this.#threads[thread] = { ...this.#threads[thread]!, ...changes };
    for (const record of delta.functions) this.#functions.push(record);
    this.#frameFunctions.append(delta.frames.functions);
    this.#frameLines.append(delta.frames.lines);
    this.instructions.append(delta.opcodes ?? [], delta.frames);
    this.#stackParents.append(delta.stacks.parents);
    this.#stackFrames.append(delta.stacks.frames);
    if (takesRuns) this.runs.adopt(delta.runs);
    else if (!dropsRuns) this.runs.append(delta.runs);
    if (delta.cut !== undefined && !dropsRuns) {
      this.cut.calls.append(delta.cut.calls);
      this.cut.leaves.append(delta.cut.leaves);
      for (const count of delta.cut.leaves.counts) this.#cutSamples += count;
    }
    this.until = Math.max(this.until, delta.until);
    this.quality = delta.quality;
    this.version++;
  }
}
