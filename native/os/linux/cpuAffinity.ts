import type { CorePlace } from '../pauses.ts';
import { addressOf, libc } from './libc.ts';
import { Scheduling } from './scheduling.ts';

/** Bytes of a cpu_set_t: 1024 CPUs, sched.h. */
const setLength = 128;

/**
 * Which cores the calling thread may run on, by sched_setaffinity(2): never more than when this was created. It goes before all
 * ordinary programs from then on, if it may: who waits for an instant to see what a program does is to be there at that instant.
 */
export class CpuAffinity implements CorePlace {
  core = -1;
  private readonly c = libc();
  private readonly given = new Uint8Array(setLength);
  private readonly wanted = new Uint8Array(setLength);
  private readonly wantedAddress = addressOf(this.wanted);
  private readonly isKnown: boolean;
  private readonly scheduling = new Scheduling();

  constructor() {
    this.isKnown = this.c.schedGetaffinity(0, setLength, addressOf(this.given)) >= 0;
  }

  moveTo(core: number): boolean {
    this.scheduling.goFirst();
    if (core === this.core) return true;
    const at = core >> 3;
    const bit = 1 << (core & 7);
    if (!this.isKnown || at < 0 || at >= setLength || (this.given[at]! & bit) === 0) return false;
    this.wanted.fill(0);
    this.wanted[at] = bit;
    if (!this.set()) return false;
    this.core = core;
    return true;
  }

  leave(): void {
    const { core, given, wanted } = this;
    if (core < 0) return;
    this.core = -1;
    wanted.set(given);
    wanted[core >> 3]! &= ~(1 << (core & 7));
    // First anywhere else, if there is such a core; then anywhere, which alone would leave the thread where it is.
    if (wanted.some((byte) => byte !== 0)) this.set();
    wanted.set(given);
    this.set();
  }

  lineUp(): void {
    this.scheduling.lineUp();
  }

  private set(): boolean {
    return this.c.schedSetaffinity(0, setLength, this.wantedAddress) === 0;
  }
}
