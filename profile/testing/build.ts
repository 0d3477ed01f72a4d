import { mapInstructionColumns } from '../delta.ts';
import type { FunctionRecord, InstructionColumns, ProcessRecord, ProfileDelta, Quality, RunColumns, ThreadRecord } from '../delta.ts';
import type { ProfileOptions } from '../profile.ts';
import { NO_QUALITY, Profile } from '../profile.ts';

/** A run in words, for profiles made by hand. */
export interface RunInWords {
  /**
   * Root first, `function:line`, separated by spaces; '' for a thread without a Python frame. `function:line@OPCODE:3-8` is at an
   * instruction whose expression has these columns (1-based, in bytes).
   */
  readonly stack: string;
  /** 0 unless told. */
  readonly thread?: number;
  /** µs; unless told, it follows the thread's run before. */
  readonly start?: number;
  /** µs; unless told, 1000 per sample. */
  readonly duration?: number;
  /** 1 unless told. */
  readonly count?: number;
  /** µs of CPU; unless told, all of the duration on the CPU, 0 else. */
  readonly cpu?: number;
  /** OnCpu unless told. */
  readonly flags?: number;
}

export interface ProfileInWords extends ProfileOptions {
  readonly runs: readonly RunInWords[];
  /** By function name; '/work/app.py' unless told. */
  readonly files?: Readonly<Record<string, string>>;
  readonly processes?: readonly Partial<ProcessRecord>[];
  /** As many as the runs need are made anyway. */
  readonly threads?: readonly Partial<ThreadRecord>[];
  readonly quality?: Partial<Quality>;
}

/** One delta that holds everything. Functions get ids in the order in which they first appear. */
export function deltaOf({ runs, files = {}, processes = [{}], threads = [], quality = {} }: ProfileInWords): ProfileDelta {
  const functions = new Map<string, number>();
  const frames = new Map<string, number>();
  const stacks = new Map<string, number>([['', 0]]);
  const opcodes = new Map<string, number>();
  const instructions: { readonly opcode: number; readonly line: number; readonly start: number; readonly end: number }[] = [];
  const columns = { frameFunctions: [] as number[], frameLines: [] as number[], parents: [] as number[], stackFrames: [] as number[] };
  const stackId = (words: string): number => {
    let parent = 0;
    let path = '';
    for (const word of words.split(' ').filter((part) => part !== '')) {
      path += ` ${word}`;
      const [place = '', instruction] = word.split('@');
      const [name, line] = [place.slice(0, place.lastIndexOf(':')), Number(place.slice(place.lastIndexOf(':') + 1))];
      const func = idIn(functions, name);
      const frame = idIn(frames, word, () => {
        columns.frameFunctions.push(func);
        columns.frameLines.push(line);
        const [opcode = '', start, end] = (instruction ?? '').split(/[:-]/);
        instructions.push({
          opcode: opcode === '' ? 0 : idIn(opcodes, opcode) + 1,
          line,
          start: Number(start ?? 0),
          end: Number(end ?? 0),
        });
      });
      const above = parent;
      parent = idIn(stacks, path, () => (columns.parents.push(above), columns.stackFrames.push(frame)));
    }
    return parent;
  };
  const ends = new Map<number, number>();
  const rows = runs.map(
    ({
      stack,
      thread = 0,
      count = 1,
      duration = count * 1000,
      start = ends.get(thread) ?? 0,
      flags = 1,
      cpu = (flags & 1) === 0 ? 0 : duration,
    }) => {
      ends.set(thread, start + duration);
      return { stack: stackId(stack), thread, count, duration, start, cpu, flags };
    },
  );
  const threadCount = Math.max(threads.length, 1, ...rows.map(({ thread }) => thread + 1));
  return {
    sequence: 0,
    until: Math.max(0, ...ends.values()),
    processes: processes.map(processOf),
    threads: Array.from({ length: threadCount }, (_, i) => threadOf(threads[i] ?? {}, i)),
    threadChanges: [],
    functions: Array.from(functions.keys(), (name, i): FunctionRecord => ({
      name,
      file: files[name] ?? '/work/app.py',
      firstLine: 10 * (i + 1),
    })),
    ...(opcodes.size > 0 ? { opcodes: [...opcodes.keys()] } : {}),
    frames: {
      functions: Uint32Array.from(columns.frameFunctions),
      lines: Uint32Array.from(columns.frameLines),
      ...(opcodes.size > 0 ? { instructions: instructionColumns(instructions) } : {}),
    },
    stacks: { parents: Uint32Array.from(columns.parents), frames: Uint32Array.from(columns.stackFrames) },
    runs: {
      threads: Uint32Array.from(rows, (row) => row.thread),
      stacks: Uint32Array.from(rows, (row) => row.stack),
      starts: Float64Array.from(rows, (row) => row.start),
      durations: Float64Array.from(rows, (row) => row.duration),
      counts: Uint32Array.from(rows, (row) => row.count),
      cpu: Float64Array.from(rows, (row) => row.cpu),
      flags: Uint8Array.from(rows, (row) => row.flags),
    },
    quality: { ...NO_QUALITY, ...quality },
  };
}

function instructionColumns(
  rows: readonly { readonly opcode: number; readonly line: number; readonly start: number; readonly end: number }[],
): InstructionColumns {
  return {
    opcodes: Uint32Array.from(rows, ({ opcode }) => opcode),
    offsets: Uint32Array.from(rows, (_, i) => 2 * i),
    endLines: Uint32Array.from(rows, ({ line, start }) => (start > 0 ? line : 0)),
    startColumns: Uint32Array.from(rows, ({ start }) => start),
    endColumns: Uint32Array.from(rows, ({ end }) => end),
  };
}

export function profileOf(words: ProfileInWords): Profile {
  const profile = new Profile(words);
  profile.append(deltaOf(words));
  return profile;
}

export function processOf(parts: Partial<ProcessRecord> = {}): ProcessRecord {
  return {
    pid: 4242,
    parent: null,
    name: 'app.py',
    commandLine: ['python3', 'app.py'],
    executable: '/usr/bin/python3',
    workingDirectory: '/work',
    pythonVersion: '3.12.1',
    startedAt: 0,
    ...parts,
  };
}

export function threadOf(parts: Partial<ThreadRecord> = {}, id = 0): ThreadRecord {
  return {
    process: 0,
    osThreadId: 4242 + id,
    pythonThreadId: '140234567890123456',
    interpreterId: 0,
    name: id === 0 ? 'MainThread' : `Thread-${id}`,
    isMain: id === 0,
    startedAt: 0,
    ...parts,
  };
}

/**
 * Cuts a delta in pieces after these numbers of runs. Every piece brings the functions, frames and
 * stacks its runs need, the last one the rest too; figures of the whole session come with every piece.
 */
export function pieces(delta: ProfileDelta, cuts: readonly number[]): ProfileDelta[] {
  const runCount = delta.runs.threads.length;
  const ends = [...cuts.filter((cut) => cut <= runCount)].sort((a, b) => a - b);
  let done = { runs: 0, stacks: 0, frames: 0, functions: 0, threads: 0 };
  return [...ends, runCount].map((runs, sequence) => {
    const isLast = sequence === ends.length;
    const threads = isLast ? delta.threads.length : Math.max(done.threads, 1 + max(delta.runs.threads.subarray(0, runs)));
    const stacks = isLast ? delta.stacks.parents.length : Math.max(done.stacks, max(delta.runs.stacks.subarray(0, runs)));
    const frames = isLast ? delta.frames.lines.length : Math.max(done.frames, 1 + max(delta.stacks.frames.subarray(0, stacks)));
    const functions = isLast ? delta.functions.length : Math.max(done.functions, 1 + max(delta.frames.functions.subarray(0, frames)));
    const piece: ProfileDelta = {
      sequence,
      until: delta.until,
      processes: sequence === 0 ? delta.processes : [],
      threads: delta.threads.slice(done.threads, threads),
      threadChanges: isLast ? delta.threadChanges : [],
      functions: delta.functions.slice(done.functions, functions),
      ...(sequence === 0 && delta.opcodes !== undefined ? { opcodes: delta.opcodes } : {}),
      frames: {
        functions: delta.frames.functions.slice(done.frames, frames),
        lines: delta.frames.lines.slice(done.frames, frames),
        ...(delta.frames.instructions === undefined
          ? {}
          : { instructions: mapInstructionColumns((name) => delta.frames.instructions![name].slice(done.frames, frames)) }),
      },
      stacks: { parents: delta.stacks.parents.slice(done.stacks, stacks), frames: delta.stacks.frames.slice(done.stacks, stacks) },
      runs: runSlice(delta.runs, done.runs, runs),
      quality: delta.quality,
    };
    done = { runs, stacks, frames, functions, threads };
    return piece;
  });
}

/** Of a delta that goes on from one before: only runs are new. */
export const NOTHING_NEW = {
  processes: [],
  threads: [],
  functions: [],
  frames: { functions: new Uint32Array(), lines: new Uint32Array() },
  stacks: { parents: new Uint32Array(), frames: new Uint32Array() },
} satisfies Partial<ProfileDelta>;

/** Some runs, as columns of their own. */
export function runSlice(runs: RunColumns, from: number, to: number): RunColumns {
  return {
    threads: runs.threads.slice(from, to),
    stacks: runs.stacks.slice(from, to),
    starts: runs.starts.slice(from, to),
    durations: runs.durations.slice(from, to),
    counts: runs.counts.slice(from, to),
    cpu: runs.cpu.slice(from, to),
    flags: runs.flags.slice(from, to),
  };
}

function idIn(ids: Map<string, number>, key: string, added: () => void = () => undefined): number {
  let id = ids.get(key);
  if (id === undefined) {
    id = ids.size;
    ids.set(key, id);
    added();
  }
  return id;
}

/** -1 if there are none. */
function max(values: Uint32Array): number {
  return values.reduce((most, value) => Math.max(most, value), -1);
}
