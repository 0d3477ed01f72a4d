import { setTimeout as delay } from 'node:timers/promises';
import type { OpenTarget } from '../openTarget.ts';
import type { CorePlace } from '../os/pauses.ts';
import { type System, ThreadState } from '../os/system.ts';
import type { Moment, ThreadDump } from './dumpSnapshot.ts';
import { type CapturedStacks, NativeCapture } from './nativeCapture.ts';
import { PageMemory } from './pageMemory.ts';

/** Times an instant is tried for: what was missing in one is read in the next. */
const maxAttempts = 16;
/** Of a program that may not be stopped for so long: it may be that no thread of it runs. */
const fewAttempts = 3;
/**
 * µs for which a program may stand still for one instant, and for all that are tried: what takes longer to copy (some 1 µs a page) is
 * read as the program runs.
 */
const longestPause = 5000;
const longestPauses = 16_000;
/** Instants, or looks at a program as it runs, of which the one is shown that has the fewest stacks that end early. */
const mostInstants = 4;
/** Threads that are watched. */
const maxThreads = 4096;
/** ms that we sleep on a program's core, so that a timer wakes us there while it runs. */
const nap = 1;

/** A thread whose standing still matters. */
export interface WatchedThread {
  readonly osThreadId: number;
  /** Nobody else of its interpreter can run Python, or change anything of it, while it stands still. */
  readonly holdsGil: boolean;
  /** The interpreter has a GIL that is in force, and somebody has it. */
  readonly isGuarded: boolean;
  readonly interpreterId: number;
}

/** What a thread does, by the system's id. */
export type StateOf = (osThreadId: number) => ThreadDump['state'];

export interface Look<Result> {
  readonly result: Result;
  /** Stacks that end early: of a thread that was calling or returning at that very moment, its frames are being written. */
  readonly broken: number;
  readonly threads: readonly WatchedThread[];
}

/** A look, and how it came about. */
export interface Instant<Result> {
  readonly result: Result;
  readonly moment: Moment;
  /** Native stacks of the same moment, if they were asked for. */
  readonly stacks: CapturedStacks | null;
}

/**
 * Looks at a process at one instant, if that can be had: while all of its threads wait, or from the core that its running thread is on,
 * which stands still for as long as we are there (SharedCore says why). What is read is known from looks before, so that the pause is
 * one copy.
 * @param look reads from the memory it is given; called several times. Its `live` is null for an instant, else the memory as it is
 * @param native takes threads' native stacks at the same moment, and may stop those that run for it; null: not wanted
 */
export async function lookAtInstant<Result>(
  system: System,
  target: OpenTarget,
  neverStop: boolean,
  look: (memory: PageMemory, live: OpenTarget['memory'] | null, stateOf: StateOf) => Look<Result>,
  native: NativeCapture | null = null,
): Promise<Instant<Result>> {
  const pages = new PageMemory(target.memory);
  // Who can stop threads needs no core of theirs.
  let stops = native?.stopObstacle === null;
  const place = neverStop ? null : (system.openCorePlace?.() ?? null);
  const still = new StillThreads(system, target, place);
  const stateOf: StateOf = (id) => still.stateOf(id);
  const standsStill = (id: number): boolean => still.standsStill(id);
  try {
    let best: (Instant<Result> & Flaws) | null = null;
    let [instants, paused] = [0, 0];
    let watched = look(pages, null, stateOf).threads;
    // Where it costs the program nothing.
    still.track(system.threadIds(target.pid));
    still.begin();
    const copying = timeOfCopy(system, pages);
    still.check();
    const isShort = copying <= longestPause;
    for (let attempt = 0; attempt < (isShort ? maxAttempts : fewAttempts) && (instants === 0 || paused < longestPauses); attempt++) {
      const plan = pages.plan();
      const room = new Uint8Array(plan.totalLength).fill(1);
      await still.settle(system.threadIds(target.pid), isShort && !stops);
      const running = stops ? watched.map((thread) => thread.osThreadId).filter((id) => still.runs(id)) : [];
      // Who was stopped does not stand still for our CPU time only.
      const byStops = stops;
      const now = (): number => (byStops ? system.clock.monotonic() : system.clock.threadCpu());
      const started = now();
      still.stopped = native?.stop(running) ?? new Set();
      still.begin();
      const keep = pages.refresh(plan, room);
      still.check();
      native?.release();
      still.leave();
      const pause = now() - started;
      // Before anything else: those that wait may not do so for long.
      const stacks = native?.take(watched, standsStill) ?? null;
      // To decode what takes so long to copy takes seconds.
      if (!isShort && still.verdict(watched) === null) continue;
      keep();
      pages.fetching = 'never';
      const { result, threads, broken } = look(pages, null, stateOf);
      watched = threads;
      const how = still.verdict(threads);
      const missing = pages.missing.size;
      if (how === 'paused') paused += pause;
      if (how !== null) {
        const flaws = { missing, broken, without: stacks === null ? 0 : NativeCapture.missing(stacks) };
        if (best === null || isBetter(flaws, best))
          best = { result, ...flaws, stacks, moment: { isInstant: true, how, pause: how === 'paused' ? Math.round(pause) : 0, why: null } };
        if (missing === 0) instants++;
        // A thread that wakes all the time is not waited for.
        const isGood = missing === 0 && broken === 0 && (flaws.without === 0 || attempt >= fewAttempts);
        if (isGood || instants >= mostInstants) break;
      }
      pages.fetching = 'always';
      if (missing > 0) {
        pages.learn();
        // What is in these leads to others: of code to its names and lines. One a time would take more attempts than there are.
        look(pages, null, stateOf);
      }
      if (running.length > 0 && still.stopped.size === 0) stops = false;
    }
    if (best !== null) return best;
    const why = !isShort
      ? 'there is too much to read at one instant'
      : neverStop
        ? 'it runs, and is not to be stopped'
        : 'threads of it run, and no instant was found at which all stood still';
    const asItRuns = (): Instant<Result> & { readonly broken: number } => {
      pages.fetching = 'always';
      pages.clear();
      still.stopped = new Set();
      still.begin();
      const { result, threads, broken } = look(pages, target.memory, stateOf);
      const stacks = native?.take(threads, standsStill) ?? null;
      return { result, stacks, broken, moment: { isInstant: false, how: 'running', pause: 0, why } };
    };
    let shown = asItRuns();
    for (let looks = 1; isShort && shown.broken > 0 && looks < mostInstants; looks++) {
      const next = asItRuns();
      if (next.broken < shown.broken) shown = next;
    }
    return shown;
  } finally {
    native?.release();
    still.close();
    pages.close();
  }
}

/** What of a look could be better, by its weight. */
interface Flaws {
  /** Pages. */
  readonly missing: number;
  /** Stacks that end early. */
  readonly broken: number;
  /** Threads without a native stack. */
  readonly without: number;
}

function isBetter(one: Flaws, other: Flaws): boolean {
  return one.missing < other.missing || (one.missing === other.missing && isMoreWhole(one, other));
}

function isMoreWhole(one: Flaws, other: Flaws): boolean {
  return one.broken < other.broken || (one.broken === other.broken && one.without < other.without);
}

/** µs that it takes to copy all pages, once that was done before: what is done for the first time takes ten times as long. */
function timeOfCopy(system: System, pages: PageMemory): number {
  const plan = pages.plan();
  const room = new Uint8Array(plan.totalLength);
  pages.refresh(plan, room)();
  const started = system.clock.threadCpu();
  const keep = pages.refresh(plan, room);
  const took = system.clock.threadCpu() - started;
  keep();
  return took;
}

/** Knows which of a process's threads have not run since a moment. */
class StillThreads {
  private readonly target: OpenTarget;
  private readonly place: CorePlace | null;
  private readonly slots = new Map<number, number>();
  /** What each thread was doing when the look began: waited; stood still on our core; or ran. */
  private readonly states = new Map<number, 'waits' | 'still' | 'runs'>();
  private readonly ready = new Set<number>();
  /** Threads that ran, and were stopped for the look. */
  stopped: ReadonlySet<number> = new Set();

  constructor(system: System, target: OpenTarget, place: CorePlace | null) {
    this.target = target;
    this.place = place;
    // As for a sampling session: a timer is to wake us on a core at once.
    if (place !== null) {
      system.clock.setTimerSlack(1);
      system.clock.askForShortSlices();
    }
  }

  track(threadIds: readonly number[]): void {
    const { slots } = this;
    for (const id of threadIds) if (!slots.has(id) && slots.size < maxThreads) slots.set(id, this.target.states.track(id));
  }

  /** Goes to the core that some thread runs on, if it may be stopped, and sleeps there. */
  async settle(threadIds: readonly number[], mayStop: boolean): Promise<void> {
    const { slots, place } = this;
    const { states } = this.target;
    this.track(threadIds);
    let core = -1;
    let best = -1;
    for (const slot of slots.values()) {
      if (states.look(slot) === ThreadState.Waiting) continue;
      const candidate = states.readyOn(slot);
      if (candidate >= 0 && states.cpuTime(slot) > best) {
        core = candidate;
        best = states.cpuTime(slot);
      }
    }
    if (!mayStop || place === null || core < 0 || !place.moveTo(core)) {
      await delay(nap);
      return;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, nap);
  }

  begin(): void {
    const { states } = this.target;
    const core = this.place?.core ?? -1;
    this.states.clear();
    this.ready.clear();
    for (const [id, slot] of this.slots) {
      if (states.look(slot) === ThreadState.Ready) this.ready.add(id);
      const on = states.readyOn(slot);
      this.states.set(id, on < 0 ? 'waits' : on === core && core >= 0 ? 'still' : 'runs');
    }
  }

  /** Whether those that stood still on our core have not run since. Who has is not still any more, be it that it waited. */
  check(): boolean {
    const { states } = this.target;
    let isStill = true;
    for (const [id, state] of this.states) {
      if (state === 'runs') continue;
      const slot = this.slots.get(id)!;
      const hasStood = state === 'waits' ? states.stoodStill(slot) : !states.hasRun(slot) && states.readyOn(slot) === this.place?.core;
      if (hasStood) continue;
      this.states.set(id, 'runs');
      if (state === 'still') isStill = false;
    }
    return isStill;
  }

  /** Whether a thread runs now, or would if it had a core. */
  runs(osThreadId: number): boolean {
    const slot = this.slots.get(osThreadId);
    return slot !== undefined && this.target.states.look(slot) !== ThreadState.Waiting;
  }

  /** Whether a thread waited when the look began and has not run since. To be asked once; then again from the next look on. */
  standsStill(osThreadId: number): boolean {
    const slot = this.slots.get(osThreadId);
    return slot !== undefined && this.states.get(osThreadId) === 'waits' && this.target.states.stoodStill(slot);
  }

  /** What a thread did when the look began. */
  stateOf(osThreadId: number): ThreadDump['state'] {
    const state = this.states.get(osThreadId) ?? 'waits';
    if (this.stopped.has(osThreadId)) return 'running';
    return state === 'waits' ? 'waiting' : state === 'runs' && this.ready.has(osThreadId) ? 'ready' : 'running';
  }

  /** How all threads of Python stood still; null: they did not. */
  verdict(threads: readonly WatchedThread[]): 'paused' | 'waiting' | null {
    const guarded = new Set<number>();
    for (const thread of threads) if (thread.holdsGil && this.states.get(thread.osThreadId) !== 'runs') guarded.add(thread.interpreterId);
    for (const thread of threads) {
      if ((this.states.get(thread.osThreadId) ?? 'runs') !== 'runs') continue;
      if (!thread.isGuarded || thread.holdsGil || !guarded.has(thread.interpreterId)) return null;
    }
    return this.stopped.size > 0 || [...this.states.values()].includes('still') ? 'paused' : 'waiting';
  }

  leave(): void {
    this.place?.leave();
    this.place?.lineUp();
  }

  close(): void {
    this.leave();
    for (const slot of this.slots.values()) this.target.states.untrack(slot);
  }
}
