import { type FrameColumns, nativeFigures, noStopsReasons, type ProfileDelta, type Quality, type RunColumns, SampleFlag } from './delta.ts';
import { ProfileFormatError } from './profileFormatError.ts';

/** How much of everything a profile holds before a delta. */
export interface ProfileCounts {
  readonly sequence: number;
  readonly processes: number;
  readonly threads: number;
  readonly functions: number;
  readonly opcodes: number;
  readonly frames: number;
  /** Stack 0 included. */
  readonly stacks: number;
}

/** CPython's line numbers are C ints. */
const MAX_LINE = 2 ** 31 - 1;

/** All of SampleFlag. */
const ALL_FLAGS = 31;
const RUNNING_AND_READY = SampleFlag.OnCpu | SampleFlag.Ready;

/** Deltas come from another process or a file: throws ProfileFormatError unless this one fits a profile with these counts. */
export function validateDelta(delta: ProfileDelta, before: ProfileCounts): void {
  if (delta.sequence !== before.sequence) {
    fail(`part ${delta.sequence} came where part ${before.sequence} was due, so samples in between are lost`);
  }
  checkTime(delta.until, 'its end');
  const processes = before.processes + delta.processes.length;
  const threads = before.threads + delta.threads.length;
  const functions = before.functions + delta.functions.length;
  delta.processes.forEach((process, i) => {
    const what = `process ${before.processes + i}`;
    checkInteger(process.pid, what, 'pid');
    if (process.parent !== null) checkId(process.parent, before.processes + i, what, 'parent');
    checkStrings([process.name, process.executable, process.pythonVersion, ...process.commandLine], what);
    if (process.workingDirectory !== null) checkStrings([process.workingDirectory], what);
    checkTime(process.startedAt, what);
  });
  for (const { process, name } of delta.processChanges ?? []) {
    checkId(process, processes, 'a change', 'process');
    checkStrings([name], 'a change');
  }
  delta.threads.forEach((thread, i) => {
    const what = `thread ${before.threads + i}`;
    checkId(thread.process, processes, what, 'process');
    checkInteger(thread.osThreadId, what, 'id');
    checkInteger(thread.interpreterId, what, 'interpreter');
    checkStrings([thread.pythonThreadId, thread.name], what);
    checkTime(thread.startedAt, what);
  });
  for (const change of delta.threadChanges) {
    checkId(change.thread, threads, 'a change', 'thread');
    if (change.name !== undefined) checkStrings([change.name], 'a change');
    if (change.endedAt !== undefined) checkTime(change.endedAt, 'a change');
  }
  delta.functions.forEach((record, i) => {
    checkStrings([record.name, record.file, record.library ?? ''], `function ${before.functions + i}`);
    checkInteger(record.firstLine, `function ${before.functions + i}`, 'first line');
    if (record.kind !== undefined && (record.kind as string) !== 'native') fail(`function ${before.functions + i} is of an unknown kind`);
  });
  const { opcodes = [] } = delta;
  checkStrings(opcodes, 'an opcode');
  if (opcodes.includes('')) fail('an opcode lacks a name');
  checkStacks(delta, before, functions);
  checkInstructions(delta.frames, before.frames, before.opcodes + opcodes.length);
  const stacks = before.stacks + delta.stacks.parents.length;
  checkRuns(delta.runs, threads, stacks);
  for (const runs of delta.cut === undefined ? [] : [delta.cut.calls, delta.cut.leaves]) {
    checkRuns(runs, threads, stacks);
    if (runs.stacks.includes(0)) fail('what was cut off is nothing');
  }
  checkQuality(delta.quality);
}

function checkQuality({ noStops, shareError, native, ...figures }: Quality): void {
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) fail(`its quality figure '${name}' is not a number`);
  }
  for (const name of native === undefined ? [] : nativeFigures)
    if (!isTime(native![name])) fail(`its quality figure 'native.${name}' is not a number`);
  if (!(figures.stops >= 0 && figures.stoppedTime >= 0)) fail('its stops are fewer than none');
  if (shareError !== null && !(shareError >= 0 && shareError <= 1)) fail('its error of shares is not one');
  if (noStops !== null && !noStopsReasons.includes(noStops)) fail('its reason for not stopping is unknown');
}

function checkStacks(delta: ProfileDelta, before: ProfileCounts, functions: number): void {
  const { frames, stacks } = delta;
  checkColumns(frames.functions.length, [frames.functions, frames.lines], 'frames');
  checkColumns(stacks.parents.length, [stacks.parents, stacks.frames], 'stacks');
  for (let i = 0; i < frames.functions.length; i++) {
    if (frames.functions[i]! >= functions) fail(`frame ${before.frames + i} has no function`);
    if (frames.lines[i]! > MAX_LINE) fail(`frame ${before.frames + i} has an impossible line`);
  }
  const frameCount = before.frames + frames.functions.length;
  for (let i = 0; i < stacks.parents.length; i++) {
    if (stacks.parents[i]! >= before.stacks + i) fail(`the parent of stack ${before.stacks + i} does not come before it`);
    if (stacks.frames[i]! >= frameCount) fail(`stack ${before.stacks + i} has no frame`);
  }
}

function checkInstructions({ functions, lines, instructions }: FrameColumns, before: number, opcodeCount: number): void {
  if (instructions === undefined) return;
  const { opcodes, offsets, endLines, startColumns, endColumns } = instructions;
  checkColumns(functions.length, [opcodes, offsets, endLines, startColumns, endColumns], 'instructions');
  for (let i = 0; i < functions.length; i++) {
    const [endLine, start, end] = [endLines[i]!, startColumns[i]!, endColumns[i]!];
    if (opcodes[i]! > opcodeCount) fail(`the instruction of frame ${before + i} has no opcode`);
    if (endLine > MAX_LINE || (endLine !== 0 && endLine < lines[i]!))
      fail(`the instruction of frame ${before + i} ends in an impossible line`);
    const isPlace = endLine >= lines[i]! && lines[i]! > 0 && start > 0 && end > 0 && (endLine > lines[i]! || end >= start);
    if ((start !== 0 || end !== 0) && !isPlace) fail(`the instruction of frame ${before + i} has impossible columns`);
  }
}

function checkRuns(runs: RunColumns, threads: number, stacks: number): void {
  const length = runs.threads.length;
  checkColumns(length, [runs.threads, runs.stacks, runs.counts], 'runs');
  if (!(
    runs.starts instanceof Float64Array &&
    runs.durations instanceof Float64Array &&
    runs.cpu instanceof Float64Array &&
    runs.flags instanceof Uint8Array
  )) {
    fail('a column of its runs has the wrong type');
  }
  if (runs.starts.length !== length || runs.durations.length !== length || runs.cpu.length !== length || runs.flags.length !== length) {
    fail('the columns of its runs differ in length');
  }
  for (let i = 0; i < length; i++) {
    if (runs.threads[i]! >= threads) fail(`run ${i} has no thread`);
    if (runs.stacks[i]! >= stacks) fail(`run ${i} has no stack`);
    if (runs.counts[i] === 0) fail(`run ${i} has no sample`);
    if (runs.flags[i]! > ALL_FLAGS) fail(`run ${i} has unknown flags`);
    if ((runs.flags[i]! & RUNNING_AND_READY) === RUNNING_AND_READY) fail(`run ${i} has a core and waits for one`);
    if (!isTime(runs.starts[i]!) || !isTime(runs.durations[i]!) || !isTime(runs.cpu[i]!)) fail(`run ${i} has an impossible time`);
  }
}

function checkColumns(length: number, columns: readonly Uint32Array[], what: string): void {
  if (!columns.every((column) => column instanceof Uint32Array)) fail(`a column of its ${what} has the wrong type`);
  if (!columns.every((column) => column.length === length)) fail(`the columns of its ${what} differ in length`);
}

function checkStrings(values: readonly unknown[], what: string): void {
  if (!values.every((value) => typeof value === 'string')) fail(`${what} lacks a name or path`);
}

function checkInteger(value: number, what: string, part: string): void {
  if (!Number.isSafeInteger(value) || value < 0) fail(`the ${part} of ${what} is not a number`);
}

function checkId(value: number, count: number, what: string, part: string): void {
  if (!Number.isInteger(value) || value < 0 || value >= count) fail(`the ${part} of ${what} does not exist`);
}

function checkTime(value: number, what: string): void {
  if (!isTime(value)) fail(`the time of ${what} is impossible`);
}

/** Finite, and small enough that whole µs are exact. */
function isTime(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function fail(problem: string): never {
  throw new ProfileFormatError(`The profile's data is damaged: ${problem}.`);
}
