import { SampleFlag } from '../delta.ts';
import { passingFlags, type StateFilter } from '../filter.ts';
import { closedGap, placedStart } from '../placedRuns.ts';
import type { Profile } from '../profile.ts';
import { functionOfFrame, type WeighedStacks } from '../weighedStacks.ts';
import type { ThreadRuns } from './threadRuns.ts';

/** What a thread did by columns of equal time: shares of each column, 0 to 255; 0 only where there was nothing of it. */
export interface LaneBands {
  readonly onCpu: Uint8Array;
  readonly ready: Uint8Array;
  readonly waiting: Uint8Array;
  readonly holdsGil: Uint8Array;
  readonly collectsGarbage: Uint8Array;
}

/**
 * What a thread called, in the order of time: boxes by their ends. Of each column it is the stack that has most of its time, so that
 * there are never more boxes than columns in a row.
 */
export interface LaneBoxes {
  /** From the root. */
  readonly row: Uint16Array;
  /** Columns from the first to before the last. */
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  readonly func: Uint32Array;
}

export interface LaneQuestion {
  /** Thread id. */
  readonly thread: number;
  /** µs since the session's start; `end` is greater. */
  readonly start: number;
  readonly end: number;
  /** At most MAX_COLUMNS. */
  readonly columns: number;
}

/** So that columns fit in 16 bits, with room. */
export const MAX_COLUMNS = 8192;

/** Rows of boxes; what is called deeper is left out. */
export const MAX_ROWS = 120;

/** Does something with each run of a thread that lies in the range, at the times (µs) where it is drawn. */
function forEachPlaced(
  profile: Profile,
  threadRuns: ThreadRuns,
  { thread, start, end }: LaneQuestion,
  visit: (run: number, from: number, to: number) => void,
): void {
  const { starts, durations } = profile.runs;
  const indices = threadRuns.of(thread);
  const gap = closedGap(profile);
  // The run before may reach into the range, and so may longer ones before it where they overlap.
  let at = Math.max(0, threadRuns.firstFrom(thread, start) - 1);
  let last = -Infinity;
  for (; at < indices.length; at++) {
    const run = indices[at]!;
    const from = placedStart(starts[run]!, last, gap);
    if (from >= end) break;
    last = from + durations[run]!;
    if (last > start) visit(run, Math.max(from, start), Math.min(last, end));
  }
}

/** What a thread did. All its samples count, whatever is filtered elsewhere. */
export function laneBands(profile: Profile, threadRuns: ThreadRuns, question: LaneQuestion): LaneBands {
  const { start, end, columns } = question;
  const { flags } = profile.runs;
  const width = (end - start) / columns;
  const times = Array.from({ length: 5 }, () => new Float64Array(columns));
  const [onCpu, ready, waiting, holdsGil, collectsGarbage] = times as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  forEachPlaced(profile, threadRuns, question, (run, from, to) => {
    const flag = flags[run]!;
    const left = (from - start) / width;
    const right = (to - start) / width;
    addSpan((flag & SampleFlag.OnCpu) !== 0 ? onCpu : (flag & SampleFlag.Ready) !== 0 ? ready : waiting, left, right);
    if ((flag & SampleFlag.HoldsGil) !== 0) addSpan(holdsGil, left, right);
    if ((flag & SampleFlag.CollectingGarbage) !== 0) addSpan(collectsGarbage, left, right);
  });
  return {
    onCpu: shares(onCpu),
    ready: shares(ready),
    waiting: shares(waiting),
    holdsGil: shares(holdsGil),
    collectsGarbage: shares(collectsGarbage),
  };
}

/** Adds 1 to all columns from `left` to `right`, a part of it to those at the ends. */
function addSpan(into: Float64Array, left: number, right: number): void {
  const first = Math.floor(left);
  const last = Math.min(into.length - 1, Math.floor(right));
  if (first >= last) {
    if (first < into.length) into[first]! += right - left;
    return;
  }
  into[first]! += first + 1 - left;
  for (let column = first + 1; column < last; column++) into[column]! += 1;
  into[last]! += right - last;
}

function shares(times: Float64Array): Uint8Array {
  return Uint8Array.from(times, (time) => (time > 0 ? Math.max(1, Math.round(255 * Math.min(1, time))) : 0));
}

/** What a thread called: of the samples that pass the filter, as their stacks are weighed. */
export function laneBoxes(weights: WeighedStacks, threadRuns: ThreadRuns, question: LaneQuestion, filter: StateFilter = {}): LaneBoxes {
  return boxesOf(weights, stacksByColumn(weights, threadRuns, question, filter));
}

/** By column: the stack that has most of its time, -1 for none. */
function stacksByColumn(weights: WeighedStacks, threadRuns: ThreadRuns, question: LaneQuestion, filter: StateFilter): Int32Array {
  const { profile } = weights;
  const { start, end, columns } = question;
  const { stacks, flags } = profile.runs;
  const width = (end - start) / columns;
  const result = new Int32Array(columns).fill(-1);
  const passes = passingFlags(filter);
  // Of the column that is being filled.
  const times = new Float64Array(weights.time.length);
  let seen: number[] = [];
  let column = -1;
  const settle = (): void => {
    let most = 0;
    for (const stack of seen) {
      if (times[stack]! > most) {
        most = times[stack]!;
        result[column] = stack;
      }
      times[stack] = 0;
    }
    seen = [];
  };
  const add = (into: number, stack: number, time: number): void => {
    if (into >= columns || time <= 0) return;
    if (into !== column) {
      settle();
      column = into;
    }
    if (times[stack] === 0) seen.push(stack);
    times[stack]! += time;
  };
  forEachPlaced(profile, threadRuns, question, (run, from, to) => {
    if (passes[flags[run]!] === 0) return;
    const stack = weights.stackOf(stacks[run]!);
    if (stack < 0) return;
    const left = (from - start) / width;
    const right = (to - start) / width;
    const first = Math.floor(left);
    const last = Math.floor(right);
    add(first, stack, Math.min(first + 1, right) - left);
    if (last > first) {
      result.fill(stack, first + 1, last);
      add(last, stack, right - last);
    }
  });
  settle();
  return result;
}

/** Neighbours in a row are one box where they and all that called them are the same. */
function boxesOf(weights: WeighedStacks, stackOf: Int32Array): LaneBoxes {
  const rows: number[] = [];
  const froms: number[] = [];
  const tos: number[] = [];
  const funcs: number[] = [];
  let open: { readonly func: number; readonly from: number }[] = [];
  const close = (depth: number, at: number): void => {
    for (let row = open.length - 1; row >= depth; row--) {
      const { func, from } = open[row]!;
      rows.push(row);
      froms.push(from);
      tos.push(at);
      funcs.push(func);
    }
    open = open.slice(0, depth);
  };
  let before = -1;
  stackOf.forEach((stack, column) => {
    if (stack === before) return;
    before = stack;
    const calls = stack < 0 ? [] : callsOf(weights, stack);
    let same = 0;
    while (same < open.length && same < calls.length && open[same]!.func === calls[same]) same++;
    close(same, column);
    for (let row = same; row < calls.length; row++) open.push({ func: calls[row]!, from: column });
  });
  close(0, stackOf.length);
  return { row: Uint16Array.from(rows), from: Uint16Array.from(froms), to: Uint16Array.from(tos), func: Uint32Array.from(funcs) };
}

/** The functions of a stack from the root on, no more than there are rows. */
function callsOf({ profile, parents, stackFrames }: WeighedStacks, leaf: number): readonly number[] {
  const calls: number[] = [];
  for (let stack = leaf; stack !== 0; stack = parents[stack]!) calls.push(functionOfFrame(profile, stackFrames[stack]!));
  return calls.reverse().slice(0, MAX_ROWS);
}
