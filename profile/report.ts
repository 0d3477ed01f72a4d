import { isNative, SampleFlag } from './delta.ts';
import type { SampleFilter } from './filter.ts';
import { functionLineTimes, functionTimes } from './functionTimes.ts';
import { type InnermostSource, innermostSource } from './innermost.ts';
import { heaviest } from './lines.ts';
import type { Profile } from './profile.ts';
import { type SelfSplit, SelfSplits } from './selfSplits.ts';
import { StackWeights } from './weights.ts';
import { qualityText } from './qualityText.ts';

/** Native functions that are named of a line. */
const nativeFunctions = 3;

export interface ReportOptions {
  /** Longest lists. */
  readonly top: number;
  /** Counts threads that wait, too. */
  readonly idle: boolean;
  /** Counts only threads that hold the GIL. */
  readonly gil: boolean;
  /** Ids of the threads whose functions, lines and paths are wanted; all unless told. */
  readonly threads?: ReadonlySet<number>;
  /** What becomes of frames that are hidden. */
  readonly treatment?: SampleFilter['treatment'];
}

/** A line of a file that a profile names; null when there is none. */
export type SourceLine = (file: string, line: number) => string | null;

/** Shares are of the time that is reported on, 0 to 1. */
export interface Place {
  readonly function: string;
  readonly file: string;
  /** 0: not known. */
  readonly line: number;
}

export interface PlaceTime extends Place {
  readonly self: number;
  readonly total: number;
}

/** How own time was spent, in shares of it; what is left could not be found out. */
export interface SplitReport {
  readonly python: number;
  readonly native: number;
  /** Of `native`, Python's own: operators, containers, built-in functions. */
  readonly interpreter: number;
  /** In the kernel. */
  readonly system: number;
  /** Native functions that were innermost, or called the system, most time first. */
  readonly functions: readonly { readonly name: string; readonly file: string; readonly share: number }[];
}

export interface LineReport extends PlaceTime {
  readonly source: string | null;
  /** Null: the profile does not tell. */
  readonly split: SplitReport | null;
}

/** What a profile says, in short: for people, and as it is for programs. */
export interface Report {
  readonly processes: readonly { readonly pid: number; readonly name: string; readonly pythonVersion: string }[];
  /** ISO 8601; null: not known. */
  readonly startedAt: string | null;
  /** s */
  readonly duration: number;
  readonly samples: number;
  /** What was not read, and how far shares may be off, in words. */
  readonly quality: string;
  /** Of the time of all threads: on a core, ready to be, waiting. */
  readonly states: { readonly onCpu: number; readonly ready: number; readonly waiting: number };
  readonly threads: readonly ThreadReport[];
  /** Samples that the rest is about. */
  readonly countedSamples: number;
  /** By self time. */
  readonly functions: readonly PlaceTime[];
  /** Of Python, with the time of native code as their own: native functions are told apart by `split`. */
  readonly lines: readonly LineReport[];
  /** Of all that counts; null: the profile does not tell. */
  readonly split: SplitReport | null;
  /** What tells native code from Python's. */
  readonly splitBy: InnermostSource;
  /** Stacks, outermost frame first. */
  readonly paths: readonly { readonly share: number; readonly frames: readonly Place[] }[];
}

export interface ThreadReport {
  readonly name: string;
  readonly pid: number;
  readonly osThreadId: number;
  /** Of its own time. */
  readonly onCpu: number;
  readonly ready: number;
  readonly waiting: number;
  readonly gil: number;
  readonly garbage: number;
}

/** @param sourceLine what lines are shown with */
export function reportOf(profile: Profile, { top, idle, gil, threads: wanted, treatment }: ReportOptions, sourceLine: SourceLine): Report {
  const { quality, functions } = profile;
  const filter: SampleFilter = {
    ...(idle ? {} : { onCpuOnly: true, readyOnly: true }),
    ...(gil ? { gilOnly: true } : {}),
    ...(wanted === undefined ? {} : { threads: wanted }),
    ...(treatment === undefined ? {} : { treatment }),
  };
  const weights = new StackWeights(profile, filter);
  const { totalTime } = weights;
  const share = (time: number): number => (totalTime === 0 ? 0 : Math.min(1, time / totalTime));
  const place = (func: number, line: number): Place => ({ function: functions[func]!.name, file: functions[func]!.file, line });
  const bySelf = <Time extends { readonly self: number; readonly total: number }>(times: readonly Time[]): Time[] =>
    [...times].sort((a, b) => b.self - a.self || b.total - a.total).slice(0, top);
  const frames = (stack: number): Place[] => {
    const path: Place[] = [];
    for (let at = stack; at !== 0; at = profile.stackParent(at)) {
      const frame = profile.stackFrame(at);
      path.push(place(profile.frameFunction(frame), profile.frameLine(frame)));
    }
    return path.reverse();
  };
  const threads = threadReports(profile);
  const splits = SelfSplits.of(weights);
  const splitReport = (isOf: (frame: number) => boolean): SplitReport | null =>
    splits === undefined ? null : sharesOf(splits.split(isOf, nativeFunctions), profile);
  const python = profile.functions.some(isNative) ? new StackWeights(profile, { ...filter, treatment: withoutNative(treatment) }) : weights;
  return {
    processes: profile.processes.map(({ pid, name, pythonVersion }) => ({ pid, name, pythonVersion })),
    startedAt: profile.startedAtEpoch === 0 ? null : new Date(profile.startedAtEpoch).toISOString(),
    duration: quality.elapsed / 1e6,
    samples: quality.samples,
    quality: qualityText(quality, profile),
    states: threads.all,
    threads: threads.each,
    countedSamples: weights.totalSamples,
    functions: bySelf(functionTimes(weights)).map(({ func, self, total }) => ({
      ...place(func, functions[func]!.firstLine),
      self: share(self),
      total: share(total),
    })),
    lines: bySelf(functionLineTimes(python).filter(({ line }) => line > 0)).map(({ func, line, self, total }) => ({
      ...place(func, line),
      self: share(self),
      total: share(total),
      source: sourceLine(functions[func]!.file, line),
      split: splitReport((frame) => profile.frameFunction(frame) === func && profile.frameLine(frame) === line),
    })),
    split: splitReport(() => true),
    splitBy: innermostSource(profile),
    // Stack 0 is no path.
    paths: heaviest(weights.time, weights.samples)
      .filter((stack) => stack !== 0)
      .slice(0, top)
      .map((stack) => ({ share: share(weights.time[stack]!), frames: frames(stack) })),
  };
}

function withoutNative(treatment: SampleFilter['treatment']): NonNullable<SampleFilter['treatment']> {
  return (func) => (isNative(func) ? 'hide' : (treatment?.(func) ?? 'show'));
}

function sharesOf({ python, native, interpreter, system, functions, all }: SelfSplit, profile: Profile): SplitReport {
  const share = (time: number): number => (all === 0 ? 0 : time / all);
  return {
    python: share(python),
    native: share(native),
    interpreter: share(interpreter),
    system: share(system),
    functions: functions.map(({ func, time }) => {
      const { name, file, library } = profile.functions[func]!;
      return { name, file: library ?? file, share: share(time) };
    }),
  };
}

function threadReports(profile: Profile): { readonly all: Report['states']; readonly each: ThreadReport[] } {
  const { runs, threads, processes } = profile;
  const sums = threads.map(() => ({ all: 0, onCpu: 0, ready: 0, gil: 0, garbage: 0 }));
  for (let run = 0; run < runs.length; run++) {
    const sum = sums[runs.threads[run]!]!;
    const [time, flags] = [runs.durations[run]!, runs.flags[run]!];
    sum.all += time;
    if ((flags & SampleFlag.OnCpu) !== 0) sum.onCpu += time;
    if ((flags & SampleFlag.Ready) !== 0) sum.ready += time;
    if ((flags & SampleFlag.HoldsGil) !== 0) sum.gil += time;
    if ((flags & SampleFlag.CollectingGarbage) !== 0) sum.garbage += time;
  }
  const states = (all: number, onCpu: number, ready: number): Report['states'] =>
    all === 0
      ? { onCpu: 0, ready: 0, waiting: 0 }
      : { onCpu: onCpu / all, ready: ready / all, waiting: Math.max(0, all - onCpu - ready) / all };
  const each = sums
    .map(({ all, onCpu, ready, gil, garbage }, id) => {
      const { name, osThreadId, process } = threads[id]!;
      const of = (time: number): number => (all === 0 ? 0 : time / all);
      return {
        busy: onCpu + ready,
        report: { name, pid: processes[process]!.pid, osThreadId, ...states(all, onCpu, ready), gil: of(gil), garbage: of(garbage) },
      };
    })
    .sort((a, b) => b.busy - a.busy)
    .map(({ report }) => report);
  const total = (key: 'all' | 'onCpu' | 'ready'): number => sums.reduce((sum, one) => sum + one[key], 0);
  return { all: states(total('all'), total('onCpu'), total('ready')), each };
}
