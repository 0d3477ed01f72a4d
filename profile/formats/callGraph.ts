import type { ProfileBuilder } from './profileBuilder.ts';

/** What a deterministic profiler knows of a function. */
export interface GraphFunction {
  /** The builder's. */
  readonly frame: number;
  /** µs in itself. */
  readonly self: number;
  /** µs from call to return; of calls of itself within itself, the outermost. */
  readonly time: number;
  /** µs by number of the function that is called. */
  readonly calls: ReadonlyMap<number, number>;
  /** µs of it that no caller accounts for: it was called by what was not profiled. */
  readonly uncalled: number;
}

/** Stacks that are made at most: a program with many paths through its functions has any number of them. */
const MAX_PATHS = 100_000;

/** µs below which a path is not followed: no picture shows it. */
const LEAST_TIME = 1;

/** Calls that are looked at for that: a matter of seconds. */
const MAX_STEPS = 5_000_000;

/** Frames of a stack at most. */
const MAX_DEPTH = 200;

/** Share of its function's time that a path is: its function's time, calls and all, is split in this proportion. */
interface Path {
  readonly func: number;
  readonly parent: Path | undefined;
  /** Of the part without its own frame. */
  readonly below: number;
  readonly depth: number;
  readonly time: number;
}

/**
 * Makes stacks of who called whom. A call graph does not say on which way a function that took long had been reached: each function's
 * time, and what it calls, is split among its callers in proportion to what their calls took, as snakeviz and gprof do. So self times are
 * exact, times of functions and of each caller's calls are too unless functions call each other in circles, and longer stacks are the most
 * likely ones. How deep recursion went is not known: a function is in a stack once. What no path accounts for is under
 * "(callers not known)".
 */
export function addStacks(builder: ProfileBuilder, thread: number, functions: readonly GraphFunction[]): void {
  const left = functions.map(({ self }) => self);
  // Those that take longest first, so that what is left out is what is seen least.
  const queue = new PathQueue();
  for (const [func, { uncalled }] of functions.entries())
    if (uncalled >= LEAST_TIME) queue.push({ func, parent: undefined, below: 0, depth: 1, time: uncalled });
  let at = 0;
  let steps = 0;
  for (let paths = 0; paths < MAX_PATHS && steps < MAX_STEPS; paths++) {
    const path = queue.pop();
    if (path === undefined) break;
    const { func, below, depth, time } = path;
    const { frame, self, time: whole, calls } = functions[func]!;
    if (whole <= 0) continue;
    const share = Math.min(1, time / whole);
    const stack = builder.stack(below, frame);
    const own = Math.min(left[func]!, share * self);
    if (own > 0) {
      left[func]! -= own;
      builder.run(thread, stack, at, own);
      at += own;
    }
    steps += calls.size;
    if (depth === MAX_DEPTH) continue;
    for (const [called, took] of calls)
      if (share * took >= LEAST_TIME && !isOn(path, called))
        queue.push({ func: called, parent: path, below: stack, depth: depth + 1, time: share * took });
  }
  let unknown = 0;
  for (const [func, own] of left.entries()) {
    if (own < 1e-3) continue; // what rounding leaves
    if (unknown === 0) unknown = builder.stack(0, builder.frame('(callers not known)', '', 0));
    builder.run(thread, builder.stack(unknown, functions[func]!.frame), at, own);
    at += own;
  }
}

function isOn(path: Path, func: number): boolean {
  for (let one: Path | undefined = path; one !== undefined; one = one.parent) if (one.func === func) return true;
  return false;
}

/** A binary heap, longest first. */
class PathQueue {
  readonly #heap: Path[] = [];

  push(path: Path): void {
    const heap = this.#heap;
    let at = heap.push(path) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.time >= path.time) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = path;
  }

  pop(): Path | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.time > heap[below]!.time) below++;
      if (heap[below]!.time <= last.time) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}
