import type { Quality } from '../delta.ts';
import { mapInstructionColumns, SampleFlag } from '../delta.ts';
import type { Profile } from '../profile.ts';
import type { FirefoxMeta, FirefoxProfile, FirefoxSharedTables, FirefoxThread, HeatlineInstructions } from './firefoxSchema.ts';
import { HEATLINE_VERSION, PROCESSED_PROFILE_VERSION } from './firefoxSchema.ts';

/** µs; where a thread has no sample for longer than this, its timeline shows a gap rather than the last sample. */
const GAP = 100_000;

/** Index into the categories of `meta`. */
const PYTHON_CATEGORY = 1;

/**
 * The profile as plain data for JSON.stringify; opens in profiler.firefox.com. `fromFirefox` gets
 * everything back, with times rounded to the nearest ns.
 */
export function toFirefox(profile: Profile): FirefoxProfile {
  const byThread = runsByThread(profile);
  const pids = uniquePids(profile);
  const instructions = instructionsOf(profile);
  return {
    meta: meta(profile),
    libs: [],
    pages: [],
    counters: [],
    profilerOverhead: [],
    shared: sharedTables(profile, instructions?.startColumns.map(orNull)),
    threads: profile.threads.map((_, id) => threadTable(profile, id, byThread[id]!, pids)),
    heatline: {
      version: HEATLINE_VERSION,
      until: profile.until,
      quality: profile.quality,
      processes: profile.processes,
      ...(instructions === undefined ? {} : { instructions }),
    },
  };
}

function instructionsOf({ instructions: { columns, opcodes } }: Profile): HeatlineInstructions | undefined {
  if (columns === undefined) return undefined;
  return {
    names: opcodes.slice(1),
    ...mapInstructionColumns((name) => Array.from(columns[name])),
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

function sharedTables(profile: Profile, columns?: readonly (number | null)[]): FirefoxSharedTables {
  const { frameCount, stackCount, functions } = profile;
  const strings = new Interner();
  const files = new Interner();
  const name = functions.map((record) => strings.index(record.name));
  const source = functions.map((record) => files.index(record.file));
  const filename = files.strings.map((file) => strings.index(file));
  const { frameFunctions, frameLines, stackFrames, stackParents } = profile.columns;
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
      category: column(frameCount, PYTHON_CATEGORY),
      subcategory: column(frameCount, 0),
      func: Array.from(frameFunctions.subarray(0, frameCount)),
      nativeSymbol: column(frameCount, null),
      innerWindowID: column(frameCount, 0),
      line: Array.from(frameLines.subarray(0, frameCount), orNull),
      column: columns ?? column(frameCount, null),
    },
    // Stack 0, the empty one, is null here, so all others move down by one.
    stackTable: {
      length: stackCount - 1,
      frame: Array.from(stackFrames.subarray(1, stackCount)),
      prefix: Array.from(stackParents.subarray(1, stackCount), indexOrNull),
    },
    resourceTable: { length: 0, lib: [], name: [], host: [], type: [] },
    nativeSymbols: { length: 0, libIndex: [], address: [], name: [], functionSize: [] },
  };
}

function threadTable(profile: Profile, id: number, runs: Uint32Array, pids: readonly string[]): FirefoxThread {
  const thread = profile.threads[id]!;
  const process = profile.processes[thread.process]!;
  const { stacks, starts, durations, counts, cpu, flags, quantum } = profile.runs;
  const time: number[] = [];
  const stack: (number | null)[] = [];
  const weight: number[] = [];
  const sinceBefore: Since[] = [];
  const sampleCounts: number[] = [];
  const sampleCpu: number[] = [];
  const sampleFlags: number[] = [];
  let onCpu = false;
  let used = 0;
  const add = (at: number): void => {
    const ms = milliseconds(at);
    sinceBefore.push({ cpu: used, length: Math.max(0, (ms - (time.at(-1) ?? ms)) * 1000), onCpu });
    time.push(ms);
  };
  const addGap = (at: number): void => {
    add(at);
    stack.push(null);
    weight.push(0);
    sampleCounts.push(0);
    sampleCpu.push(0);
    sampleFlags.push(0);
    onCpu = false;
    used = 0;
  };
  const longestGap = Math.max(GAP, quantum * 2);
  let end = Infinity;
  for (const run of runs) {
    const start = starts[run]!;
    if (start - end > longestGap) addGap(end);
    add(start);
    stack.push(indexOrNull(stacks[run]!));
    weight.push(milliseconds(durations[run]!));
    sampleCounts.push(counts[run]!);
    sampleFlags.push(flags[run]!);
    sampleCpu.push(cpu[run]!);
    onCpu = (flags[run]! & SampleFlag.OnCpu) !== 0;
    used = cpu[run]!;
    end = start + durations[run]!;
  }
  // The last run has a length only if something follows.
  if (end !== Infinity) addGap(end);
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
    samples: { length: time.length, time, stack, weight, weightType: 'tracing-ms', threadCPUDelta: whenUsed(sinceBefore) },
    heatline: {
      process: thread.process,
      pythonThreadId: thread.pythonThreadId,
      interpreterId: thread.interpreterId,
      counts: sampleCounts,
      cpu: sampleCpu,
      flags: sampleFlags,
    },
  };
}

/** What lies between a row of samples and the row before; µs. */
interface Since {
  readonly cpu: number;
  readonly length: number;
  readonly onCpu: boolean;
}

/**
 * Systems tell of CPU time some ms after it was used (RunColumns.cpu): what can't have been used since the row before was
 * used before that, where the thread ran. Whole µs by row; no sum changes by more than rounding.
 */
function whenUsed(rows: readonly Since[]): number[] {
  const used = new Array<number>(rows.length).fill(0);
  let excess = 0;
  for (let i = rows.length - 1; i >= 0; i--) {
    const { cpu, length, onCpu } = rows[i]!;
    const own = Math.min(cpu, length);
    excess += cpu - own;
    const more = onCpu ? Math.min(excess, length - own) : 0;
    excess -= more;
    used[i] = own + more;
  }
  if (used.length > 0) used[Math.min(1, used.length - 1)]! += excess;
  return used.map(Math.round);
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
