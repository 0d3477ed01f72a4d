import type { ProcessRecord, ProfileDelta, Quality, RunColumns, ThreadChange, ThreadRecord } from '../delta.ts';
import { noStopsReasons } from '../delta.ts';
import { NO_QUALITY, type Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { MAX_KEPT_RUNS, RunStore } from '../runStore.ts';
import { areInOrder, type TimeStep, type TimeSteps } from '../timeSteps.ts';
import { HEATLINE_VERSION } from './firefoxSchema.ts';
import { readCut } from './firefoxCut.ts';
import { readNativeQuality, withKinds } from './firefoxNative.ts';
import { readInstructions } from './firefoxInstructions.ts';
import { dropUnread, microseconds, SampleReader, unitOfCpu } from './firefoxSamples.ts';
import { firefoxShape } from './firefoxShape.ts';
import { FirefoxTables } from './firefoxTables.ts';
import type { JsonObject } from './json.ts';
import { bad, finite, index, list, mapped, object, text } from './json.ts';
import { JsonReader } from './jsonReader.ts';
import { profileOf, type SavedProfile } from './savedProfile.ts';

/**
 * Samples that are taken at most, of all threads: five times as many as Heatline keeps (MAX_KEPT_RUNS), which is a matter of
 * seconds.
 */
const MAX_SAMPLES = 20_000_000;

/** Each is longer than the next one, mostly twice as long. */
const MAX_STEPS = 1000;

/**
 * Reads the Firefox Profiler's processed-profile JSON: a profile that Heatline saved, or any other
 * that counts samples or time (samply's, Firefox's, imported ones). What such a file does not say gets a
 * plain default: without CPU figures every sample counts as on the CPU and to have used it all the time, and none holds a GIL.
 *
 * Takes little more memory than the profile: a row of samples has 18 bytes or so until its run is made, and all others than these columns
 * and the tables' are let pass.
 */
export class FirefoxReader {
  readonly #json = new JsonReader(firefoxShape);

  /** Bytes of memory that what was read so far may take. */
  get cost(): number {
    return this.#json.cost;
  }

  /** Reads the next bytes of the text. @throws ProfileFormatError with a message for the user */
  push(bytes: Uint8Array): void {
    this.#json.push(bytes);
  }

  /** What it says, once all of it is there. @throws ProfileFormatError with a message for the user */
  end(): SavedProfile {
    return savedProfile(object(this.#json.end(), 'the file'));
  }
}

/** A profile from a file's text, for programs that have it whole. @throws ProfileFormatError */
export function parseFirefox(json: string): Profile {
  const reader = new FirefoxReader();
  reader.push(new TextEncoder().encode(json));
  return profileOf(reader.end());
}

/** Like `parseFirefox`, from what the text says. */
export function fromFirefox(json: unknown): Profile {
  return parseFirefox(JSON.stringify(json));
}

function savedProfile(root: JsonObject): SavedProfile {
  const meta = object(root['meta'], 'meta');
  if (meta['preprocessedProfileVersion'] === undefined) {
    throw new ProfileFormatError(
      'This is not a processed profile of the Firefox Profiler. If Firefox itself wrote it, open it in profiler.firefox.com and save it from there.',
    );
  }
  const shared = root['shared'] === undefined ? {} : object(root['shared'], 'shared');
  const threads = mapped(list(root['threads'], 'threads'), (thread, i) => object(thread, `threads[${i}]`));
  const own = root['heatline'] === undefined ? undefined : readOwn(object(root['heatline'], 'heatline'));

  const tables = new FirefoxTables();
  const isShared = shared['stackTable'] !== undefined; // since version 60
  if (isShared) tables.adopt(shared, shared, 'shared');
  const runs = new RunStore(MAX_KEPT_RUNS, { steps: own?.coarseTimes ?? [] });
  const counts = sampleCounts(threads);
  threads.forEach((thread, i) => dropUnread(thread, `threads[${i}]`));
  runs.reserve(counts.reduce((sum, count) => sum + count, 0));
  const interval = typeof meta['interval'] === 'number' && meta['interval'] > 0 ? microseconds(meta['interval']) : 1000;
  const samples = new SampleReader(
    runs,
    interval,
    unitOfCpu(meta['sampleUnits']),
    counts.reduce((most, count) => Math.max(most, count), 0),
  );
  threads.forEach((thread, i) => {
    const path = `threads[${i}]`;
    const stackIds = isShared ? undefined : tables.intern(thread, shared, path);
    samples.read(thread, i, path, stackIds ?? tables.stackFrames.length);
  });
  // Our sessions begin at 0; other tools may have samples before theirs.
  const shift = Math.max(0, -samples.earliest);
  for (let run = 0; run < runs.length; run++) runs.starts[run]! += shift;
  const until = samples.latest + shift;
  const { processes, processOf } = own === undefined ? processesOf(threads, shift) : ownProcesses(own, threads);

  const instructions = own === undefined || !isShared ? undefined : readInstructions(own.instructions, shared, tables.frameLines.length);
  const cut = own === undefined || !isShared ? undefined : readCut(own.cut, tables.stackFrames.length);
  const startedAtEpoch = finite(meta['startTime'] ?? 0, 'meta.startTime') - shift / 1000;
  const delta: ProfileDelta = {
    sequence: 0,
    until: own?.until ?? until,
    processes,
    threads: threads.map((thread, i) => readThread(thread, `threads[${i}]`, processOf[i]!, shift)),
    threadChanges: threads.flatMap((thread, i) => readEnd(thread, i, shift)),
    functions: own === undefined ? tables.functions : withKinds(tables.functions, own.native),
    ...(instructions === undefined ? {} : { opcodes: instructions.names }),
    frames: {
      functions: Uint32Array.from(tables.frameFunctions),
      lines: Uint32Array.from(tables.frameLines),
      ...(instructions === undefined ? {} : { instructions: instructions.columns }),
    },
    stacks: { parents: Uint32Array.from(tables.stackParents), frames: Uint32Array.from(tables.stackFrames) },
    runs: columnsOf(runs),
    ...(cut === undefined ? {} : { cut }),
    quality: own?.quality ?? {
      ...NO_QUALITY,
      samples: samples.samples,
      elapsed: until,
      requestedRate: 1_000_000 / interval,
    },
  };
  return { startedAtEpoch, coarseTimes: runs.steps, delta };
}

/** By thread. */
function sampleCounts(threads: readonly JsonObject[]): number[] {
  const counts = threads.map(
    (thread, i) => list(object(thread['samples'], `threads[${i}].samples`)['stack'], `threads[${i}].samples.stack`).length,
  );
  const samples = counts.reduce((sum, count) => sum + count, 0);
  if (samples > MAX_SAMPLES) throw new ProfileFormatError(`This profile has ${samples} samples, more than Heatline can show.`);
  return counts;
}

/** The columns of runs, which the store gives up. */
function columnsOf(runs: RunStore): RunColumns {
  runs.shrink();
  const { threads, stacks, starts, durations, counts, cpu, flags } = runs;
  return { threads, stacks, starts, durations, counts, cpu, flags };
}

interface OwnData {
  readonly until: number;
  readonly coarseTimes: TimeSteps;
  readonly quality: Quality;
  readonly processes: readonly ProcessRecord[];
  readonly instructions: unknown;
  readonly cut: unknown;
  readonly native: unknown;
}

function readOwn(data: JsonObject): OwnData {
  if (finite(data['version'], 'heatline.version') !== HEATLINE_VERSION) {
    throw new ProfileFormatError('This profile was saved by a newer version of Heatline. Update Heatline to open it.');
  }
  const until = finite(data['until'], 'heatline.until');
  return {
    until,
    coarseTimes: readSteps(data, until),
    quality: readQuality(object(data['quality'], 'heatline.quality')),
    processes: mapped(list(data['processes'], 'heatline.processes'), (value, i) => readProcess(value, `heatline.processes[${i}]`, i)),
    instructions: data['instructions'],
    cut: data['cut'],
    native: data['native'],
  };
}

/** Files of before there were several steps have one for all of it. */
function readSteps(data: JsonObject, until: number): TimeSteps {
  if (data['coarseTimes'] === undefined) {
    const step = finite(data['timeResolution'] ?? 0, 'heatline.timeResolution');
    return step > 0 && until > 0 ? [{ until, step }] : [];
  }
  const path = 'heatline.coarseTimes';
  const rows = list(data['coarseTimes'], path);
  if (rows.length > MAX_STEPS) bad(path, 'is too long');
  const steps: TimeStep[] = [];
  for (let i = 0; i < rows.length; i++) {
    const row = object(rows.at(i), `${path}[${i}]`);
    const step = { until: finite(row['until'], `${path}[${i}].until`), step: finite(row['step'], `${path}[${i}].step`) };
    steps.push(step);
    if (!areInOrder(steps.slice(-2))) bad(`${path}[${i}]`, 'is out of order');
  }
  return steps;
}

/** Files of before there were stops say nothing of them. What figures mean together the profile checks. */
function readQuality(data: JsonObject): Quality {
  const { stops, stoppedTime, shareError, noStops, ...others } = NO_QUALITY;
  const path = 'heatline.quality';
  const native = readNativeQuality(data['native']);
  return {
    ...(Object.fromEntries(Object.keys(others).map((name) => [name, finite(data[name], `${path}.${name}`)])) as unknown as typeof others),
    stops: finite(data['stops'] ?? stops, `${path}.stops`),
    stoppedTime: finite(data['stoppedTime'] ?? stoppedTime, `${path}.stoppedTime`),
    shareError: isAbsent(data['shareError']) ? shareError : finite(data['shareError'], `${path}.shareError`),
    noStops: isAbsent(data['noStops'])
      ? noStops
      : (noStopsReasons.find((reason) => reason === data['noStops']) ?? bad(`${path}.noStops`, 'is unknown')),
    ...(native === undefined ? {} : { native }),
  };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function readProcess(value: unknown, path: string, id: number): ProcessRecord {
  const data = object(value, path);
  return {
    pid: finite(data['pid'], `${path}.pid`),
    parent: data['parent'] === null ? null : index(data['parent'], id, `${path}.parent`),
    name: text(data['name'], `${path}.name`),
    commandLine: mapped(list(data['commandLine'], `${path}.commandLine`), (word, i) => text(word, `${path}.commandLine[${i}]`)),
    executable: text(data['executable'], `${path}.executable`),
    workingDirectory: data['workingDirectory'] === null ? null : text(data['workingDirectory'], `${path}.workingDirectory`),
    pythonVersion: text(data['pythonVersion'], `${path}.pythonVersion`),
    startedAt: finite(data['startedAt'], `${path}.startedAt`),
  };
}

interface Processes {
  readonly processes: readonly ProcessRecord[];
  /** Process id by thread. */
  readonly processOf: readonly number[];
}

function ownProcesses({ processes }: OwnData, threads: readonly JsonObject[]): Processes {
  const processOf = threads.map((thread, i) => {
    const path = `threads[${i}].heatline`;
    return index(object(thread['heatline'], path)['process'], processes.length, `${path}.process`);
  });
  return { processes, processOf };
}

/** In other tools' files all that is known of a process is what its threads say. */
function processesOf(threads: readonly JsonObject[], shift: number): Processes {
  const processes: ProcessRecord[] = [];
  const ids = new Map<string, number>();
  const processOf = threads.map((thread) => {
    const pid = wordOr(thread['pid'], '0');
    let id = ids.get(pid);
    if (id === undefined) {
      id = processes.length;
      ids.set(pid, id);
      const name = thread['processName'] ?? thread['name'];
      processes.push({
        pid: Number.parseInt(pid, 10) || 0,
        parent: null,
        name: typeof name === 'string' ? name : '',
        commandLine: [],
        executable: '',
        workingDirectory: null,
        pythonVersion: '',
        startedAt: timeOr(thread['processStartupTime'], shift, 0),
      });
    }
    return id;
  });
  return { processes, processOf };
}

function readThread(thread: JsonObject, path: string, process: number, shift: number): ThreadRecord {
  const own = thread['heatline'] === undefined ? undefined : object(thread['heatline'], `${path}.heatline`);
  const tid = Number(wordOr(thread['tid'], '0'));
  const osThreadId = Number.isSafeInteger(tid) && tid >= 0 ? tid : 0;
  return {
    process,
    osThreadId,
    pythonThreadId: own === undefined ? '0' : text(own['pythonThreadId'], `${path}.heatline.pythonThreadId`),
    interpreterId: own === undefined ? 0 : finite(own['interpreterId'], `${path}.heatline.interpreterId`),
    name: text(thread['name'], `${path}.name`),
    isMain: thread['isMainThread'] === true || thread['name'] === 'GeckoMain',
    startedAt: timeOr(thread['registerTime'], shift, 0),
  };
}

function readEnd(thread: JsonObject, id: number, shift: number): ThreadChange[] {
  const { unregisterTime } = thread;
  return typeof unregisterTime === 'number' ? [{ thread: id, endedAt: timeOr(unregisterTime, shift, 0) }] : [];
}

/** Ids are numbers in older versions and strings in newer ones. */
function wordOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}

/** A time that only informs: a default will do. */
function timeOr(value: unknown, shift: number, otherwise: number): number {
  return typeof value === 'number' ? Math.max(0, microseconds(value) + shift) : otherwise;
}
