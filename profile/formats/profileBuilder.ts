import { SampleFlag, type FunctionRecord, type ProcessRecord, type RunColumns, type ThreadRecord } from '../delta.ts';
import { PairTable } from '../pairTable.ts';
import { NO_QUALITY } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { firstRuns, MAX_KEPT_RUNS, RunStore } from '../runStore.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import type { SavedProfile } from './savedProfile.ts';

/** Functions, frames and stacks, each; as FirefoxTables has it. */
const MAX_ROWS = 8_000_000;

/** Runs at most, before equal ones are merged: a matter of seconds. */
const MAX_RUNS = 20_000_000;

const BLOCK = 4096;

/**
 * Makes a profile of what a file says that has no tables of its own: names in, ids out. What it takes is counted before it is made.
 * Where such files say nothing of it, samples count as on the CPU and to have used it all the time, and none holds a GIL.
 */
export class ProfileBuilder {
  readonly #budget = new JsonBudget();
  readonly #functions: FunctionRecord[] = [];
  readonly #functionIds = new Map<string, number>();
  readonly #frames = new PairTable();
  readonly #stacks = new PairTable();
  readonly #processes: ProcessRecord[] = [];
  readonly #threads: ThreadRecord[] = [];
  readonly #runs = new RunStore(MAX_KEPT_RUNS);
  readonly #block: RunColumns = {
    threads: new Uint32Array(BLOCK),
    stacks: new Uint32Array(BLOCK),
    starts: new Float64Array(BLOCK),
    durations: new Float64Array(BLOCK),
    counts: new Uint32Array(BLOCK),
    cpu: new Float64Array(BLOCK),
    flags: new Uint8Array(BLOCK),
  };
  #filled = 0;
  #runCount = 0;
  #samples = 0;
  #earliest = Infinity;
  #latest = 0;

  /** @returns its id */
  process(parts: Partial<ProcessRecord>): number {
    this.#take(cost.container);
    const unknown = { pid: 0, parent: null, name: '', commandLine: [], executable: '', workingDirectory: null, pythonVersion: '' };
    return this.#processes.push({ ...unknown, ...parts, startedAt: 0 }) - 1;
  }

  /** @returns its id */
  thread(parts: Partial<ThreadRecord> & { readonly process: number }): number {
    this.#take(cost.container);
    const unknown = { osThreadId: 0, pythonThreadId: '0', interpreterId: 0, name: '', isMain: false };
    return this.#threads.push({ ...unknown, ...parts, startedAt: 0 }) - 1;
  }

  /** @param line 0: none. @returns the frame's id */
  frame(name: string, file: string, line: number, firstLine = 0): number {
    const key = `${firstLine} ${name.length} ${name}${file}`;
    let func = this.#functionIds.get(key);
    if (func === undefined) {
      this.#take(cost.container + 6 * key.length);
      func = this.#functions.push({ name, file, firstLine }) - 1;
      this.#functionIds.set(key, func);
    }
    return this.#row(this.#frames, func, line);
  }

  /** @param parent 0: none. @returns the stack's id, from 1 on */
  stack(parent: number, frame: number): number {
    return this.#row(this.#stacks, parent, frame) + 1;
  }

  #row(table: PairTable, first: number, second: number): number {
    const { length } = table;
    const id = table.id(first, second);
    if (id === length) {
      if (id >= MAX_ROWS) throw new ProfileFormatError('This profile has more kinds of stacks than Heatline can show.');
      this.#take(32);
    }
    return id;
  }

  /**
   * @param start µs, from whenever the file counts
   * @param duration µs
   * @param flags where the file says how the thread was: a sum of SampleFlag values
   */
  run(thread: number, stack: number, start: number, duration: number, count = 1, flags: number = SampleFlag.OnCpu): void {
    if (++this.#runCount > MAX_RUNS)
      throw new ProfileFormatError(`This profile has more than ${MAX_RUNS} samples, more than Heatline can show.`);
    if (this.#filled === BLOCK) this.#flush();
    const at = this.#filled++;
    const { threads, stacks, starts, durations, counts, cpu, flags: flagsOf } = this.#block;
    threads[at] = thread;
    stacks[at] = stack;
    starts[at] = start;
    durations[at] = duration;
    counts[at] = count;
    cpu[at] = (flags & SampleFlag.OnCpu) === 0 ? 0 : duration;
    flagsOf[at] = flags;
    this.#samples += count;
    this.#earliest = Math.min(this.#earliest, start);
    this.#latest = Math.max(this.#latest, start + duration);
  }

  #flush(): void {
    this.#runs.append(firstRuns(this.#block, this.#filled));
    this.#filled = 0;
  }

  #take(bytes: number): void {
    this.#budget.take(bytes);
  }

  /**
   * All of it, with times from the first run on. Nothing may be added afterwards.
   * @param startedAtEpoch ms since 1970 of the first run, where the file says it
   */
  end({ startedAtEpoch = 0 } = {}): SavedProfile {
    this.#flush();
    const runs = this.#runs;
    runs.shrink();
    const shift = runs.length === 0 ? 0 : this.#earliest;
    for (let run = 0; run < runs.length; run++) runs.starts[run] = Math.max(0, runs.starts[run]! - shift);
    const until = runs.length === 0 ? 0 : this.#latest - shift;
    const { threads, stacks, starts, durations, counts, cpu, flags } = runs;
    const column = (table: PairTable, part: 'first' | 'second'): Uint32Array =>
      Uint32Array.from({ length: table.length }, (_, id) => table[part](id));
    return {
      startedAtEpoch,
      coarseTimes: runs.steps,
      delta: {
        sequence: 0,
        until,
        processes: this.#processes,
        threads: this.#threads,
        threadChanges: [],
        functions: this.#functions,
        frames: { functions: column(this.#frames, 'first'), lines: column(this.#frames, 'second') },
        stacks: { parents: column(this.#stacks, 'first'), frames: column(this.#stacks, 'second') },
        runs: { threads, stacks, starts, durations, counts, cpu, flags },
        quality: { ...NO_QUALITY, samples: this.#samples, elapsed: until },
      },
    };
  }
}
