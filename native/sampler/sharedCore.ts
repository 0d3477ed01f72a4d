import type { CorePlace } from '../os/pauses.ts';

/** Sightings of running threads among which the next core is chosen. */
const sightings = 8;
/**
 * Weight of a look in the mean of what looks take from the programs: a second of looks or so. Single ones, at which much code is
 * seen for the first time, take a hundred times as long.
 */
const weight = 1 / 256;
/** Weight of a look in how many take anything at all, lately: of a program that begins to run that is to be known soon. */
const lately = 1 / 8;
/**
 * µs within which what was taken too much is made up for by fewer looks. In the beginning, where much is done once (code that is
 * seen for the first time, a look's own that is not compiled yet), two to three times the share are taken for a second; made up
 * for in as short a time, the picture would stand still while somebody waits for it.
 */
const repayment = { usual: 1e6, beginning: 5e6 };
/** µs that count as the beginning. */
const beginning = 1e6;
/**
 * µs that a look is taken to cost a program before one was made, and what it costs besides our own CPU time: to be put on the
 * core, and taken off it.
 */
const costs = { atFirst: 40, switching: 5, moving: 10 };
/**
 * What a look costs a program is so many times our CPU time, as waking and moving threads is in part done where nobody's CPU time shows
 * it. Measured of a program alone on its core of a virtual machine: CPU time said 1.3 %, and the program was without its core for 1.6 %.
 */
const wholeCost = 1.25;
/** µs in which most code is seen for the first time, which takes long: not on a program's core. */
const warmUp = 20_000;
/**
 * The longest time between two looks, µs: with fewer than 30 a second a picture takes too long to come. It is reached where a look takes
 * 330 µs (three times what it takes on a virtual machine with nothing of ours in its caches). Where looks would take more than
 * `mostForPicture` of the program's time so (of one 60 000 calls deep each takes 10 ms or so), they are rarer still.
 */
const longestPeriod = 33_000;
const mostForPicture = 0.03;
/**
 * The most that may be taken while it is not yet known what looks cost: so many times the share, or this part of the program's time. Much
 * more than ordinary programs lose in the beginning.
 */
const atFirst = { shares: 2, atLeast: 0.1 };
/**
 * µs: a look that comes later than this shows what the scheduler let run before us, not an instant that was drawn. Where programs
 * want more than there are cores, and we can't go before them (CorePlace), a thread that works in short bursts is met asleep too
 * often: it is owed time when it wakes, and keeps its core for as long as it works.
 */
const latest = 1000;
/** By so much the period has to be off to be changed. */
const tolerance = 0.1;

/**
 * Looks at programs from the core that they run on. Our sleep ends by a timer of that core, which interrupts what runs there at
 * that instant, and as long as we run it stands still: its memory can be read at leisure, and is all of one instant, that was
 * chosen without regard to what the program did. Nothing is stopped, traced or signalled; the program has lost its core for some
 * 40 µs, as to any other program. So that this remains below the share of the time it may be, looks are made more rarely where
 * they cost more. docs/sampling.md says why this is the only way that is right.
 */
export class SharedCore {
  /** µs between two looks. */
  period: number;
  /** Looks that found a program standing still, and µs for which we had its core. */
  looks = 0;
  time = 0;
  /** The look that is being made came too late to be sure of what runs. */
  isLate = false;

  private readonly place: CorePlace;
  private readonly share: number;
  private readonly shortest: number;
  private readonly random: () => number;
  private readonly cores = new Int32Array(sightings).fill(-1);
  private readonly threads = new Int32Array(sightings).fill(-1);
  private next = 0;
  private count = 0;
  private cost: number;
  /** The same of looks that took something alone, and without what was assumed at first: of few of them it is their plain mean, which a single long one raises at once. */
  private costOfOne = 0;
  /** The part of looks that took something, lately: nearly none of a program that waits. */
  private often = 1;
  /** What was taken too much in the beginning, µs. */
  private excessAtFirst = 0;
  private moved = false;
  private stoodStill = false;
  private readonly since: number;
  /** The core that was asked for last is not for us. */
  private refused = -1;

  /**
   * @param share of a program's time that may be taken, 0 to 1
   * @param shortest µs between two looks that are asked for
   * @param random as Math.random
   */
  constructor(place: CorePlace, share: number, shortest: number, now: number, random: () => number = Math.random) {
    this.place = place;
    this.share = share;
    this.shortest = shortest;
    this.random = random;
    this.since = now;
    this.cost = costs.atFirst;
    this.period = this.periodFor(1);
  }

  /** The core we are on; −1: none in particular. */
  get core(): number {
    return this.place.core;
  }

  /** Whether a program can be looked at from its core at all. */
  get isPossible(): boolean {
    return this.refused < 0;
  }

  /** A look begins. @param lateness µs since it was due */
  begin(lateness: number): void {
    this.isLate = this.place.core >= 0 && lateness > latest;
  }

  /** A thread was seen that runs, or could run if we did not. @returns whether it stands still */
  saw(thread: number, core: number): boolean {
    this.cores[this.next] = core;
    this.threads[this.next] = thread;
    this.next = (this.next + 1) % sightings;
    if (this.count < sightings) this.count++;
    const isStill = core === this.place.core;
    if (isStill) this.stoodStill = true;
    return isStill;
  }

  /** A look is over. @param cpu µs of CPU time that it took @param now µs since the session's start */
  end(cpu: number, now: number): void {
    let cost = 0;
    if (this.stoodStill) {
      cost = wholeCost * cpu + costs.switching + (this.moved ? costs.moving : 0);
      this.looks++;
      this.time += cost;
      this.costOfOne += (cost - this.costOfOne) * Math.max(weight, 1 / this.looks);
    }
    this.often += ((this.stoodStill ? 1 : 0) - this.often) * lately;
    this.stoodStill = false;
    this.moved = false;
    this.cost += (cost - this.cost) * weight;
    const cores = this.coreCount();
    const due = this.share * cores;
    if (now - this.since < beginning) this.excessAtFirst = Math.max(0, this.time - due * (now - this.since));
    const owed = Math.max(0, this.time - due * (now - this.since));
    const fromBeginning = Math.min(owed, this.excessAtFirst);
    const period = this.periodFor(
      cores,
      1 + fromBeginning / (due * repayment.beginning) + (owed - fromBeginning) / (due * repayment.usual),
    );
    if (period === this.shortest || Math.abs(period - this.period) > tolerance * this.period) this.period = period;
  }

  /** Leaves the program's core, for what takes longer than a look. */
  leave(): void {
    this.place.leave();
  }

  /** No longer goes before others, until `settle`: what comes takes long. */
  lineUp(): void {
    this.place.lineUp();
  }

  /** Goes to a core on which some thread ran lately, to sleep there until the next look. */
  settle(now: number): void {
    if (this.count === 0 || now - this.since < warmUp) return;
    const core = this.cores[this.choose()]!;
    if (core < 0) return;
    const isThere = core === this.place.core;
    if (this.place.moveTo(core)) {
      if (!isThere) this.moved = true;
      this.refused = -1;
    } else {
      this.refused = core;
    }
  }

  /**
   * Which sighting to follow. One thread is followed where it goes; of several one is drawn, as who is followed because it ran
   * just now is seen too seldom right after it began to.
   */
  private choose(): number {
    const last = (this.next + sightings - 1) % sightings;
    for (let i = 0; i < this.count; i++) if (this.threads[i] !== this.threads[last]) return Math.floor(this.random() * this.count);
    return last;
  }

  private coreCount(): number {
    let count = 0;
    for (let i = 0; i < this.count; i++) {
      let isNew = true;
      for (let j = 0; j < i; j++) if (this.cores[j] === this.cores[i]) isNew = false;
      if (isNew) count++;
    }
    return Math.max(1, count);
  }

  /** µs between two looks, of which each takes time from one of so many cores. */
  private periodFor(cores: number, factor = 1): number {
    const due = (factor * this.cost) / cores;
    const longest = Math.max(longestPeriod, due / Math.max(this.share, mostForPicture));
    const least = (this.often * this.costOfOne) / Math.max(atFirst.shares * this.share, atFirst.atLeast) / cores;
    return Math.max(this.shortest, least, Math.min(longest, due / this.share));
  }
}
