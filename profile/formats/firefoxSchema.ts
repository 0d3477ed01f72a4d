import type { ProcessRecord, Quality } from '../delta.ts';
import type { TimeSteps } from '../timeSteps.ts';

/**
 * The Firefox Profiler's processed-profile format, as far as we write it: times in ms since
 * meta.startTime, tables in columns, shared by all threads.
 *
 * Sources: src/types/profile.ts and docs-developer/CHANGELOG-formats.md of firefox-devtools/profiler,
 * and a whole file of this very version as samply writes it (mstange/samply, commit d44b0f3,
 * fxprof-processed-profile/tests/integration_tests/snapshots/integration_tests__profile_with_js.snap).
 * profiler.firefox.com upgrades older versions when it opens them, so this need not be the newest.
 */
export const PROCESSED_PROFILE_VERSION = 61;

/** Version of our own fields, the `heatline` members below. */
export const HEATLINE_VERSION = 1;

export interface FirefoxProfile {
  readonly meta: FirefoxMeta;
  readonly libs: readonly never[];
  readonly pages: readonly never[];
  readonly counters: readonly never[];
  readonly profilerOverhead: readonly never[];
  readonly shared: FirefoxSharedTables;
  readonly threads: readonly FirefoxThread[];
  readonly heatline: HeatlineData;
}

/** What the format has no place for. profiler.firefox.com ignores it. */
export interface HeatlineData {
  readonly version: typeof HEATLINE_VERSION;
  /** How far time is covered, µs. */
  readonly until: number;
  /** Profile.coarseTimes; missing where there are none. Files of before have the longest step only. */
  readonly coarseTimes?: TimeSteps;
  /** µs: the longest step, for Heatlines of before. */
  readonly timeResolution?: number;
  readonly quality: Quality;
  /** Threads name theirs by index. */
  readonly processes: readonly ProcessRecord[];
  /** Of all frames, by index, where instructions are told; the start columns are the frame table's. */
  readonly instructions?: HeatlineInstructions;
  /** Missing where nothing was cut off stacks. */
  readonly cut?: HeatlineCut;
  /** Missing where no function is native. */
  readonly native?: HeatlineNative;
}

/** Which functions are native. */
export interface HeatlineNative {
  /** Of the file: with others, indices mean something else. */
  readonly functionCount: number;
  readonly functions: readonly number[];
  /** Of each of these the library, where its file is its source; else ''. */
  readonly libraries: readonly string[];
}

/** CutCalls as JSON: columns, and stacks as the file numbers them. */
export interface HeatlineCut {
  /** Of the file: with others, stacks mean something else. */
  readonly stackCount: number;
  readonly calls: HeatlineCutRuns;
  readonly leaves: HeatlineCutRuns;
}

interface HeatlineCutRuns extends Readonly<Record<'threads' | 'stacks' | 'starts' | 'durations' | 'counts' | 'flags', readonly number[]>> {
  readonly length: number;
}

/** InstructionColumns as JSON, and the names that its opcodes number. */
export interface HeatlineInstructions extends Readonly<
  Record<'opcodes' | 'offsets' | 'endLines' | 'startColumns' | 'endColumns', readonly number[]>
> {
  readonly names: readonly string[];
}

/** What we add to a thread. */
export interface HeatlineThreadData {
  /** Index into HeatlineData.processes. */
  readonly process: number;
  /** A decimal string: it may exceed 2^53. */
  readonly pythonThreadId: string;
  readonly interpreterId: number;
  /** By sample: how many samples it stands for; 0: none, it only ends the one before it. */
  readonly counts: readonly number[];
  /** By sample: µs of CPU as RunColumns.cpu has it, of which `threadCPUDelta` is made. Missing in files of Heatlines that did not know. */
  readonly cpu: readonly number[];
  /** By sample: a sum of SampleFlag values. */
  readonly flags: readonly number[];
}

export interface FirefoxMeta {
  /** Usual ms between samples. */
  readonly interval: number;
  /** ms since 1970. */
  readonly startTime: number;
  readonly profilingStartTime: number;
  readonly profilingEndTime: number;
  readonly processType: 0;
  readonly extensions: { readonly length: 0; readonly baseURL: []; readonly id: []; readonly name: [] };
  readonly categories: readonly { readonly name: string; readonly color: string; readonly subcategories: readonly string[] }[];
  readonly product: string;
  readonly arguments: string;
  readonly stackwalk: 0;
  readonly debug: false;
  /** Of the Gecko format this did not come from; ignored. */
  readonly version: number;
  readonly preprocessedProfileVersion: typeof PROCESSED_PROFILE_VERSION;
  readonly symbolicated: true;
  readonly symbolicationNotSupported: true;
  readonly usesOnlyOneStackType: true;
  readonly sourceCodeIsNotOnSearchfox: true;
  readonly keepProfileThreadOrder: true;
  readonly markerSchema: readonly never[];
  readonly sampleUnits: { readonly time: 'ms'; readonly eventDelay: 'ms'; readonly threadCPUDelta: 'µs' };
  /** Shown with the profile's other facts. */
  readonly extra: readonly { readonly label: string; readonly entries: readonly { label: string; format: string; value: unknown }[] }[];
}

/** All strings are indices into stringArray. */
export interface FirefoxSharedTables {
  readonly stringArray: readonly string[];
  readonly sources: {
    readonly length: number;
    readonly id: readonly (string | null)[];
    readonly filename: readonly number[];
    readonly startLine: readonly number[];
    readonly startColumn: readonly number[];
    readonly sourceMapURL: readonly (number | null)[];
  };
  readonly funcTable: {
    readonly length: number;
    readonly name: readonly number[];
    readonly isJS: readonly boolean[];
    readonly relevantForJS: readonly boolean[];
    /** -1: none. */
    readonly resource: readonly number[];
    readonly source: readonly (number | null)[];
    /** First line. */
    readonly lineNumber: readonly (number | null)[];
    readonly columnNumber: readonly null[];
  };
  readonly frameTable: {
    readonly length: number;
    /** -1: not native code. */
    readonly address: readonly number[];
    readonly inlineDepth: readonly number[];
    readonly category: readonly (number | null)[];
    readonly subcategory: readonly (number | null)[];
    readonly func: readonly number[];
    readonly nativeSymbol: readonly null[];
    readonly innerWindowID: readonly number[];
    readonly line: readonly (number | null)[];
    /** 1-based, in bytes of UTF-8, where instructions are told. */
    readonly column: readonly (number | null)[];
  };
  readonly stackTable: {
    readonly length: number;
    readonly frame: readonly number[];
    /** The caller's stack, always an earlier one; null for an outermost frame. */
    readonly prefix: readonly (number | null)[];
  };
  readonly resourceTable: { readonly length: 0; readonly lib: []; readonly name: []; readonly host: []; readonly type: [] };
  readonly nativeSymbols: { readonly length: 0; readonly libIndex: []; readonly address: []; readonly name: []; readonly functionSize: [] };
}

export interface FirefoxThread {
  readonly name: string;
  readonly isMainThread: boolean;
  readonly processType: 'default';
  readonly processName: string;
  readonly processStartupTime: number;
  readonly processShutdownTime: null;
  readonly registerTime: number;
  readonly unregisterTime: number | null;
  /** A string, so that processes whose pid was used twice stay apart. */
  readonly pid: string;
  readonly tid: number;
  readonly pausedRanges: readonly never[];
  readonly showMarkersInTimeline: false;
  readonly markers: {
    readonly length: 0;
    readonly data: [];
    readonly name: [];
    readonly startTime: [];
    readonly endTime: [];
    readonly phase: [];
    readonly category: [];
  };
  readonly samples: FirefoxSamples;
  readonly heatline: HeatlineThreadData;
}

/** A sample is one of our runs. */
export interface FirefoxSamples {
  readonly length: number;
  readonly time: readonly number[];
  /** null: no Python frame. */
  readonly stack: readonly (number | null)[];
  /** ms the sample stands for. */
  readonly weight: readonly number[];
  readonly weightType: 'tracing-ms';
  /** µs of CPU used since the sample before, as the system says (RunColumns.cpu). */
  readonly threadCPUDelta: readonly number[];
}
