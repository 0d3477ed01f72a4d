import type { Quality } from '../delta.ts';
import { isNative, mapInstructionColumns, SampleFlag } from '../delta.ts';
import type { Profile } from '../profile.ts';
import { writtenCut } from './firefoxCut.ts';
import { writtenNative } from './firefoxNative.ts';
import type { FirefoxMeta, FirefoxProfile, FirefoxSharedTables, FirefoxThread, HeatlineInstructions } from './firefoxSchema.ts';
import { HEATLINE_VERSION, PROCESSED_PROFILE_VERSION } from './firefoxSchema.ts';
import { longestStep, stepAt } from '../timeSteps.ts';
import { Column, expanded, jsonPieces, type Written } from './jsonPieces.ts';

/** µs; where a thread has no sample for longer than this, its timeline shows a gap rather than the last sample. */
const GAP = 100_000;

/** Index into the categories of `meta`. */
const PYTHON_CATEGORY = 1;
const NATIVE_CATEGORY = 2;

/**
 * The profile as plain data for JSON.stringify; opens in profiler.firefox.com. `fromFirefox` gets
 * everything back, with times rounded to the nearest ns.
 */
export function toFirefox(profile: Profile): FirefoxProfile {
  return expanded<FirefoxProfile>(written(profile));
}

/** The text of `toFirefox`, piece by piece: takes some ten bytes a run of memory besides. */
export function firefoxText(profile: Profile): Generator<string, void> {
  return jsonPieces(written(profile));
}

function written(profile: Profile): Written<FirefoxProfile> {
  const byThread = runsByThread(profile);
  const pids = uniquePids(profile);
  const instructions = instructionsOf(profile);
  const cut = writtenCut(profile);
  const { coarseTimes } = profile;
  const native = writtenNative(profile.functions);
  return {
    meta: meta(profile),
    libs: [],
    pages: [],
    counters: [],
    profilerOverhead: [],
    shared: sharedTables(profile),
    threads: new Column(profile.threads.length, (id) => threadTable(profile, id, byThread[id]!, pids)),
    heatline: {
      version: HEATLINE_VERSION,
      until: profile.until,
      ...(coarseTimes.length > 0 ? { coarseTimes, timeResolution: longestStep(coarseTimes) } : {}),
      quality: profile.quality,
      processes: profile.processes,
      ...(instructions === undefined ? {} : { instructions }),
      ...(cut === undefined ? {} : { cut }),
      ...(native === undefined ? {} : { native }),
    },
  };
}

function instructionsOf({ instructions: { columns, opcodes } }: Profile): Written<HeatlineInstructions> | undefined {
  if (columns === undefined) return undefined;
  return {
    names: opcodes.slice(1),
    ...mapInstructionColumns((name) => new Column(columns[name].length, (index) => columns[name][index]!)),
  };
}

function meta(profile: Profile): FirefoxMeta {
  return {
    interval: milliseconds(interval(profile.quality)),
    startTime: profile.startedAtEpoch,
    profilingStartTime: 0,
    profilingEndTime: milliseconds(profile.until),
    processType: 0,
    extensions: { length: 0, baseURL: [], id: [], name: [] },
    categories: [
      { name: 'Other', color: 'grey', subcategories: ['Other'] },
      { name: 'Python', color: 'blue', subcategories: ['Other'] },
      { name: 'Native', color: 'orange', subcategories: ['Other'] },
    ],
    product: 'Heatline',
    arguments: profile.processes[0]?.commandLine.join(' ') ?? '',
    stackwalk: 0,
    debug: false,
    version: 24,
    preprocessedProfileVersion: PROCESSED_PROFILE_VERSION,
    symbolicated: true,
    symbolicationNotSupported: true,
    usesOnlyOneStackType: true,
    sourceCodeIsNotOnSearchfox: true,
    keepProfileThreadOrder: true,
    markerSchema: [],
    sampleUnits: { time: 'ms', eventDelay: 'ms', threadCPUDelta: 'µs' },
    extra: [{ label: 'Python sampling', entries: facts(profile) }],
  };
}

function facts({ processes, quality }: Profile): { label: string; format: string; value: unknown }[] {
  const versions = new Set(processes.map((process) => process.pythonVersion).filter((version) => version !== ''));
  return [
    { label: 'Python', format: 'string', value: [...versions].join(', ') },
    { label: 'Samples', format: 'integer', value: quality.samples },
    { label: 'Partial samples', format: 'integer', value: quality.partial },
    { label: 'Lost samples', format: 'integer', value: quality.lost },
    { label: 'Missed ticks', format: 'integer', value: quality.missed },
    { label: 'Latest tick', format: 'microseconds', value: quality.latenessMax },
  ];
}

/** Usual µs between two samples of a thread. */
function interval({ requestedRate, elapsed, ticks }: Quality): number {
  if (requestedRate > 0) return 1_000_000 / requestedRate;
  return ticks > 0 && elapsed > 0 ? elapsed / ticks : 1000;
}

function sharedTables(profile: Profile): Written<FirefoxSharedTables> {
  const { frameCount, stackCount, functions } = profile;
  const strings = new Interner();
  const files = new Interner();
  const name = functions.map((record) => strings.index(record.name));
  const source = functions.map((record) => files.index(record.file));
  const filename = files.strings.map((file) => strings.index(file));
  const { frameFunctions, frameLines, stackFrames, stackParents } = profile.columns;
  const startColumns = profile.instructions.columns?.startColumns;
  return {
    stringArray: strings.strings,
    sources: {
      length: filename.length,
      id: column(filename.length, null),
      filename,
      startLine: column(filename.length, 1),
      startColumn: column(filename.length, 1),
      sourceMapURL: column(filename.length, null),
    },
    funcTable: {
      length: functions.length,
      name,
      isJS: column(functions.length, false),
      relevantForJS: column(functions.length, false),
      resource: column(functions.length, -1),
      source,
      lineNumber: functions.map((record) => orNull(record.firstLine)),
      columnNumber: column(functions.length, null),
    },
    frameTable: {
      length: frameCount,
      address: column(frameCount, -1),
      inlineDepth: column(frameCount, 0),
      category: new Column(frameCount, (frame) => (isNative(functions[frameFunctions[frame]!]!) ? NATIVE_CATEGORY : PYTHON_CATEGORY)),
      subcategory: column(frameCount, 0),
      func: new Column(frameCount, (frame) => frameFunctions[frame]!),
      nativeSymbol: column(frameCount, null),
      innerWindowID: column(frameCount, 0),
      line: new Column(frameCount, (frame) => orNull(frameLines[frame]!)),
      column: startColumns === undefined ? column(frameCount, null) : new Column(frameCount, (frame) => orNull(startColumns[frame]!)),
    },
    // Stack 0, the empty one, is null here, so all others move down by one.
    stackTable: {
      length: stackCount - 1,
      frame: new Column(stackCount - 1, (stack) => stackFrames[stack + 1]!),
      prefix: new Column(stackCount - 1, (stack) => indexOrNull(stackParents[stack + 1]!)),
    },
    resourceTable: { length: 0, lib: [], name: [], host: [], type: [] },
    nativeSymbols: { length: 0, libIndex: [], address: [], name: [], functionSize: [] },
  };
}

function threadTable(profile: Profile, id: number, ofThread: Uint32Array, pids: readonly string[]): Written<FirefoxThread> {
  const thread = profile.threads[id]!;
  const process = profile.processes[thread.process]!;
  const { runs } = profile;
  const { stacks, starts, durations, counts, cpu, flags } = runs;
  const rows = rowsOf(runs, ofThread);
  const { length } = rows;
  const endOf = (run: number): number => starts[run]! + durations[run]!;
  const time = (row: number): number => milliseconds(rows[row]! >= 0 ? starts[rows[row]!]! : endOf(rows[row - 1]!));
  /** Of the row's run; a gap has none. */
  const column = <T>(of: (run: number) => T, inGap: T): Column<T> =>
    new Column(length, (row) => (rows[row]! >= 0 ? of(rows[row]!) : inGap));
  const used = whenUsed(
    length,
    (row) => Math.max(0, (time(row) - time(row - 1)) * 1000),
    (row) => (rows[row]! >= 0 ? cpu[rows[row]!]! : 0),
    (row) => rows[row]! >= 0 && (flags[rows[row]!]! & SampleFlag.OnCpu) !== 0,
  );
  return {
    name: thread.name,
    isMainThread: thread.isMain,
    processType: 'default',
    processName: process.name,
    processStartupTime: milliseconds(process.startedAt),
    processShutdownTime: null,
    registerTime: milliseconds(thread.startedAt),
    unregisterTime: thread.endedAt === undefined ? null : milliseconds(thread.endedAt),
    pid: pids[thread.process]!,
    tid: thread.osThreadId,
    pausedRanges: [],
    showMarkersInTimeline: false,
    markers: { length: 0, data: [], name: [], startTime: [], endTime: [], phase: [], category: [] },
    samples: {
      length,
      time: new Column(length, time),
      stack: column((run) => indexOrNull(stacks[run]!), null),
      weight: column((run) => milliseconds(durations[run]!), 0),
      weightType: 'tracing-ms',
      threadCPUDelta: new Column(length, (row) => used[row]!),
    },
    heatline: {
      process: thread.process,
      pythonThreadId: thread.pythonThreadId,
      interpreterId: thread.interpreterId,
      counts: column((run) => counts[run]!, 0),
      cpu: column((run) => cpu[run]!, 0),
      flags: column((run) => flags[run]!, 0),
    },
  };
}

/** A thread's rows of samples: each is a run, or −1 where one ends long before the next one, and at the end. */
function rowsOf({ starts, durations, steps }: Profile['runs'], ofThread: Uint32Array): Int32Array {
  const rows = new Int32Array(2 * ofThread.length);
  let length = 0;
  let end = Infinity;
  for (const run of ofThread) {
    const start = starts[run]!;
    if (start - end > Math.max(GAP, 2 * stepAt(steps, end))) rows[length++] = -1;
    rows[length++] = run;
    end = start + durations[run]!;
  }
  // The last run has a length only if something follows.
  if (end !== Infinity) rows[length++] = -1;
  return rows.subarray(0, length);
}

/**
 * Systems tell of CPU time some ms after it was used (RunColumns.cpu): what can't have been used since the row before was
 * used before that, where the thread ran. No sum changes by more than rounding.
 * @param since µs from the row before to a row
 * @param cpu µs of CPU that a row's run has
 * @param onCpu whether a row's run was on the CPU
 * @returns whole µs of CPU by row, used since the row before
 */
function whenUsed(
  length: number,
  since: (row: number) => number,
  cpu: (row: number) => number,
  onCpu: (row: number) => boolean,
): Float64Array {
  const used = new Float64Array(length);
  let excess = 0;
  for (let row = length - 1; row > 0; row--) {
    const between = since(row);
    const all = cpu(row - 1);
    const own = Math.min(all, between);
    excess += all - own;
    const more = onCpu(row - 1) ? Math.min(excess, between - own) : 0;
    excess -= more;
    used[row] = own + more;
  }
  if (length > 0) used[Math.min(1, length - 1)]! += excess;
  for (let row = 0; row < length; row++) used[row] = Math.round(used[row]!);
  return used;
}

/** The runs of every thread, in order of time. */
function runsByThread({ runs, threads }: Profile): Uint32Array[] {
  const counts = new Uint32Array(threads.length);
  for (let run = 0; run < runs.length; run++) counts[runs.threads[run]!]!++;
  const byThread = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let run = 0; run < runs.length; run++) {
    const thread = runs.threads[run]!;
    byThread[thread]![counts[thread]!++] = run;
  }
  for (const ofThread of byThread) {
    if (ofThread.some((run, i) => i > 0 && runs.starts[run]! < runs.starts[ofThread[i - 1]!]!)) {
      ofThread.sort((a, b) => runs.starts[a]! - runs.starts[b]! || a - b);
    }
  }
  return byThread;
}

function uniquePids({ processes }: Profile): string[] {
  const times = new Map<number, number>();
  return processes.map(({ pid }) => {
    const before = times.get(pid) ?? 0;
    times.set(pid, before + 1);
    return before === 0 ? String(pid) : `${pid}.${before}`;
  });
}

/** Gives every string an index. */
class Interner {
  readonly strings: string[] = [];
  readonly #indices = new Map<string, number>();

  index(string: string): number {
    let index = this.#indices.get(string);
    if (index === undefined) {
      index = this.strings.length;
      this.strings.push(string);
      this.#indices.set(string, index);
    }
    return index;
  }
}

/** µs to ms, rounded to the ns, which survives the way back exactly. */
function milliseconds(microseconds: number): number {
  return Math.round(microseconds * 1000) / 1_000_000;
}

function orNull(value: number): number | null {
  return value === 0 ? null : value;
}

function indexOrNull(stack: number): number | null {
  return stack === 0 ? null : stack - 1;
}

function column<T>(length: number, value: T): T[] {
  return new Array<T>(length).fill(value);
}
