import { type CallTree, callTree, processOfNode } from '../../profile/callTree.ts';
import { type FunctionRecord, isNative } from '../../profile/delta.ts';
import { passingFlags, type SampleFilter } from '../../profile/filter.ts';
import { functionLineTimes, functionTimes, moduleTimes, type FunctionTime } from '../../profile/functionTimes.ts';
import type { Profile } from '../../profile/profile.ts';
import { StateTimes } from '../../profile/stateTimes.ts';
import { coarsePart } from '../../profile/timeSteps.ts';
import { librariesOf } from '../../profile/libraries.ts';
import { laneBands, laneBoxes } from '../../profile/timeline/lane.ts';
import { ThreadRuns } from '../../profile/timeline/threadRuns.ts';
import { TransformedStacks } from '../../profile/transforms/transformedStacks.ts';
import {
  ROOT,
  type FunctionColumns,
  type FunctionsMessage,
  type LeftMessage,
  type OpenMessage,
  type ParticipantsMessage,
  type QualityFigures,
  type TimelineMessage,
  type TimelineQueryMessage,
  type TreeMessage,
} from '../../webview/messages.ts';
import { ALL_SAMPLES, DEFAULT_QUERY, sameFilters, sameRange, type Query, type SampleChoice, type TimeRange } from '../../webview/query.ts';
import { hottestLine, processOf } from './hottestLine.ts';
import { sampleFilter } from '../samples/sampleFilter.ts';
import { prune, type Focus, type PrunedTree } from './prune.ts';

/** A place in the source, as `openFrame` wants it. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  /** Id, not pid. */
  readonly process: number;
}

/** Says what to call a function and its file, where the profile's names mean nothing to people. */
export type DisplayFunction = (func: FunctionRecord) => { readonly name: string; readonly file: string };

/** Functions sent per message at most; the rest follows in more of them. */
const FUNCTIONS_PER_MESSAGE = 20_000;
/** Over how much time samples a second are counted, ms. */
const RATE_WINDOW = 3000;

/** Turns one profile into messages for one page, and remembers what that page knows already. */
export class Feed {
  readonly profile: Profile;
  query: Query = DEFAULT_QUERY;
  /** What the page looks at, if it told. */
  focus: Focus | undefined;
  readonly #treatment: () => SampleFilter['treatment'];
  readonly #display: DisplayFunction;
  readonly #threadRuns: ThreadRuns;
  #stateTimes: { readonly range: TimeRange | null; readonly times: StateTimes } | undefined;
  #weights: TransformedStacks | undefined;
  #treatmentFor: SampleFilter['treatment'];
  #weightsFor = DEFAULT_QUERY;
  #functionsSent = 0;
  #librariesSent = 0;
  readonly #files = new Map<string, number>();
  #participants = '';
  /** Samples at moments (ms) in the last seconds. */
  readonly #counts: { readonly at: number; readonly samples: number }[] = [];

  /**
   * @param treatment of functions, asked anew for each tree
   * @param display what to call a function and its file
   */
  constructor(profile: Profile, treatment: () => SampleFilter['treatment'] = () => undefined, display: DisplayFunction = (func) => func) {
    this.profile = profile;
    this.#threadRuns = new ThreadRuns(profile);
    this.#display = display;
    this.#treatment = treatment;
  }

  /** Names and files the page does not know yet. */
  functions(): FunctionsMessage[] {
    const messages: FunctionsMessage[] = [];
    const { functions } = this.profile;
    const libraries = librariesOf(this.profile);
    while (this.#functionsSent < functions.length) {
      const first = this.#functionsSent;
      const part = functions.slice(first, first + FUNCTIONS_PER_MESSAGE).map((func) => ({
        ...this.#display(func),
        firstLine: func.firstLine,
        native: isNative(func) ? (func.library === undefined ? 1 : 2) : 0,
      }));
      const firstFile = this.#files.size;
      const newFiles: string[] = [];
      const files = Int32Array.from(part, ({ file }) => {
        let id = this.#files.get(file);
        if (id === undefined) {
          id = this.#files.size;
          this.#files.set(file, id);
          newFiles.push(file);
        }
        return id;
      });
      messages.push({
        type: 'functions',
        first,
        firstFile,
        newFiles,
        files,
        names: part.map(({ name }) => name),
        firstLines: Int32Array.from(part, ({ firstLine }) => firstLine),
        native: Uint8Array.from(part, ({ native }) => native),
        libraries: Int32Array.from(libraries.ofFunction.slice(first, first + part.length)),
        firstLibrary: this.#librariesSent,
        newLibraries: libraries.names.slice(this.#librariesSent),
      });
      this.#librariesSent = libraries.names.length;
      this.#functionsSent += part.length;
    }
    return messages;
  }

  /** Threads and processes, if they are others than last time. */
  participants(): ParticipantsMessage | undefined {
    const { processes, threads } = this.profile;
    const message: ParticipantsMessage = {
      type: 'participants',
      processes: processes.map(({ pid, name, pythonVersion, startedAt }) => ({ pid, name, pythonVersion, startedAt })),
      threads: threads.map(({ process, name, osThreadId, startedAt, endedAt = null }) => ({
        process,
        name,
        osThreadId,
        startedAt,
        endedAt,
      })),
    };
    const key = JSON.stringify(message);
    if (key === this.#participants) return undefined;
    this.#participants = key;
    return message;
  }

  /**
   * The answer to the query.
   * @param number the page's number of the query
   * @param budget nodes to send at most, about
   */
  tree(number: number, budget: number): TreeMessage {
    const weights = this.#currentWeights();
    const { by, sandwich, transforms, inverted } = this.query;
    const functions = columns(by === 'line' ? functionLineTimes(weights) : functionTimes(weights));
    const modules = columns(moduleTimes(weights));
    const { totalSamples, totalTime } = weights;
    let pruned: readonly PrunedTree[];
    if (sandwich === null) pruned = [prune(callTree(weights, { inverted, by, byProcess: true }), this.focus, budget)];
    else {
      weights.transforms = [...transforms, { kind: 'focusFunction', func: sandwich }];
      const callees = withoutRoot(callTree(weights, { by: 'function' }));
      weights.transforms = [...transforms, { kind: 'callersOf', func: sandwich }];
      const callers = withoutRoot(callTree(weights, { by: 'function', inverted: true }));
      weights.transforms = transforms;
      pruned = [callees, callers].map((tree) => prune(tree, undefined, Math.ceil(budget / 2)));
    }
    return {
      type: 'tree',
      query: number,
      nodes: pruned[0]!.nodes,
      callers: pruned[1]?.nodes ?? null,
      hiddenNodes: pruned.reduce((sum, { hidden }) => sum + hidden, 0),
      functions,
      modules,
      totalSamples,
      totalTime,
      samplesBeforeSteps: weights.samplesBeforeTransforms,
    };
  }

  /** How much time other choices of samples would leave. */
  left(): LeftMessage {
    const { threads } = this.profile;
    const { query } = this;
    if (this.#stateTimes === undefined || !sameRange(this.#stateTimes.range, query.range))
      this.#stateTimes = { range: query.range, times: new StateTimes(this.profile, query.range ?? undefined) };
    else this.#stateTimes.times.update();
    const { times } = this.#stateTimes;
    const { threads: chosen, processes } = sampleFilter(query, undefined);
    const counts = threads.map(({ process }, thread) => (chosen?.has(thread) ?? true) && (processes?.has(process) ?? true));
    const sum = (states: Partial<SampleChoice>): number => {
      const passes = passingFlags({ ...query, ...states });
      return counts.reduce((total, isChosen, thread) => (isChosen ? total + times.of(thread, passes) : total), 0);
    };
    const noState = { onCpuOnly: false, readyOnly: false, waitingOnly: false };
    const passes = passingFlags(query);
    return {
      type: 'left',
      threads: Float64Array.from(threads, (_, thread) => times.of(thread, passes)),
      states: {
        onCpuOnly: sum({ ...noState, onCpuOnly: true }),
        readyOnly: sum({ ...noState, readyOnly: true }),
        waitingOnly: sum({ ...noState, waitingOnly: true }),
        gilOnly: sum({ gilOnly: true }),
        gcOnly: sum({ gcOnly: true }),
        all: sum({ ...ALL_SAMPLES, scope: query.scope }),
      },
    };
  }

  /** What threads did. Those that there are not are left out. Boxes are of the samples that the query is about. */
  timeline({ number, range: asked, columns, threads, open }: TimelineQueryMessage): TimelineMessage {
    const { profile } = this;
    const until = Math.max(1, profile.until);
    const range = asked ?? { start: 0, end: until };
    const weights = this.#currentWeights();
    const opened = new Set(open);
    const release = profile.hold(); // while older runs are being merged they may overlap
    try {
      this.#threadRuns.update();
      const lanes = threads
        .filter((thread) => thread < profile.threads.length)
        .map((thread) => {
          const question = { thread, ...range, columns };
          return {
            thread,
            bands: laneBands(profile, this.#threadRuns, question),
            boxes: opened.has(thread) ? laneBoxes(weights, this.#threadRuns, question, this.query) : null,
          };
        });
      return { type: 'timeline', number, until, range, columns, lanes };
    } finally {
      release();
    }
  }

  /** @param now ms, from any clock that runs evenly; @param live samples are coming in */
  quality(now: number, live: boolean): QualityFigures {
    const { samples, ticks, partial, lost, missed, elapsed, requestedRate, stops, stoppedTime, shareError, noStops } = this.profile.quality;
    const coarse = coarsePart(this.profile.coarseTimes) ?? { until: 0, shortest: 0, longest: 0 };
    const samplesPerSecond = live ? this.#rate(now, samples) : (samples / Math.max(1, elapsed)) * 1e6;
    return {
      samples,
      ticks,
      partial,
      lost,
      missed,
      elapsed,
      requestedRate,
      samplesPerSecond,
      stops,
      stoppedTime,
      shareError,
      noStops,
      coarseUntil: coarse.until,
      shortestStep: coarse.shortest,
      longestStep: coarse.longest,
    };
  }

  /** Where a box's or a table row's source is; undefined if the page made the function up. */
  place({ func, line, path }: OpenMessage): SourcePlace | undefined {
    const record = this.profile.functions[func];
    if (record === undefined) return undefined;
    const { scope } = this.query;
    // Below the box of a process it is about that one's samples.
    const above = path === null ? undefined : processOfNode(path[0] ?? 0);
    const weights =
      above === undefined
        ? this.#currentWeights()
        : new TransformedStacks(this.profile, sampleFilter({ ...this.query, scope: { kind: 'process', id: above } }, this.#treatment()));
    const steps = path === null ? undefined : path.slice(above === undefined ? 0 : 2);
    const found = line > 0 ? line : hottestLine(weights, func, steps === undefined ? undefined : { path: steps, query: this.query });
    let process: number;
    if (above !== undefined) process = above;
    else if (scope.kind === 'process') process = scope.id;
    else if (scope.kind === 'thread') process = this.profile.threads[scope.id]?.process ?? 0;
    else process = processOf(weights, func);
    return { file: record.file, line: found ?? record.firstLine, process };
  }

  #currentWeights(): TransformedStacks {
    const { scope } = this.query;
    // The box of the only process would say nothing; a second one may come at any time.
    const byProcess = scope.kind === 'all' && this.profile.processes.length > 1;
    const weights = this.#weights;
    if (
      weights !== undefined &&
      this.#treatmentFor === this.#treatment() &&
      sameFilters(this.#weightsFor, this.query) &&
      (weights.byProcess !== undefined) === byProcess
    ) {
      weights.transforms = this.query.transforms;
      weights.update();
      return weights;
    }
    this.#weightsFor = this.query;
    this.#treatmentFor = this.#treatment();
    return (this.#weights = new TransformedStacks(this.profile, sampleFilter(this.query, this.#treatmentFor), { byProcess }));
  }

  #rate(now: number, samples: number): number {
    this.#counts.push({ at: now, samples });
    while (this.#counts.length > 2 && now - this.#counts[0]!.at > RATE_WINDOW) this.#counts.shift();
    const first = this.#counts[0]!;
    const { elapsed } = this.profile.quality;
    return now - first.at < 500 ? (samples / Math.max(1, elapsed)) * 1e6 : ((samples - first.samples) / (now - first.at)) * 1000;
  }
}

/** The tree of the root's only callee, which stands where the root was. */
function withoutRoot(tree: CallTree): CallTree {
  if (tree.length < 2) return tree;
  const func = tree.func.slice(1);
  func[0] = ROOT;
  return {
    length: tree.length - 1,
    func,
    parent: tree.parent.slice(1).map((parent) => parent - 1),
    line: tree.line.slice(1),
    depth: tree.depth.slice(1).map((depth) => depth - 1),
    self: tree.self.slice(1),
    total: tree.total.slice(1),
    samples: tree.samples.slice(1),
  };
}

function columns(times: readonly (FunctionTime & { readonly line?: number })[]): FunctionColumns {
  return {
    func: Int32Array.from(times, ({ func }) => func),
    line: Int32Array.from(times, ({ line = 0 }) => line),
    self: Float64Array.from(times, ({ self }) => self),
    total: Float64Array.from(times, ({ total }) => total),
    samples: Float64Array.from(times, ({ samples }) => samples),
  };
}
