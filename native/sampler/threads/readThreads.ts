import { ThreadState, type ThreadStates } from '../../os/system.ts';
import type { SampledThread } from './sampledThread.ts';

/**
 * Ticks in a row without a switch of the GIL after which only its holders are read: at first, and where that
 * turned out to be too early again and again. Half as many ten times a second.
 */
const patience = { least: 4, most: 1024 };

/** Of more threads than these the system is asked which have run, which costs less than to read them: 0.5 µs each instead of 3. */
const few = 32;

/** No tick has this number. */
const noTick = -2;

/** Times `housekeeping` is called until all are read, whatever the system says. */
const trust = 10;

/**
 * Chooses which of a process's threads are read in a tick: all, those that have run since they were read last, or, while the GIL
 * does not change hands, its holders alone. The stacks of the others can't have changed, so that a hundred threads that wait cost
 * little more than none.
 *
 * A tick is read at once (`choose`), or in two parts where the first should be as short as can be (`chooseFirst`, `chooseRest`).
 */
export class ReadThreads {
  /** Those that are planned and read now. */
  list: SampledThread[] = [];
  /** Only holders of a GIL are read now; `chooseRest` is to follow. */
  isFirst = false;
  /** Those that are read now are the look's second part. */
  isRest = false;
  private all: SampledThread[] = [];
  private readonly moved: SampledThread[] = [];
  private readonly holders: SampledThread[] = [];
  private readonly states: ThreadStates;
  private readonly settle: (thread: SampledThread) => void;
  /** The GIL does not change hands: only its holders are read. */
  private isCalm = false;
  /** All are to be read the next time. */
  private wantsAll = true;
  /** Everyone is to be asked the next time, calm or not. */
  private asksAll = false;
  /** Some GIL changed hands since the rest was chosen last. */
  private switched = false;
  /** Ticks in a row in which no GIL changed hands, and how many of these it takes. */
  private calmTicks = 0;
  private patience = patience.least;
  private trusted = 0;

  /** @param settle is called before a thread is read that was not */
  constructor(states: ThreadStates, settle: (thread: SampledThread) => void) {
    this.states = states;
    this.settle = settle;
  }

  /** There are these threads from now on; all of them are read. */
  use(threads: SampledThread[]): void {
    this.all = threads;
    this.readAll();
  }

  /** Whether threads may rest for long, and are not to be looked at one by one. */
  get areMany(): boolean {
    return this.all.length > few;
  }

  readAll(): void {
    for (const thread of this.all) this.setRead(thread, true);
    this.list = this.all;
    this.isFirst = this.isRest = false;
    this.isCalm = false;
    this.wantsAll = true;
  }

  /** To be called before a tick that is read at once. @returns whether others are to be read than before */
  choose(): boolean {
    this.isFirst = this.isRest = false;
    if (!this.areMany || this.isCalm) return false;
    if (!this.wantsAll) return this.chooseMoved(noTick);
    this.wantsAll = false;
    return false;
  }

  /**
   * To be called before a tick that is read in two parts: to begin with only who held a GIL last, which takes as long however
   * many threads there are.
   * @returns as `choose`
   */
  chooseFirst(): boolean {
    const others = this.findHolders();
    const changed = others || this.list !== this.holders;
    this.list = this.holders;
    this.isFirst = true;
    this.isRest = false;
    return changed;
  }

  /** The second part. @param tick in which threads of the first part were sampled @returns whether there is anything to read */
  chooseRest(tick: number): boolean {
    this.isFirst = false;
    this.isRest = true;
    const { switched } = this;
    this.switched = false;
    if (this.isCalm && switched) this.endCalm();
    else this.calmTicks = switched ? 0 : this.calmTicks + 1;
    if (this.isCalm && !this.asksAll) return false;
    this.asksAll = false;
    this.chooseMoved(tick);
    return this.list.length > 0;
  }

  /** Some thread could not be read, which is to be tried again however calm it is. */
  askAll(): void {
    this.asksAll = true;
  }

  /**
   * A copy was good.
   * @param switched whether some GIL may have changed hands
   * @returns whether others are to be read now, in the same tick
   */
  look(switched: boolean): boolean {
    if (this.isFirst || this.isRest) {
      if (switched) this.switched = true;
      return switched && this.isFirst && this.findHolders();
    }
    if (!switched) {
      this.calmTicks++;
      return false;
    }
    if (!this.isCalm) {
      this.calmTicks = 0;
      return this.list !== this.all && this.addHolders();
    }
    this.endCalm();
    this.calmTicks = -1; // the second read of this tick does not count
    if (this.areMany) this.chooseMoved(noTick);
    else this.readAll();
    return true;
  }

  /** The end of a tick in which all was read. @returns whether others are to be read from now on */
  rest(): boolean {
    if (this.isCalm || this.calmTicks < this.patience || this.all.length <= 1) return false;
    for (const thread of this.all) this.setRead(thread, thread.sampledStack < 0 || thread.heldGilLast);
    this.list = this.all.filter((thread) => thread.isRead);
    this.isCalm = true;
    this.wantsAll = false;
    return true;
  }

  /** To be called some ten times a second. @returns whether others are to be read than before */
  housekeeping(): boolean {
    // With many threads a look takes so long that more patience than the GIL's interval allows would never be rewarded.
    this.patience = Math.max(patience.least, this.patience >> 1);
    const isEnough = ++this.trusted >= trust;
    if (isEnough) this.trusted = 0;
    // What the rules tell is looked at now and then all the same.
    if (isEnough || !this.areMany) {
      if (this.list === this.all) return false;
      this.readAll();
      return true;
    }
    // Threads that work outside of Python, without the GIL, begin to do so without a switch.
    if (!this.isCalm) return false;
    if (this.isRest) {
      this.asksAll = true; // by the next tick's second part
      return false;
    }
    const before = this.list.length;
    for (const thread of this.all) {
      if (thread.isRead || !this.hasMoved(thread)) continue;
      this.setRead(thread, true);
      this.list.push(thread);
    }
    return this.list.length > before;
  }

  private endCalm(): void {
    const wasWorthIt = this.calmTicks >= 2 * this.patience;
    this.patience = wasWorthIt ? patience.least : Math.min(patience.most, 2 * this.patience);
    this.calmTicks = 0;
    this.isCalm = false;
  }

  /** Reads those that have run, but for those that were sampled in a tick. @returns whether these are others than before */
  private chooseMoved(except: number): boolean {
    const { all, moved, wantsAll } = this;
    this.wantsAll = false;
    let changed = this.list !== moved;
    moved.length = 0;
    for (let i = 0; i < all.length; i++) {
      const thread = all[i]!;
      if (thread.sampledAt === except) continue;
      const isRead = wantsAll || this.hasMoved(thread);
      if (isRead) moved.push(thread);
      if (isRead === thread.isRead) continue;
      this.setRead(thread, isRead);
      changed = true;
    }
    this.list = moved;
    return changed;
  }

  /** Whether a thread's stack may have changed since it was read last. */
  private hasMoved(thread: SampledThread): boolean {
    return (
      thread.sampledStack < 0 || thread.mightRun || thread.runState !== ThreadState.Waiting || !this.states.stoodStill(thread.stateSlot)
    );
  }

  /** Whose turn it was last with a GIL. @returns whether there are others than before */
  private findHolders(): boolean {
    const { all, holders } = this;
    let count = 0;
    let changed = false;
    for (let i = 0; i < all.length; i++) {
      const thread = all[i]!;
      // Which one was last is not known of every version, but who has it.
      if (!thread.heldGilLast && !holdsGil(thread)) continue;
      if (holders[count] !== thread) changed = true;
      this.setRead(thread, true);
      holders[count++] = thread;
    }
    if (holders.length !== count) changed = true;
    holders.length = count;
    return changed;
  }

  /** Adds holders of a GIL that were not read, as they ran only after they were asked about. @returns whether there are any */
  private addHolders(): boolean {
    let found = false;
    for (let i = 0; i < this.all.length; i++) {
      const thread = this.all[i]!;
      if (thread.isRead || !holdsGil(thread)) continue;
      this.setRead(thread, true);
      this.list.push(thread);
      found = true;
    }
    return found;
  }

  private setRead(thread: SampledThread, isRead: boolean): void {
    if (isRead && !thread.isRead) this.settle(thread);
    thread.isRead = isRead;
  }
}

/** Whether a thread took its interpreter's GIL since the look began that is being made, and moves while it is copied. */
export function tookGil(thread: SampledThread): boolean {
  const { interpreter, addressLow, addressHigh } = thread;
  return interpreter !== null && interpreter.holderNowLow === addressLow && interpreter.holderNowHigh === addressHigh && !holdsGil(thread);
}

/** Whether a thread held its interpreter's GIL when the last look at that began. */
export function holdsGil({ interpreter, addressLow, addressHigh }: SampledThread): boolean {
  return interpreter !== null && interpreter.gilHolderLow === addressLow && interpreter.gilHolderHigh === addressHigh;
}
