import { isNotRead, type ProfileDelta, type RunColumns, SampleFlag } from '../delta.ts';
import { PairTable } from '../pairTable.ts';
import { Profile } from '../profile.ts';
import { type Portion, Tally } from './tally.ts';

/** What rows of a live table may be. */
export const liveKinds = ['function', 'line', 'module', 'thread', 'process'] as const;
export type LiveKind = (typeof liveKinds)[number];

/** A row of functions, lines and modules. */
export interface LivePlace {
  /** Empty for a module. */
  readonly name: string;
  readonly file: string;
  /** 0: none. */
  readonly line: number;
}

/** Which samples count: those of threads that run or could, unless told. */
export interface LiveFilter {
  readonly idle?: boolean;
  /** Only samples of threads that hold the GIL. */
  readonly gil?: boolean;
}

/** What threads did, µs, whatever the filter. */
export interface LiveStates {
  /** For how long was looked. */
  readonly window: number;
  /** Sums over threads. */
  readonly onCpu: number;
  readonly ready: number;
  readonly gil: number;
  readonly garbage: number;
  /** Threads that ran or could have. */
  readonly busyThreads: number;
}

/**
 * What runs now and what ran since the beginning, by function, line, module, thread and process: kept from delta to delta without the
 * samples themselves, so that neither memory nor work grows with time. "Now" is the latest delta.
 *
 * Functions with the same name, file and first line are one row, also of several processes. A thread's own time is its total; a
 * process's total has that of all that it started.
 */
export class LiveTimes {
  /** Names, threads and processes; it has no runs. */
  readonly profile: Profile;
  readonly tallies: Readonly<Record<LiveKind, Tally>> = {
    function: new Tally(),
    line: new Tally(),
    module: new Tally(),
    thread: new Tally(),
    process: new Tally(),
  };
  /** µs looked since the beginning, or since `reset`. */
  since = 0;
  states: LiveStates = { window: 0, onCpu: 0, ready: 0, gil: 0, garbage: 0, busyThreads: 0 };
  readonly #filter: LiveFilter;
  readonly #places: { readonly function: LivePlace[]; readonly module: LivePlace[] } = { function: [], module: [] };
  readonly #rows = { function: new Map<string, number>(), module: new Map<string, number>() };
  /** By function id: its row, and its module's. */
  readonly #functionRow: number[] = [];
  readonly #moduleRow: number[] = [];
  /** By frame id. */
  readonly #lineRow: number[] = [];
  /** Row of the function, line. */
  readonly #lines = new PairTable();
  #notRead = -1;
  /** By stack: what came in the delta. */
  #stackTime = new Float64Array(64);
  #stackCpu = new Float64Array(64);
  #stackGil = new Float64Array(64);
  /** By row: the last walk that met it, as recursion counts once. */
  readonly #met: Record<'function' | 'line' | 'module', Float64Array<ArrayBuffer>> = {
    function: new Float64Array(64),
    line: new Float64Array(64),
    module: new Float64Array(64),
  };
  #walks = 0;
  #elapsed = 0;

  /** @param epoch ms since 1970 at session time 0 */
  constructor(filter: LiveFilter = {}, epoch = 0) {
    this.#filter = filter;
    this.profile = new Profile({ startedAtEpoch: epoch });
  }

  /** How many rows a kind has; those that took nothing yet are among them. */
  length(kind: LiveKind): number {
    if (kind === 'thread') return this.profile.threads.length;
    if (kind === 'process') return this.profile.processes.length;
    return kind === 'line' ? this.#lines.length : this.#places[kind].length;
  }

  place(kind: 'function' | 'line' | 'module', row: number): LivePlace {
    if (kind !== 'line') return this.#places[kind][row]!;
    return { ...this.#places.function[this.#lines.first(row)]!, line: this.#lines.second(row) };
  }

  /** Takes a delta in, wholly or (ProfileFormatError) not at all. */
  append(delta: ProfileDelta): void {
    this.profile.append(delta, { dropsRuns: true });
    this.#name(delta);
    for (const kind of liveKinds) {
      this.tallies[kind].begin();
      this.tallies[kind].grow(this.length(kind));
    }
    const touched = this.#addRuns(delta.runs);
    const elapsed = Math.max(0, this.profile.quality.elapsed - this.#elapsed);
    this.#elapsed = this.profile.quality.elapsed;
    const { length } = this.profile.threads;
    const { own } = this.tallies.thread.now;
    // What a run stands for began with the sample before it: no thread may take more time than there was.
    let window = elapsed;
    for (let thread = 0; thread < length; thread++) window = Math.max(window, own[thread]!);
    this.states = { ...this.states, window };
    this.since += window;
    for (const stack of touched) this.#addStack(stack);
    if (delta.cut !== undefined) this.#addCut(delta.cut);
  }

  /** Forgets what was until now. */
  reset(): void {
    for (const kind of liveKinds) this.tallies[kind].reset();
    this.since = 0;
    this.states = { window: 0, onCpu: 0, ready: 0, gil: 0, garbage: 0, busyThreads: 0 };
  }

  #name(delta: ProfileDelta): void {
    const { functions, frameCount, columns } = this.profile;
    for (const record of delta.functions) {
      const { name, file, firstLine } = record;
      const row = idIn(this.#rows.function, `${firstLine}\0${file}\0${name}`);
      if (row === this.#places.function.length) this.#places.function.push({ name, file, line: firstLine });
      if (this.#notRead < 0 && isNotRead(record)) this.#notRead = row;
      this.#functionRow.push(row);
      const module = idIn(this.#rows.module, file);
      if (module === this.#places.module.length) this.#places.module.push({ name: '', file, line: 0 });
      this.#moduleRow.push(module);
    }
    if (this.#functionRow.length !== functions.length) throw new Error('Functions came another way.');
    const { frameFunctions, frameLines } = columns;
    for (let frame = this.#lineRow.length; frame < frameCount; frame++)
      this.#lineRow.push(this.#lines.id(this.#functionRow[frameFunctions[frame]!]!, frameLines[frame]!));
    for (const kind of ['function', 'line', 'module'] as const) this.#met[kind] = atLeast(this.#met[kind], this.length(kind));
    const { stackCount } = this.profile;
    this.#stackTime = atLeast(this.#stackTime, stackCount);
    this.#stackCpu = atLeast(this.#stackCpu, stackCount);
    this.#stackGil = atLeast(this.#stackGil, stackCount);
  }

  #counts(flags: number): boolean {
    const { idle = false, gil = false } = this.#filter;
    return (idle || (flags & (SampleFlag.OnCpu | SampleFlag.Ready)) !== 0) && (!gil || (flags & SampleFlag.HoldsGil) !== 0);
  }

  /** Sums runs up by thread, process and stack. @returns the stacks */
  #addRuns({ threads, stacks, durations, flags }: RunColumns): number[] {
    const [time, cpu, gil] = [this.#stackTime, this.#stackCpu, this.#stackGil];
    const touched: number[] = [];
    const busy = new Set<number>();
    const sums = { onCpu: 0, ready: 0, gil: 0, garbage: 0 };
    for (let run = 0; run < threads.length; run++) {
      const [duration, flag, stack, thread] = [durations[run]!, flags[run]!, stacks[run]!, threads[run]!];
      const onCpu = (flag & SampleFlag.OnCpu) === 0 ? 0 : duration;
      const withGil = (flag & SampleFlag.HoldsGil) === 0 ? 0 : duration;
      sums.onCpu += onCpu;
      sums.gil += withGil;
      if ((flag & SampleFlag.Ready) !== 0) sums.ready += duration;
      if ((flag & SampleFlag.CollectingGarbage) !== 0) sums.garbage += duration;
      if ((flag & (SampleFlag.OnCpu | SampleFlag.Ready)) !== 0) busy.add(thread);
      if (!this.#counts(flag) || duration === 0) continue;
      if (time[stack] === 0) touched.push(stack);
      time[stack]! += duration;
      cpu[stack]! += onCpu;
      gil[stack]! += withGil;
      this.#addThread(thread, { time: duration, cpu: onCpu, gil: withGil });
    }
    this.states = { window: 0, ...sums, busyThreads: busy.size };
    return touched;
  }

  #addThread(thread: number, portion: Portion): void {
    const { thread: byThread, process: byProcess } = this.tallies;
    byThread.addOwn(thread, portion.time);
    byThread.addTotal(thread, portion);
    let process: number | null = this.profile.threads[thread]!.process;
    byProcess.addOwn(process, portion.time);
    // Parents come before their children (validateDelta).
    for (; process !== null; process = this.profile.processes[process]!.parent) byProcess.addTotal(process, portion);
  }

  /** Adds what came of a stack to all that is in it. */
  #addStack(stack: number): void {
    const portion = { time: this.#stackTime[stack]!, cpu: this.#stackCpu[stack]!, gil: this.#stackGil[stack]! };
    this.#stackTime[stack] = this.#stackCpu[stack] = this.#stackGil[stack] = 0;
    const { stackParents, stackFrames, frameFunctions } = this.profile.columns;
    const walk = ++this.#walks;
    for (let at = stack; at !== 0; at = stackParents[at]!) {
      const frame = stackFrames[at]!;
      const func = frameFunctions[frame]!;
      const rows = { function: this.#functionRow[func]!, line: this.#lineRow[frame]!, module: this.#moduleRow[func]! };
      for (const kind of ['function', 'line', 'module'] as const) {
        const row = rows[kind];
        if (at === stack) this.tallies[kind].addOwn(row, portion.time);
        const met = this.#met[kind];
        if (met[row] === walk) continue;
        met[row] = walk;
        this.tallies[kind].addTotal(row, portion);
      }
    }
  }

  /**
   * What was cut off stacks: "(not read)" stands for it there, whose own time it is not (CutCalls in delta.ts). Which modules were in
   * it can't be told but of the innermost.
   */
  #addCut({ calls, leaves }: NonNullable<ProfileDelta['cut']>): void {
    const { stackFrames, frameFunctions, frameLines } = this.profile.columns;
    this.#forEachCut(calls, (stack, portion) => {
      const frame = stackFrames[stack]!;
      if (this.profile.instructions.of(frame) !== undefined) return; // an expression, whose line is told, too
      if (frameLines[frame] === 0) this.tallies.function.addTotal(this.#functionRow[frameFunctions[frame]!]!, portion);
      else this.tallies.line.addTotal(this.#lineRow[frame]!, portion);
    });
    this.#forEachCut(leaves, (stack, { time }) => {
      const frame = stackFrames[stack]!;
      const func = frameFunctions[frame]!;
      this.tallies.function.addOwn(this.#functionRow[func]!, time);
      this.tallies.line.addOwn(this.#lineRow[frame]!, time);
      this.tallies.module.addOwn(this.#moduleRow[func]!, time);
      if (this.#notRead < 0) return;
      this.tallies.function.addOwn(this.#notRead, -time);
      this.tallies.line.addOwn(this.#lines.id(this.#notRead, 0), -time);
      this.tallies.module.addOwn(this.#rows.module.get('')!, -time);
    });
  }

  #forEachCut({ stacks, durations, flags }: RunColumns, add: (stack: number, portion: Portion) => void): void {
    for (let run = 0; run < stacks.length; run++) {
      const [time, flag] = [durations[run]!, flags[run]!];
      if (!this.#counts(flag)) continue;
      add(stacks[run]!, { time, cpu: (flag & SampleFlag.OnCpu) === 0 ? 0 : time, gil: (flag & SampleFlag.HoldsGil) === 0 ? 0 : time });
    }
  }
}

function idIn(ids: Map<string, number>, key: string): number {
  let id = ids.get(key);
  if (id === undefined) ids.set(key, (id = ids.size));
  return id;
}

function atLeast(column: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= column.length) return column;
  const longer = new Float64Array(Math.max(length, column.length * 2));
  longer.set(column);
  return longer;
}
