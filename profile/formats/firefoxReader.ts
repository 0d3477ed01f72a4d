import type { ProcessRecord, ProfileDelta, Quality, RunColumns, ThreadChange, ThreadRecord } from '../delta.ts';
import { noStopsReasons, SampleFlag } from '../delta.ts';
import { NO_QUALITY, Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { HEATLINE_VERSION } from './firefoxSchema.ts';
import { readInstructions } from './firefoxInstructions.ts';
import { FirefoxTables } from './firefoxTables.ts';
import type { JsonObject } from './json.ts';
import { bad, column, finite, index, list, object, text } from './json.ts';

/** Samples that are taken at most, of all threads: half as many again as Heatline keeps (DEFAULT_MAX_RUNS). */
const MAX_SAMPLES = 6_000_000;

/** What a file says, so that threads can hand it to each other. */
export interface SavedProfile {
  /** As ProfileOptions has it. */
  readonly startedAtEpoch: number;
  /** All of it. */
  readonly delta: ProfileDelta;
}

/** The profile that a file is. @throws ProfileFormatError when it contradicts itself */
export function profileOf({ startedAtEpoch, delta }: SavedProfile): Profile {
  const profile = new Profile({ startedAtEpoch });
  profile.append(delta);
  return profile;
}

/** Like `readFirefox`, as a profile. */
export function fromFirefox(json: unknown): Profile {
  return profileOf(readFirefox(json));
}

/**
 * A profile from the Firefox Profiler's processed-profile JSON: one that Heatline saved, or any other
 * that counts samples or time (samply's, Firefox's, imported ones). What such a file does not say gets a
 * plain default: without CPU figures every sample counts as on the CPU and to have used it all the time, and none holds a GIL.
 * Throws ProfileFormatError with a message for the user.
 */
export function readFirefox(json: unknown): SavedProfile {
  const root = object(json, 'the file');
  const meta = object(root['meta'], 'meta');
  if (meta['preprocessedProfileVersion'] === undefined) {
    throw new ProfileFormatError(
      'This is not a processed profile of the Firefox Profiler. If Firefox itself wrote it, open it in profiler.firefox.com and save it from there.',
    );
  }
  const shared = root['shared'] === undefined ? {} : object(root['shared'], 'shared');
  const threads = list(root['threads'], 'threads').map((thread, i) => object(thread, `threads[${i}]`));
  const own = root['heatline'] === undefined ? undefined : readOwn(object(root['heatline'], 'heatline'));

  const tables = new FirefoxTables();
  const isShared = shared['stackTable'] !== undefined; // since version 60
  if (isShared) tables.adopt(shared, shared, 'shared');
  countSamples(threads);
  const interval = typeof meta['interval'] === 'number' && meta['interval'] > 0 ? microseconds(meta['interval']) : 1000;
  const cpuUnit = unitOfCpu(meta['sampleUnits']);
  const samples = threads.map((thread, i) => {
    const path = `threads[${i}]`;
    const stackIds = isShared ? undefined : tables.intern(thread, shared, path);
    return readSamples(thread, path, interval, cpuUnit, stackIds ?? tables.stackFrames.length);
  });
  const runs = joined(samples);
  // Our sessions begin at 0; other tools may have samples before theirs.
  const shift = runs.starts.reduce((latest, start) => Math.max(latest, -start), 0);
  for (let run = 0; run < runs.starts.length; run++) runs.starts[run]! += shift;
  const until = runs.starts.reduce((end, start, run) => Math.max(end, start + runs.durations[run]!), 0);
  const { processes, processOf } = own === undefined ? processesOf(threads, shift) : ownProcesses(own, threads);

  const instructions = own === undefined || !isShared ? undefined : readInstructions(own.instructions, shared, tables.frameLines.length);
  const startedAtEpoch = finite(meta['startTime'] ?? 0, 'meta.startTime') - shift / 1000;
  const delta: ProfileDelta = {
    sequence: 0,
    until: own?.until ?? until,
    processes,
    threads: threads.map((thread, i) => readThread(thread, `threads[${i}]`, processOf[i]!, shift)),
    threadChanges: threads.flatMap((thread, i) => readEnd(thread, i, shift)),
    functions: tables.functions,
    ...(instructions === undefined ? {} : { opcodes: instructions.names }),
    frames: {
      functions: Uint32Array.from(tables.frameFunctions),
      lines: Uint32Array.from(tables.frameLines),
      ...(instructions === undefined ? {} : { instructions: instructions.columns }),
    },
    stacks: { parents: Uint32Array.from(tables.stackParents), frames: Uint32Array.from(tables.stackFrames) },
    runs,
    quality: own?.quality ?? {
      ...NO_QUALITY,
      samples: runs.counts.reduce((sum, count) => sum + count, 0),
      elapsed: until,
      requestedRate: 1_000_000 / interval,
    },
  };
  return { startedAtEpoch, delta };
}

function countSamples(threads: readonly JsonObject[]): void {
  const samples = threads.reduce((sum, thread, i) => sum + list(object(thread['samples'], `threads[${i}].samples`)['stack'], `threads[${i}].samples.stack`).length, 0);
  if (samples > MAX_SAMPLES) throw new ProfileFormatError(`This profile has ${samples} samples, more than Heatline can show.`);
}

/** Like `fromFirefox`, from the file's text. */
export function parseFirefox(json: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new ProfileFormatError(`This is not a profile: the file is cut off or not JSON (${String(error)}).`, { cause: error });
  }
  return fromFirefox(value);
}

interface OwnData {
  readonly until: number;
  readonly quality: Quality;
  readonly processes: readonly ProcessRecord[];
  readonly instructions: unknown;
}

function readOwn(data: JsonObject): OwnData {
  if (finite(data['version'], 'heatline.version') !== HEATLINE_VERSION) {
    throw new ProfileFormatError('This profile was saved by a newer version of Heatline. Update Heatline to open it.');
  }
  return {
    until: finite(data['until'], 'heatline.until'),
    quality: readQuality(object(data['quality'], 'heatline.quality')),
    processes: list(data['processes'], 'heatline.processes').map((value, i) => readProcess(value, `heatline.processes[${i}]`, i)),
    instructions: data['instructions'],
  };
}

/** Files of before there were stops say nothing of them. What figures mean together the profile checks. */
function readQuality(data: JsonObject): Quality {
  const { stops, stoppedTime, shareError, noStops, ...others } = NO_QUALITY;
  const path = 'heatline.quality';
  return {
    ...(Object.fromEntries(Object.keys(others).map((name) => [name, finite(data[name], `${path}.${name}`)])) as unknown as typeof others),
    stops: finite(data['stops'] ?? stops, `${path}.stops`),
    stoppedTime: finite(data['stoppedTime'] ?? stoppedTime, `${path}.stoppedTime`),
    shareError: isAbsent(data['shareError']) ? shareError : finite(data['shareError'], `${path}.shareError`),
    noStops: isAbsent(data['noStops']) ? noStops : (noStopsReasons.find((reason) => reason === data['noStops']) ?? bad(`${path}.noStops`, 'is unknown')),
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
    commandLine: list(data['commandLine'], `${path}.commandLine`).map((word, i) => text(word, `${path}.commandLine[${i}]`)),
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

interface Runs {
  readonly stacks: number[];
  readonly starts: number[];
  readonly durations: number[];
  readonly counts: number[];
  readonly cpu: number[];
  readonly flags: number[];
}

/** How many µs one of a file's `threadCPUDelta` is; 0 where these are cycles, which no one can tell, or it is not said. */
function unitOfCpu(units: unknown): number {
  const unit = typeof units === 'object' && units !== null ? (units as JsonObject)['threadCPUDelta'] : undefined;
  return unit === 'µs' ? 1 : unit === 'ns' ? 0.001 : 0;
}

/** `cpuUnit`: as `unitOfCpu` says. `stackIds`: ours by theirs plus 1, or just how many stacks there are if ours is theirs plus 1. */
function readSamples(thread: JsonObject, threadPath: string, interval: number, cpuUnit: number, stackIds: Uint32Array | number): Runs {
  const path = `${threadPath}.samples`;
  const table = object(thread['samples'], path);
  const stacks = list(table['stack'], `${path}.stack`);
  const { length } = stacks;
  const stackCount = typeof stackIds === 'number' ? stackIds : stackIds.length - 1;
  const times = readTimes(table, length, path);
  const weights = table['weight'] === null || table['weight'] === undefined ? undefined : column(table['weight'], length, `${path}.weight`);
  const weightType = table['weightType'] ?? 'samples';
  if (weightType !== 'samples' && weightType !== 'tracing-ms') bad(path, 'counts something other than time');
  const own = readOwnColumns(thread, threadPath, length);
  const cpu = Array.isArray(table['threadCPUDelta']) && table['threadCPUDelta'].length === length ? (table['threadCPUDelta'] as unknown[]) : [];

  const runs: Runs = { stacks: [], starts: [], durations: [], counts: [], cpu: [], flags: [] };
  for (let i = 0; i < length; i++) {
    const weight = weights === undefined ? 1 : finite(weights[i], `${path}.weight[${i}]`);
    if (weight < 0) bad(`${path}.weight[${i}]`, 'is negative, as in a comparison of two profiles');
    const count = own?.counts[i] ?? (weight === 0 ? 0 : weightType === 'samples' ? Math.max(1, Math.round(weight)) : 1);
    if (count === 0) continue;
    const stack = stacks[i] === null ? 0 : index(stacks[i], stackCount, `${path}.stack[${i}]`) + 1;
    runs.stacks.push(typeof stackIds === 'number' ? stack : stackIds[stack]!);
    runs.starts.push(times[i]!);
    const duration = weightType === 'samples' ? weight * interval : microseconds(weight);
    runs.durations.push(duration);
    runs.counts.push(count);
    // The first figure means nothing, for there is no sample before it.
    const since = i > 0 && typeof cpu[i] === 'number' ? (cpu[i] as number) : undefined;
    const flags = own?.flags[i] ?? (since === undefined || since > 0 ? SampleFlag.OnCpu : 0);
    runs.flags.push(flags);
    // Files of Heatlines that did not save it, and other tools' without figures that mean something.
    const guess = (flags & SampleFlag.OnCpu) === 0 ? 0 : duration;
    runs.cpu.push(own === undefined ? (since === undefined || since < 0 || cpuUnit === 0 ? guess : since * cpuUnit) : (own.cpu?.[i] ?? guess));
  }
  return runs;
}

/** µs, by sample. Since version 50 there may be differences instead of times. */
function readTimes(table: JsonObject, length: number, path: string): number[] {
  if (table['time'] === undefined && table['timeDeltas'] !== undefined) {
    let time = 0;
    return column(table['timeDeltas'], length, `${path}.timeDeltas`).map((delta, i) => {
      time += finite(delta, `${path}.timeDeltas[${i}]`);
      return microseconds(time);
    });
  }
  return column(table['time'], length, `${path}.time`).map((time, i) => microseconds(finite(time, `${path}.time[${i}]`)));
}

/** Our columns, unless the Firefox Profiler saved the file again with other samples. */
function readOwnColumns(thread: JsonObject, threadPath: string, length: number): { counts: number[]; cpu: number[] | undefined; flags: number[] } | undefined {
  if (thread['heatline'] === undefined) return undefined;
  const path = `${threadPath}.heatline`;
  const own = object(thread['heatline'], path);
  const counts = list(own['counts'], `${path}.counts`);
  const flags = list(own['flags'], `${path}.flags`);
  if (counts.length !== length || flags.length !== length) return undefined;
  return {
    counts: counts.map((count, i) => index(count, 2 ** 32, `${path}.counts[${i}]`)),
    cpu: own['cpu'] === undefined ? undefined : column(own['cpu'], length, `${path}.cpu`).map((cpu, i) => finite(cpu, `${path}.cpu[${i}]`)),
    flags: flags.map((flag, i) => index(flag, 32, `${path}.flags[${i}]`)),
  };
}

function joined(threads: readonly Runs[]): RunColumns {
  const length = threads.reduce((sum, { stacks }) => sum + stacks.length, 0);
  const runs = {
    threads: new Uint32Array(length),
    stacks: new Uint32Array(length),
    starts: new Float64Array(length),
    durations: new Float64Array(length),
    counts: new Uint32Array(length),
    cpu: new Float64Array(length),
    flags: new Uint8Array(length),
  };
  let at = 0;
  threads.forEach(({ stacks, starts, durations, counts, cpu, flags }, thread) => {
    runs.threads.fill(thread, at, at + stacks.length);
    runs.stacks.set(stacks, at);
    runs.starts.set(starts, at);
    runs.durations.set(durations, at);
    runs.counts.set(counts, at);
    runs.cpu.set(cpu, at);
    runs.flags.set(flags, at);
    at += stacks.length;
  });
  return runs;
}

/** ms to µs, to the ns. */
function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000_000) / 1000;
}

/** Ids are numbers in older versions and strings in newer ones. */
function wordOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}

/** A time that only informs: a default will do. */
function timeOr(value: unknown, shift: number, otherwise: number): number {
  return typeof value === 'number' ? Math.max(0, microseconds(value) + shift) : otherwise;
}
