import { openSync } from 'node:fs';
import { addressOf, libc } from './libc.ts';

const newline = 0x0a;
const blank = 0x20;
const zero = 0x30;

/**
 * The id the kernel gave out last: the last field of /proc/loadavg (loadavg_proc_show, fs/proc/loadavg.c). It counts our own pid
 * namespace, in which processes of the namespaces below have an id, too. Costs 1 µs, through a file that stays open as long as
 * our thread lives.
 */
export class LastCreatedId {
  private readonly c = libc();
  private readonly buffer = new ArrayBuffer(64);
  private readonly bytes = new Uint8Array(this.buffer);
  private readonly address = addressOf(this.buffer);
  /** −1: not opened yet. */
  private fd = -1;
  private isThere = true;

  /** @returns 0 where it can't be had */
  read(): number {
    if (this.fd < 0 && !this.open()) return 0;
    const { bytes } = this;
    const length = this.c.pread(this.fd, this.address, bytes.length, 0);
    let at = length - 1;
    if (at >= 0 && bytes[at] === newline) at--;
    let value = 0;
    for (let scale = 1; at >= 0 && bytes[at] !== blank; at--, scale *= 10) {
      const digit = bytes[at]! - zero;
      if (!(digit >= 0 && digit <= 9)) return 0;
      value += digit * scale;
    }
    return at < 0 ? 0 : value;
  }

  private open(): boolean {
    if (!this.isThere) return false;
    try {
      // By fs, which closes it when the worker thread that opened it ends.
      this.fd = openSync('/proc/loadavg', 'r');
    } catch {
      this.isThere = false;
    }
    return this.isThere;
  }
}
