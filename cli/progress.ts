import fs from 'node:fs';
import type { Quality } from '../profile/delta.ts';
import { isTerminal } from './color.ts';

/** Erases the line (ECMA-48's EL) from its start. */
const erase = '\r\x1b[K';

/**
 * A line on a terminal that says how far a recording is. Written without waiting: a terminal that is stopped (Ctrl-S) or slow misses
 * lines, and the thread that hears Ctrl-C never stands still for it.
 */
export class ProgressLine {
  readonly #fd: number;
  readonly #isShown: boolean;
  #writing: Promise<void> | null = null;
  #isThere = false;

  /** @param fd of what may be a terminal */
  constructor(fd: number, wanted: boolean) {
    this.#fd = fd;
    this.#isShown = wanted && isTerminal(fd);
  }

  show(quality: Quality): void {
    if (!this.#isShown || this.#writing !== null) return;
    this.#isThere = true;
    this.#writing = this.#write(`${erase}${progressText(quality)}`);
  }

  /** Makes room for what is said next. */
  async end(): Promise<void> {
    if (!this.#isThere) return;
    this.#isThere = false;
    await this.#writing;
    await this.#write(erase);
  }

  /** Whether it succeeds does not matter: the terminal may be gone. */
  #write(text: string): Promise<void> {
    return new Promise((resolve) =>
      fs.write(this.#fd, text, () => {
        this.#writing = null;
        resolve();
      }),
    );
  }
}

/** Time, samples, looks a second, and what could not be read. */
export function progressText({ elapsed, samples, ticks, lost, partial, missed }: Quality): string {
  const seconds = elapsed / 1e6;
  const rate = seconds > 0 ? Math.round(ticks / seconds) : 0;
  const late = missed === 0 ? '' : `, ${missed} looks missed`;
  return `${seconds.toFixed(0)} s, ${samples} samples, ${rate} looks/s, ${lost} lost, ${partial} not read to their end${late}`;
}
