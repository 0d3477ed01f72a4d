import { type FunctionRecord, type ProfileDelta, type RunColumns, runColumns, SampleFlag, type ThreadRecord } from './delta.ts';
import { PairTable } from './pairTable.ts';
import { Profile } from './profile.ts';

/** How a profile is to look to who has only its stacks. Nothing is changed unless told. */
export interface Shape {
  /** Leaves out samples of threads that neither ran nor were ready to. */
  readonly leavesOutIdle?: boolean;
  /** What frames are told apart by: the line they are at, their function's first line, or their function alone, without a line. */
  readonly lines?: 'current' | 'first' | 'none';
  /** What to call files. */
  readonly fileName?: (file: string) => string;
  /** Puts a frame for the thread under its stacks. */
  readonly threadFrames?: boolean;
  /** Puts frames for the process and those that started it under its stacks. */
  readonly processFrames?: boolean;
}

/**
 * The profile in another shape, for formats that know stacks, names and lines alone. What has the same names and lines is one function,
 * frame and stack there. Opcodes are left out, since frames may stand for many instructions. The time of what was cut off stacks
 * (CutCalls) stays, by function where lines go.
 */
export function reshaped(profile: Profile, { leavesOutIdle = false, lines = 'current', ...shape }: Shape): Profile {
  const tables = new Tables(profile, lines, shape.fileName ?? ((file) => file));
  const prefixes = profile.threads.map(({ process }, thread) => [
    ...(shape.processFrames === true ? processFrames(profile, process) : []),
    ...(shape.threadFrames === true ? [threadFrame(profile, thread)] : []),
  ]);
  const isKept = (runs: RunColumns, run: number): boolean =>
    !leavesOutIdle || (runs.flags[run]! & (SampleFlag.OnCpu | SampleFlag.Ready)) !== 0;
  const runs = selected(profile.runs, isKept, (run) => {
    const prefix = prefixes[profile.runs.threads[run]!]!;
    const stack = profile.runs.stacks[run]!;
    // A thread without a Python frame has no stack, and gets none.
    return stack === 0 ? 0 : tables.stack(stack, prefix.length === 0 ? 0 : tables.prefix(prefix));
  });
  const cut = (which: 'calls' | 'leaves'): RunColumns => cutRuns(profile, which, isKept, lines, tables);
  // Recursion may leave nothing to tell but what was innermost.
  const wasCut = profile.cut.calls.length + profile.cut.leaves.length > 0;
  const cutOff = wasCut ? { cut: { calls: cut('calls'), leaves: cut('leaves') } } : {};
  const other = new Profile({ startedAtEpoch: profile.startedAtEpoch, coarseTimes: profile.coarseTimes });
  const { processes, threads, until, quality } = profile;
  const delta: ProfileDelta = {
    sequence: 0,
    until,
    processes,
    threads: threads.map(withoutEnd),
    threadChanges: threads.flatMap(({ endedAt }, thread) => (endedAt === undefined ? [] : [{ thread, endedAt }])),
    ...tables.records(),
    runs,
    ...cutOff,
    quality,
  };
  other.append(delta, { takesRuns: true });
  return other;
}

/**
 * A delta without the samples of threads that did not hold their interpreter's GIL. What they had in common with others – functions,
 * stacks, quality – stays.
 */
export function onlyWithGil(delta: ProfileDelta): ProfileDelta {
  const filtered = (runs: RunColumns): RunColumns =>
    selected(
      runs,
      ({ flags }, run) => (flags[run]! & SampleFlag.HoldsGil) !== 0,
      (run) => runs.stacks[run]!,
    );
  const { cut } = delta;
  return {
    ...delta,
    runs: filtered(delta.runs),
    ...(cut === undefined ? {} : { cut: { calls: filtered(cut.calls), leaves: filtered(cut.leaves) } }),
  };
}

/** Of what was cut off, what can still be told: where lines go, lines' times are no longer any, as a function may have had several at once; expressions' are none, as opcodes go. */
function cutRuns(
  profile: Profile,
  which: 'calls' | 'leaves',
  isKept: (runs: RunColumns, run: number) => boolean,
  lines: NonNullable<Shape['lines']>,
  tables: Tables,
): RunColumns {
  const runs = profile.cut[which];
  const frameOf = (run: number): number => profile.stackFrame(runs.stacks[run]!);
  const hasLine = (run: number): boolean => profile.frameLine(frameOf(run)) !== 0;
  const isExpression = (run: number): boolean => profile.instructions.of(frameOf(run)) !== undefined;
  return selected(
    runs,
    (_, run) => isKept(runs, run) && (which === 'leaves' || (!isExpression(run) && (lines === 'current' || !hasLine(run)))),
    (run) => tables.stack(runs.stacks[run]!, 0),
  );
}

/** Copies the runs that are kept, with other stacks. */
function selected(
  runs: RunColumns & { readonly length?: number },
  isKept: (runs: RunColumns, run: number) => boolean,
  stackOf: (run: number) => number,
): RunColumns {
  const all = runs.length ?? runs.stacks.length;
  let length = 0;
  for (let run = 0; run < all; run++) if (isKept(runs, run)) length++;
  const columns: RunColumns = {
    threads: new Uint32Array(length),
    stacks: new Uint32Array(length),
    starts: new Float64Array(length),
    durations: new Float64Array(length),
    counts: new Uint32Array(length),
    cpu: new Float64Array(length),
    flags: new Uint8Array(length),
  };
  let at = 0;
  for (let run = 0; run < all; run++) {
    if (!isKept(runs, run)) continue;
    for (const name of runColumns) columns[name][at] = name === 'stacks' ? stackOf(run) : runs[name][run]!;
    at++;
  }
  return columns;
}

/** Functions, frames and stacks of the new profile, made as they are asked for. */
class Tables {
  readonly #profile: Profile;
  readonly #lines: NonNullable<Shape['lines']>;
  readonly #functions: FunctionRecord[] = [];
  readonly #functionIds = new Map<string, number>();
  /** Of the old profile. */
  readonly #ofFunction: readonly number[];
  /** Function and line. */
  readonly #frames = new PairTable();
  /** Parent and frame; stack 1 is pair 0. */
  readonly #stacks = new PairTable();
  readonly #prefixes = new Map<readonly string[], number>();
  /** The root that stacks are put on, and the old stack. */
  readonly #placed = new PairTable();
  /** By these pairs: the new stack, 0 while it is not known. */
  readonly #ofPlaced: number[] = [];

  constructor(profile: Profile, lines: NonNullable<Shape['lines']>, fileName: (file: string) => string) {
    this.#profile = profile;
    this.#lines = lines;
    this.#ofFunction = profile.functions.map((record) => this.#function({ ...record, file: fileName(record.file) }));
  }

  /** The stack that one of the old profile is on top of another root. */
  stack(old: number, root: number): number {
    // Without recursion: stacks may be thousands of frames deep.
    const path: { readonly old: number; readonly pair: number }[] = [];
    let stack = root;
    for (let at = old; at !== 0; at = this.#profile.stackParent(at)) {
      const pair = this.#placed.id(root, at);
      const known = this.#ofPlaced[pair] ?? 0;
      if (known !== 0) {
        stack = known;
        break;
      }
      this.#ofPlaced[pair] = 0;
      path.push({ old: at, pair });
    }
    for (const { old: one, pair } of path.reverse()) {
      stack = this.#push(stack, this.#frame(this.#profile.stackFrame(one)));
      this.#ofPlaced[pair] = stack;
    }
    return stack;
  }

  /** A stack of frames that are names alone, outermost first. */
  prefix(names: readonly string[]): number {
    let stack = this.#prefixes.get(names);
    if (stack === undefined) {
      stack = 0;
      for (const name of names) stack = this.#push(stack, this.#frames.id(this.#function({ name, file: '', firstLine: 0 }), 0));
      this.#prefixes.set(names, stack);
    }
    return stack;
  }

  records(): Pick<ProfileDelta, 'functions' | 'frames' | 'stacks'> {
    const column = (table: PairTable, of: 'first' | 'second'): Uint32Array =>
      Uint32Array.from({ length: table.length }, (_, id) => table[of](id));
    return {
      functions: this.#functions,
      frames: { functions: column(this.#frames, 'first'), lines: column(this.#frames, 'second') },
      stacks: { parents: column(this.#stacks, 'first'), frames: column(this.#stacks, 'second') },
    };
  }

  #push(parent: number, frame: number): number {
    return this.#stacks.id(parent, frame) + 1;
  }

  #frame(old: number): number {
    const func = this.#profile.frameFunction(old);
    const line =
      this.#lines === 'current' ? this.#profile.frameLine(old) : this.#lines === 'first' ? this.#profile.functions[func]!.firstLine : 0;
    return this.#frames.id(this.#ofFunction[func]!, line);
  }

  #function(record: FunctionRecord): number {
    const key = `${record.name}\0${record.file}`;
    let id = this.#functionIds.get(key);
    if (id === undefined) {
      this.#functionIds.set(key, (id = this.#functions.length));
      this.#functions.push(record);
    }
    return id;
  }
}

/** As py-spy has it (src/main.rs). */
function threadFrame({ threads }: Profile, id: number): string {
  const { osThreadId, name } = threads[id]!;
  return name === '' ? `thread (${osThreadId})` : `thread (${osThreadId}): ${name}`;
}

/** As py-spy has it, outermost first. */
function processFrames({ processes }: Profile, id: number): string[] {
  const names: string[] = [];
  // Parents come before their children (validateDelta).
  for (let at: number | null = id; at !== null; at = processes[at]!.parent) {
    const { pid, commandLine } = processes[at]!;
    names.push(`process ${pid}:"${commandLine.join(' ')}"`);
  }
  return names.reverse();
}

function withoutEnd({ process, osThreadId, pythonThreadId, interpreterId, name, isMain, startedAt }: ThreadRecord): ThreadRecord {
  return { process, osThreadId, pythonThreadId, interpreterId, name, isMain, startedAt };
}
