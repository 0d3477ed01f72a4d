import type { Clock } from '../../os/system.ts';

/** µs from one look for threads that stop late to the next: so large a part of the time for which they have been late, between these. */
const intervals = { shortest: 200, longest: 10_000, part: 1 / 16 };

/**
 * When to look for threads that were told to stop and could not: they stand still from when they can until they are let go. So that this takes
 * little of what they wait for themselves (a disk, a child that `vfork` made), they are looked for the more often the shorter that has been.
 */
export class LateThreads {
  private readonly clock: Pick<Clock, 'monotonic'>;
  private since = -1;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.clock = clock;
  }

  /** Lets those of these processes go that have stopped. @returns µs until that is to be done again; Infinity: there are no others */
  wait(processes: readonly { releaseLate(): boolean }[]): number {
    let areThere = false;
    for (let i = 0; i < processes.length; i++) if (processes[i]!.releaseLate()) areThere = true;
    if (!areThere) {
      this.since = -1;
      return Infinity;
    }
    const now = this.clock.monotonic();
    if (this.since < 0) this.since = now;
    return Math.min(intervals.longest, Math.max(intervals.shortest, (now - this.since) * intervals.part));
  }
}
