import { type FrameTreatment, passingFlags, type SampleFilter } from './filter.ts';
import { ProcessStacks } from './processStacks.ts';
import type { Profile } from './profile.ts';
import type { RunStore } from './runStore.ts';
import type { WeighedStacks } from './weighedStacks.ts';

/** By stack of one frame; at least as long as there are stacks. */
export interface CutWeights {
  /** µs and samples in which the frame's line, or function where it has no line, was in what was cut off. */
  time: Float64Array<ArrayBuffer>;
  samples: Float64Array<ArrayBuffer>;
  /** µs in which it was innermost there. */
  self: Float64Array<ArrayBuffer>;
}

/**
 * The self time of every stack under a filter, kept up to date run by run. All other queries rest
 * on it, so that a live view costs what is new, not what has been.
 *
 * A sample belongs to a time range if it was taken in it; the samples of a run count as equally
 * spaced and equally heavy.
 *
 * Where the filter hides functions, a sample counts for the stack without their frames. Stacks with a hidden
 * leaf weigh nothing then, and `parents` leads past them, so that no query comes upon them.
 */
export class StackWeights implements WeighedStacks {
  readonly profile: Profile;
  readonly filter: SampleFilter;
  /** µs by stack id; as long as the profile had stacks at the last update. */
  time = new Float64Array(0);
  /** Number of samples by stack id. */
  samples = new Float64Array(0);
  /** µs of all stacks, the empty one (threads without a Python frame) included. */
  totalTime = 0;
  totalSamples = 0;
  /** The same by process, where asked for. */
  readonly byProcess: ProcessStacks | undefined;
  /**
   * What was cut off stacks, by stacks of one frame (CutCalls in delta.ts); undefined: nothing was. Functions that a filter
   * leaves out may be in it: it is not known who called them.
   */
  cut: CutWeights | undefined;
  readonly #main: RunsSoFar = { runs: 0, mergings: 0 };
  readonly #calls: RunsSoFar = { runs: 0, mergings: 0 };
  readonly #leaves: RunsSoFar = { runs: 0, mergings: 0 };
  #timeBuffer = new Float64Array(0);
  #samplesBuffer = new Float64Array(0);
  #allowedThreads = new Uint8Array(0);
  readonly #passes: Uint8Array;
  /** Where functions are hidden. By stack: the stack it counts as, -1 for none; and that of its parent. */
  #shown = new Int32Array(0);
  #shownParents = new Uint32Array(0);
  #classified = 0;

  /** Looks at all of the profile: starts up to date. The filter's sets must not change afterwards. */
  constructor(profile: Profile, filter: SampleFilter = {}, options: { readonly byProcess?: boolean } = {}) {
    this.profile = profile;
    this.filter = filter;
    this.#passes = passingFlags(filter);
    this.byProcess = options.byProcess === true ? new ProcessStacks() : undefined;
    this.update();
  }

  /** What a sample with a stack counts as; -1: it does not count. */
  stackOf(stack: number): number {
    return this.filter.treatment === undefined ? stack : this.#shown[stack]!;
  }

  /** The parent of every stack, hidden frames skipped. May be longer than there are stacks. */
  get parents(): Uint32Array {
    return this.filter.treatment === undefined ? this.profile.columns.stackParents : this.#shownParents;
  }

  get stackFrames(): Uint32Array {
    return this.profile.columns.stackFrames;
  }

  /** Takes in what came since the last update; returns whether any weight changed. */
  update(): boolean {
    const { runs } = this.profile;
    if (this.#isChanged(this.#main, runs)) {
      this.#timeBuffer.fill(0);
      this.#samplesBuffer.fill(0);
      this.byProcess?.clear();
      this.totalTime = 0;
      this.totalSamples = 0;
    }
    this.#grow();
    this.#classify();
    const samplesBefore = this.totalSamples;
    const { time, samples, byProcess } = this;
    const processes = byProcess === undefined ? undefined : this.profile.threads.map(({ process }) => process);
    let { totalTime, totalSamples } = this;
    this.#forEach(this.#main, runs, (run, stack, duration, count) => {
      time[stack]! += duration;
      samples[stack]! += count;
      if (processes !== undefined) byProcess!.add(processes[runs.threads[run]!]!, stack, duration, count);
      totalTime += duration;
      totalSamples += count;
    });
    this.totalTime = totalTime;
    this.totalSamples = totalSamples;
    this.#updateCut();
    return this.totalSamples !== samplesBefore;
  }

  #updateCut(): void {
    const { calls, leaves } = this.profile.cut;
    if (calls.length + leaves.length === 0) return;
    const cut = (this.cut ??= { time: new Float64Array(0), samples: new Float64Array(0), self: new Float64Array(0) });
    const { length } = this.time;
    if (cut.time.length < length) for (const name of ['time', 'samples', 'self'] as const) cut[name] = resized(cut[name], length * 2);
    if (this.#isChanged(this.#calls, calls)) {
      cut.time.fill(0);
      cut.samples.fill(0);
    }
    if (this.#isChanged(this.#leaves, leaves)) cut.self.fill(0);
    const isShown = (stack: number): boolean => this.filter.treatment === undefined || this.#shown[stack] === stack;
    const { time, samples, self } = cut;
    this.#forEach(this.#calls, calls, (run, _, duration, count) => {
      const stack = calls.stacks[run]!;
      if (!isShown(stack)) return;
      time[stack]! += duration;
      samples[stack]! += count;
    });
    this.#forEach(this.#leaves, leaves, (run, _, duration) => {
      const stack = leaves.stacks[run]!;
      if (isShown(stack)) self[stack]! += duration;
    });
  }

  /**
   * Whether all runs have to be added anew: those that are in were merged since. That changes no sum, only what of it is in a range of
   * time; but where they were merged with some that are not in, nothing tells these.
   */
  #isChanged(done: RunsSoFar, runs: RunStore): boolean {
    const isChanged = done.mergings !== runs.mergings && (this.filter.range !== undefined || runs.firstSince(done.runs) === undefined);
    done.mergings = runs.mergings;
    if (isChanged) done.runs = 0;
    return isChanged;
  }

  #grow(): void {
    const count = this.profile.stackCount;
    if (count > this.#timeBuffer.length) {
      const capacity = Math.max(count, this.#timeBuffer.length * 2);
      const time = new Float64Array(capacity);
      const samples = new Float64Array(capacity);
      time.set(this.#timeBuffer);
      samples.set(this.#samplesBuffer);
      this.#timeBuffer = time;
      this.#samplesBuffer = samples;
    }
    if (count !== this.time.length) {
      this.time = this.#timeBuffer.subarray(0, count);
      this.samples = this.#samplesBuffer.subarray(0, count);
    }
    if (this.profile.threads.length !== this.#allowedThreads.length) {
      const { threads, processes } = this.filter;
      this.#allowedThreads = Uint8Array.from(this.profile.threads, (thread, id) =>
        (threads?.has(id) ?? true) && (processes?.has(thread.process) ?? true) ? 1 : 0,
      );
    }
  }

  #classify(): void {
    const { treatment } = this.filter;
    if (treatment === undefined) return;
    const { functions, stackCount, columns } = this.profile;
    const { stackParents, stackFrames, frameFunctions } = columns;
    if (stackCount > this.#shown.length) {
      const shown = new Int32Array(stackCount * 2);
      const parents = new Uint32Array(stackCount * 2);
      shown.set(this.#shown);
      parents.set(this.#shownParents);
      this.#shown = shown;
      this.#shownParents = parents;
    }
    const known = new Map<number, FrameTreatment>();
    for (let stack = Math.max(1, this.#classified); stack < stackCount; stack++) {
      const func = frameFunctions[stackFrames[stack]!]!;
      let own = known.get(func);
      if (own === undefined) known.set(func, (own = treatment(functions[func]!)));
      const parent = this.#shown[stackParents[stack]!]!;
      this.#shownParents[stack] = Math.max(0, parent);
      if (own === 'leaveOut' || parent < 0) this.#shown[stack] = -1;
      else this.#shown[stack] = own === 'hide' ? parent : stack;
    }
    this.#classified = stackCount;
  }

  /** Each run that is new and passes the filter, with what of it does. */
  #forEach(done: RunsSoFar, runs: RunStore, add: (run: number, stack: number, duration: number, count: number) => void): void {
    const { threads, stacks, starts, durations, counts, flags, length } = runs;
    const first = done.runs === 0 ? 0 : runs.firstSince(done.runs)!;
    done.runs = runs.appended;
    const { range } = this.filter;
    const passes = this.#passes;
    const allowed = this.#allowedThreads;
    const shown = this.filter.treatment === undefined ? undefined : this.#shown;
    for (let run = first; run < length; run++) {
      if (allowed[threads[run]!] === 0 || passes[flags[run]!] === 0) continue;
      const stack = shown === undefined ? stacks[run]! : shown[stacks[run]!]!;
      if (stack < 0) continue;
      const count = counts[run]!;
      let duration = durations[run]!;
      let inside = count;
      if (range !== undefined) {
        inside = samplesIn(range, starts[run]!, duration / count, count);
        if (inside <= 0) continue;
        if (inside < count) duration *= inside / count;
      }
      add(run, stack, duration, inside);
    }
  }
}

/** How many runs, of all that came, are in, and how often any were merged until then. */
interface RunsSoFar {
  runs: number;
  mergings: number;
}

function resized(from: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(length);
  to.set(from);
  return to;
}

/** How many samples of a run lie in a range of time. @param spacing µs between two */
export function samplesIn(range: NonNullable<SampleFilter['range']>, start: number, spacing: number, count: number): number {
  return samplesBefore(range.end, start, spacing, count) - samplesBefore(range.start, start, spacing, count);
}

/** How many samples of a run lie before a time. */
function samplesBefore(time: number, start: number, spacing: number, count: number): number {
  if (time <= start) return 0;
  if (spacing === 0) return count;
  return Math.min(count, Math.ceil((time - start) / spacing));
}
