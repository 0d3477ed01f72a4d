import { type FunctionRecord, mapInstructionColumns, type ProfileDelta, type RunColumns } from './delta.ts';
import { Profile } from './profile.ts';
import type { RunStore } from './runStore.ts';
import { snapshotOf } from './snapshot.ts';
import { stackTotals } from './stackTotals.ts';
import { StackWeights } from './weights.ts';

/** How much of a profile is kept. */
export interface ProfileBounds {
  /** Kinds of stacks: the heaviest. */
  readonly stacks: number;
  /** Runs, about: times of older ones get coarser where there are more (RunStore). */
  readonly runs: number;
  /** Characters of a name. */
  readonly name: number;
}

/** Stands for calls that were left out as they took too little time, innermost of those that were not. */
export const leftOutFunction: FunctionRecord = { name: '(rare calls)', file: '', firstLine: 0 };

const ELLIPSIS = '…';

/**
 * The profile with the heaviest of its stacks alone, for files that have to stay small. Times of what is kept do not change; time that was
 * spent in other stacks is that of `leftOutFunction` where they leave what is kept. Functions, frames and opcodes that nothing needs are
 * gone.
 */
export function bounded(profile: Profile, bounds: ProfileBounds): Profile {
  const snapshot = snapshotOf(profile, Infinity);
  try {
    return lessOf(profile, [...snapshot.deltas], bounds);
  } finally {
    snapshot.release();
  }
}

function lessOf(profile: Profile, deltas: readonly ProfileDelta[], bounds: ProfileBounds): Profile {
  const tables = new KeptTables(profile, keptStacks(profile, bounds.stacks), bounds.name);
  const other = new Profile({
    startedAtEpoch: profile.startedAtEpoch,
    coarseTimes: profile.coarseTimes,
    maxRuns: bounds.runs,
    ...(profile.unknown === undefined ? {} : { unknown: profile.unknown }),
  });
  const { cut } = profile;
  const parts = deltas.filter(({ functions, frames, stacks }) => functions.length + frames.functions.length + stacks.frames.length === 0);
  parts.forEach((delta, sequence) => {
    const { runs } = delta;
    const withStacks = (columns: RunColumns): RunColumns => ({ ...columns, stacks: columns.stacks.map((stack) => tables.stackOf[stack]!) });
    other.append({
      ...delta,
      sequence,
      ...(sequence === 0 ? tables.records() : {}),
      runs: withStacks(runs),
      ...(delta.cut === undefined || cut.calls.length + cut.leaves.length === 0
        ? {}
        : { cut: { calls: withStacks(delta.cut.calls), leaves: withStacks(delta.cut.leaves) } }),
    });
  });
  return other;
}

/** By stack: whether it is kept. With a stack, its parents are. */
function keptStacks(profile: Profile, limit: number): Uint8Array {
  const { stackCount, runs, cut } = profile;
  const { stackParents } = profile.columns;
  const isKept = new Uint8Array(stackCount);
  isKept[0] = 1;
  // What was cut off has stacks of its own, which tell nothing but their frame (CutCalls).
  for (const store of [cut.calls, cut.leaves])
    for (let run = 0; run < store.length; run++) for (let at = store.stacks[run]!; isKept[at] === 0; at = stackParents[at]!) isKept[at] = 1;
  const { time } = stackTotals(new StackWeights(profile));
  const seen = stacksOf(runs, stackParents, stackCount);
  // A parent has no less time than its children and a smaller id, so it comes before them.
  const byTime = seen.sort((a, b) => time[b]! - time[a]! || a - b);
  for (const stack of byTime.subarray(0, limit)) isKept[stack] = 1;
  return isKept;
}

/** The stacks of runs, and their parents, but for the empty one. */
function stacksOf(runs: RunStore, parents: Uint32Array, stackCount: number): Uint32Array {
  const isSeen = new Uint8Array(stackCount);
  let length = 0;
  for (let run = 0; run < runs.length; run++) {
    for (let at = runs.stacks[run]!; at !== 0 && isSeen[at] === 0; at = parents[at]!) {
      isSeen[at] = 1;
      length++;
    }
  }
  const stacks = new Uint32Array(length);
  let at = 0;
  for (let stack = 1; stack < stackCount; stack++) if (isSeen[stack] === 1) stacks[at++] = stack;
  return stacks;
}

/** What is left of functions, frames and stacks, with new ids. */
class KeptTables {
  /** By the old stack: the new one, or what stands for it. */
  readonly stackOf: Uint32Array;
  readonly #functions: FunctionRecord[] = [];
  readonly #functionOf: Int32Array;
  /** The old ones, by new id; -1: of what is left out. */
  readonly #frames: number[] = [];
  readonly #frameOf: Int32Array;
  readonly #parents: number[] = [];
  readonly #stackFrames: number[] = [];
  readonly #profile: Profile;
  readonly #nameLength: number;
  #leftOut: { readonly func: number; readonly frame: number } | undefined;

  constructor(profile: Profile, isKept: Uint8Array, nameLength: number) {
    this.#profile = profile;
    this.#nameLength = nameLength;
    this.#functionOf = new Int32Array(profile.functions.length).fill(-1);
    this.#frameOf = new Int32Array(profile.frameCount).fill(-1);
    this.stackOf = new Uint32Array(isKept.length);
    const { stackParents, stackFrames } = profile.columns;
    /** By new stack: the one that stands for what is left out of it; 0: nothing is. */
    const leftOutOf = new Uint32Array(isKept.length + 1);
    for (let stack = 1; stack < isKept.length; stack++) {
      const parent = stackParents[stack]!;
      if (isKept[stack] === 1) this.stackOf[stack] = this.#push(this.stackOf[parent]!, this.#frame(stackFrames[stack]!));
      else if (isKept[parent] === 0) this.stackOf[stack] = this.stackOf[parent]!;
      else this.stackOf[stack] = leftOutOf[parent] ||= this.#push(this.stackOf[parent]!, this.#leftOutFrame());
    }
  }

  records(): Pick<ProfileDelta, 'functions' | 'frames' | 'stacks'> {
    const { frameLines } = this.#profile.columns;
    const { columns } = this.#profile.instructions;
    return {
      functions: this.#functions,
      frames: {
        functions: Uint32Array.from(this.#frames, (frame) =>
          frame < 0 ? this.#leftOut!.func : this.#functionOf[this.#profile.frameFunction(frame)]!,
        ),
        lines: Uint32Array.from(this.#frames, (frame) => (frame < 0 ? 0 : frameLines[frame]!)),
        ...(columns === undefined
          ? {}
          : {
              instructions: mapInstructionColumns((name) =>
                Uint32Array.from(this.#frames, (frame) => (frame < 0 ? 0 : columns[name][frame]!)),
              ),
            }),
      },
      stacks: { parents: Uint32Array.from(this.#parents), frames: Uint32Array.from(this.#stackFrames) },
    };
  }

  #push(parent: number, frame: number): number {
    this.#parents.push(parent);
    return this.#stackFrames.push(frame);
  }

  #frame(old: number): number {
    if (this.#frameOf[old] !== -1) return this.#frameOf[old]!;
    const func = this.#profile.frameFunction(old);
    if (this.#functionOf[func] === -1) this.#functionOf[func] = this.#functions.push(this.#shortened(this.#profile.functions[func]!)) - 1;
    return (this.#frameOf[old] = this.#frames.push(old) - 1);
  }

  #leftOutFrame(): number {
    this.#leftOut ??= { func: this.#functions.push(leftOutFunction) - 1, frame: this.#frames.push(-1) - 1 };
    return this.#leftOut.frame;
  }

  #shortened(record: FunctionRecord): FunctionRecord {
    const { name, file } = record;
    const most = this.#nameLength;
    if (name.length <= most && file.length <= most) return record;
    // Of a file's path the end says which it is.
    return {
      ...record,
      name: name.length <= most ? name : `${name.slice(0, most)}${ELLIPSIS}`,
      file: file.length <= most ? file : `${ELLIPSIS}${file.slice(-most)}`,
    };
  }
}
