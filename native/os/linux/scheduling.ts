import { addressOf, libc } from './libc.ts';

/** x86-64 */
const SCHED_SETATTR = 314;
// linux/sched.h
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const SCHED_FLAG_RESET_ON_FORK = 1;
/** Bytes of the first version of struct sched_attr (linux/sched/types.h). */
const attributesLength = 48;
/** ns: the shortest turns that Linux gives (sched_setattr(2), from 6.12 on). */
const shortestSlice = 100_000n;

/**
 * When the calling thread gets a core: as any other, but for short turns and sooner for that, or before all ordinary programs. The
 * latter needs the right to (CAP_SYS_NICE, or RLIMIT_RTPRIO: sched(7)).
 */
export class Scheduling {
  private readonly c = libc();
  private readonly ordinary = attributes(SCHED_OTHER, 0, shortestSlice);
  private readonly first = attributes(SCHED_FIFO, 1, 0n);
  private readonly ordinaryAddress = addressOf(this.ordinary);
  private readonly firstAddress = addressOf(this.first);
  private isRefused = false;
  private isFirst = false;

  askForShortSlices(): void {
    this.c.syscall(SCHED_SETATTR, 0, this.ordinaryAddress, 0);
  }

  /** Goes before all ordinary programs, if it may. */
  goFirst(): void {
    if (this.isRefused || this.isFirst) return;
    this.isFirst = this.c.syscall(SCHED_SETATTR, 0, this.firstAddress, 0) === 0;
    this.isRefused = !this.isFirst;
  }

  /** Goes on as any other. */
  lineUp(): void {
    if (!this.isFirst) return;
    this.isFirst = false;
    this.askForShortSlices();
  }
}

/** A struct sched_attr. What the thread may start is scheduled as any other. */
function attributes(policy: number, priority: number, slice: bigint): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(attributesLength));
  view.setUint32(0, attributesLength, true);
  view.setUint32(4, policy, true);
  view.setUint32(8, SCHED_FLAG_RESET_ON_FORK, true);
  view.setUint32(20, priority, true);
  view.setBigUint64(24, slice, true);
  return view.buffer;
}
