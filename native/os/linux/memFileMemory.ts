import { UnvectoredMemory } from '../../memory/unvectoredMemory.ts';
import type { ProcessMemory } from '../system.ts';
import { libc } from './libc.ts';
import { TargetAddress } from './liveMemory.ts';

const maxAddress = Number.MAX_SAFE_INTEGER;
/** Bytes between two spans that are cheaper to copy along than another call. */
const widestGap = 1024;

/**
 * A process's memory through its /proc/PID/mem, opened before. The rights are checked when that is opened and
 * never again (proc_mem_open and mem_rw, fs/proc/base.c): reading goes on after its reader has given up
 * the rights it took to open it. The file stands for the memory, not the process: when that ends or
 * executes another program, reads give nothing.
 *
 * Measured as LiveMemory is: 8 bytes 0.62 µs, three spans of 1.8 KB together 2.06
 * (process_vm_readv: 0.67 and 1.18), 12 KB 1.26 (0.99).
 */
export class MemFileMemory extends UnvectoredMemory implements ProcessMemory {
  readonly pid: number;
  gone = false;
  private readonly fd: number;
  private readonly c = libc();
  private closed = false;
  private readonly singleTarget = new TargetAddress();
  private readonly planTarget = new TargetAddress();

  /** @param fd of /proc/PID/mem, read-only; closed with this */
  constructor(pid: number, fd: number) {
    super(widestGap);
    this.pid = pid;
    this.fd = fd;
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    if (length === 0) return true;
    // The comparisons are written so that NaN fails them.
    if (!(address > 0 && address <= maxAddress && offset >= 0 && length > 0 && offset + length <= target.byteLength)) return false;
    return this.pread(this.singleTarget.of(target) + offset, length, address) === length;
  }

  /** Whether the process still has this memory: it neither ended nor executed another program. */
  isAlive(): boolean {
    if (!this.closed && !this.gone) this.read(1, probe, 0, 1);
    return !this.closed && !this.gone;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  override close(): void {
    if (this.closed) return;
    this.closed = true;
    this.c.close(this.fd); // not by fs, which warns of files that another thread opened
    super.close();
    this.planTarget.forget();
    this.singleTarget.forget();
  }

  protected copyTo(target: Uint8Array, offset: number, length: number, address: number): number {
    return this.pread(this.planTarget.of(target) + offset, length, address);
  }

  private pread(to: number, length: number, address: number): number {
    if (length === 0 || this.closed || !(address > 0 && address <= maxAddress)) return 0;
    const got = this.c.pread(this.fd, to, length, address);
    // Nothing, and no error (EIO is for what is not mapped): there is no such memory any more.
    if (got === 0) this.gone = true;
    return got < 0 ? 0 : got;
  }
}

const probe = new Uint8Array(1);
