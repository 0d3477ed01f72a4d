import { type RunColumns, SampleFlag } from '../delta.ts';
import { firstRuns, type RunStore } from '../runStore.ts';
import type { JsonObject } from './json.ts';
import { bad, column, isList, list, object } from './json.ts';
import { BLOCK_LENGTH, type List, NumberColumn } from './numberColumn.ts';

/** What a row has that is neither a number nor null: as no column may have it, it is refused, or means what null means. */
const OTHER = Infinity;

/** µs; whole ones are exact to here. */
const MAX_TIME = Number.MAX_SAFE_INTEGER;

/** A thread's samples as its file has them. */
interface Samples {
  readonly path: string;
  readonly length: number;
  readonly stacks: List;
  /** Ours by theirs plus 1, or just how many stacks there are if ours is theirs plus 1. */
  readonly stackIds: Uint32Array | number;
  readonly times: List;
  /** Whether these are differences instead, as may be since version 50. */
  readonly areDeltas: boolean;
  /** Undefined: all weigh 1. */
  readonly weights: List | undefined;
  /** Or else a time, ms. */
  readonly weighsSamples: boolean;
  readonly cpuDeltas: List | undefined;
  readonly own: OwnColumns | undefined;
}

interface OwnColumns {
  readonly path: string;
  readonly counts: List;
  /** Undefined in files of Heatlines that did not save it. */
  readonly cpu: List | undefined;
  readonly flags: List;
}

/** µs that one of a file's `threadCPUDelta` is; 0 where these are cycles, which no one can tell, or it is not said. */
export function unitOfCpu(units: unknown): number {
  const unit = typeof units === 'object' && units !== null ? (units as JsonObject)['threadCPUDelta'] : undefined;
  return unit === 'µs' ? 1 : unit === 'ns' ? 0.001 : 0;
}

/** ms to µs, to the ns. */
export function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000_000) / 1000;
}

/** Makes runs of threads' samples, thousands at once: there are millions. */
export class SampleReader {
  /** Of all samples so far, µs: where the first begins, at most 0, and where the last ends. */
  earliest = 0;
  latest = 0;
  /** Samples so far. */
  samples = 0;
  /** ms, of the row before, where times are told as differences. */
  #time = 0;
  readonly #runs: RunStore;
  readonly #interval: number;
  readonly #cpuUnit: number;
  // A block of each column.
  readonly #stacks: Float64Array;
  readonly #times: Float64Array;
  readonly #weights: Float64Array;
  readonly #cpuDeltas: Float64Array;
  readonly #ownCounts: Float64Array;
  readonly #ownCpu: Float64Array;
  readonly #ownFlags: Float64Array;
  /** And the runs that are made of it. */
  readonly #made: RunColumns;

  /**
   * @param runs where runs go
   * @param interval µs between samples
   * @param cpuUnit as `unitOfCpu` says
   * @param most samples that a thread has at most
   */
  constructor(runs: RunStore, interval: number, cpuUnit: number, most: number) {
    this.#runs = runs;
    this.#interval = interval;
    this.#cpuUnit = cpuUnit;
    const length = Math.min(BLOCK_LENGTH, most);
    const floats = (): Float64Array => new Float64Array(length);
    const uints = (): Uint32Array => new Uint32Array(length);
    [this.#stacks, this.#times, this.#weights, this.#cpuDeltas, this.#ownCounts, this.#ownCpu, this.#ownFlags] = [
      floats(),
      floats(),
      floats(),
      floats(),
      floats(),
      floats(),
      floats(),
    ];
    this.#made = {
      threads: uints(),
      stacks: uints(),
      starts: floats(),
      durations: floats(),
      counts: uints(),
      cpu: floats(),
      flags: new Uint8Array(length),
    };
  }

  /**
   * Reads all samples of a thread, once.
   * @param id the thread's
   * @param stackIds ours by theirs plus 1, or just how many stacks there are if ours is theirs plus 1
   */
  read(thread: JsonObject, id: number, path: string, stackIds: Uint32Array | number): void {
    const samples = samplesOf(thread, path, stackIds);
    this.#made.threads.fill(id);
    this.#time = 0;
    for (let from = 0, block = 0; from < samples.length; from += BLOCK_LENGTH, block++) {
      readBlock(samples.stacks, block, this.#stacks);
      readBlock(samples.times, block, this.#times);
      if (samples.weights === undefined) this.#weights.fill(1);
      else readBlock(samples.weights, block, this.#weights);
      if (samples.cpuDeltas !== undefined) readBlock(samples.cpuDeltas, block, this.#cpuDeltas);
      if (samples.own !== undefined) {
        readBlock(samples.own.counts, block, this.#ownCounts);
        if (samples.own.cpu !== undefined) readBlock(samples.own.cpu, block, this.#ownCpu);
        readBlock(samples.own.flags, block, this.#ownFlags);
      }
      const length = this.#makeRuns(samples, from, Math.min(BLOCK_LENGTH, samples.length - from));
      this.#runs.append(firstRuns(this.#made, length));
    }
  }

  /** Makes runs of the rows that were read into the blocks. @returns how many */
  #makeRuns(samples: Samples, from: number, rows: number): number {
    const { path, stackIds, areDeltas, weighsSamples, own } = samples;
    const stackCount = typeof stackIds === 'number' ? stackIds : stackIds.length - 1;
    const made = this.#made;
    let length = 0;
    for (let i = 0; i < rows; i++) {
      const row = from + i;
      const told = this.#times[i]!;
      if (!Number.isFinite(told)) bad(`${path}.${areDeltas ? 'timeDeltas' : 'time'}[${row}]`, 'is not a number');
      this.#time = areDeltas ? this.#time + told : told;
      const weight = this.#weights[i]!;
      if (!Number.isFinite(weight)) bad(`${path}.weight[${row}]`, 'is not a number');
      if (weight < 0) bad(`${path}.weight[${row}]`, 'is negative, as in a comparison of two profiles');
      if (own !== undefined) this.#checkOwn(own, i, row);
      const count = own !== undefined ? this.#ownCounts[i]! : weight === 0 ? 0 : weighsSamples ? Math.max(1, Math.round(weight)) : 1;
      if (count === 0) continue;

      const stack = this.#stacks[i]!;
      const isEmpty = Number.isNaN(stack);
      if (!isEmpty && !(Number.isInteger(stack) && stack >= 0 && stack < stackCount)) bad(`${path}.stack[${row}]`, 'points at nothing');
      const stackPlus1 = isEmpty ? 0 : stack + 1;
      const start = microseconds(this.#time);
      const duration = weighsSamples ? weight * this.#interval : microseconds(weight);
      if (!(Math.abs(start) <= MAX_TIME && duration <= MAX_TIME)) bad(`${path}[${row}]`, 'has an impossible time');
      // The first figure means nothing, for there is no sample before it.
      const since = row > 0 && samples.cpuDeltas !== undefined && Number.isFinite(this.#cpuDeltas[i]!) ? this.#cpuDeltas[i]! : undefined;
      const flags = own !== undefined ? this.#ownFlags[i]! : since === undefined || since > 0 ? SampleFlag.OnCpu : 0;
      // Where nothing is said that means something.
      let cpu = (flags & SampleFlag.OnCpu) === 0 ? 0 : duration;
      if (own === undefined) {
        if (since !== undefined && since >= 0 && this.#cpuUnit > 0) cpu = since * this.#cpuUnit;
      } else if (own.cpu !== undefined) {
        cpu = this.#ownCpu[i]!;
      }
      if (!(cpu >= 0 && cpu <= MAX_TIME))
        bad(`${own === undefined ? `${path}.threadCPUDelta` : `${own.path}.cpu`}[${row}]`, 'is an impossible time');

      made.stacks[length] = typeof stackIds === 'number' ? stackPlus1 : stackIds[stackPlus1]!;
      made.starts[length] = start;
      made.durations[length] = duration;
      made.counts[length] = count;
      made.cpu[length] = cpu;
      made.flags[length] = flags;
      length++;
      this.samples += count;
      this.earliest = Math.min(this.earliest, start);
      this.latest = Math.max(this.latest, start + duration);
    }
    return length;
  }

  #checkOwn({ path, cpu }: OwnColumns, i: number, row: number): void {
    const count = this.#ownCounts[i]!;
    const flags = this.#ownFlags[i]!;
    if (!(Number.isInteger(count) && count >= 0 && count < 2 ** 32)) bad(`${path}.counts[${row}]`, 'points at nothing');
    if (!(Number.isInteger(flags) && flags >= 0 && flags < 32)) bad(`${path}.flags[${row}]`, 'points at nothing');
    if (cpu !== undefined && !Number.isFinite(this.#ownCpu[i]!)) bad(`${path}.cpu[${row}]`, 'is not a number');
  }
}

function samplesOf(thread: JsonObject, threadPath: string, stackIds: Uint32Array | number): Samples {
  const path = `${threadPath}.samples`;
  const table = object(thread['samples'], path);
  const stacks = list(table['stack'], `${path}.stack`);
  const { length } = stacks;
  const areDeltas = table['time'] === undefined && table['timeDeltas'] !== undefined;
  const { weight, threadCPUDelta } = table;
  const own = ownColumns(thread, threadPath, length);
  const weightType = table['weightType'] ?? 'samples';
  if (weightType !== 'samples' && weightType !== 'tracing-ms') bad(path, 'counts something other than time');
  return {
    path,
    length,
    stacks,
    stackIds,
    times: areDeltas ? column(table['timeDeltas'], length, `${path}.timeDeltas`) : column(table['time'], length, `${path}.time`),
    areDeltas,
    weights: weight === null || weight === undefined ? undefined : column(weight, length, `${path}.weight`),
    weighsSamples: weightType === 'samples',
    cpuDeltas: own === undefined && isList(threadCPUDelta) && threadCPUDelta.length === length ? threadCPUDelta : undefined,
    own,
  };
}

/** Gives back what `SampleReader.read` does not ask for, before there is anything beside it. */
export function dropUnread(thread: JsonObject, path: string): void {
  const { stack, threadCPUDelta } = object(thread['samples'], `${path}.samples`);
  if (threadCPUDelta instanceof NumberColumn && ownColumns(thread, path, list(stack, `${path}.samples.stack`).length) !== undefined)
    threadCPUDelta.dropAll();
}

/** Our columns, unless the Firefox Profiler saved the file again with other samples. */
function ownColumns(thread: JsonObject, threadPath: string, length: number): OwnColumns | undefined {
  if (thread['heatline'] === undefined) return undefined;
  const path = `${threadPath}.heatline`;
  const own = object(thread['heatline'], path);
  const counts = list(own['counts'], `${path}.counts`);
  const flags = list(own['flags'], `${path}.flags`);
  if (counts.length !== length || flags.length !== length) return undefined;
  return { path, counts, cpu: own['cpu'] === undefined ? undefined : column(own['cpu'], length, `${path}.cpu`), flags };
}

/** Reads a block of a list, NaN for null, and gives its memory back. */
function readBlock(values: List, block: number, into: Float64Array): void {
  if (values instanceof NumberColumn) {
    values.read(block, into);
    values.drop(block);
    return;
  }
  const from = block * BLOCK_LENGTH;
  const length = Math.min(BLOCK_LENGTH, values.length - from);
  for (let i = 0; i < length; i++) {
    const value = values.at(from + i);
    into[i] = typeof value === 'number' ? value : value === null ? NaN : OTHER;
  }
}
