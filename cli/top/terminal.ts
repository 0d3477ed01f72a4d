import fs from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import { StringDecoder } from 'node:string_decoder';
import { type Key, KeyReader } from './keys.ts';
import type { Size } from './layout.ts';

/** What a terminal tells. */
export interface TerminalListener {
  readonly key: (key: Key) => void;
  /** It has another size, or something else was on it. */
  readonly resized: () => void;
  /** There is no one any more who could press a key. */
  readonly gone: () => void;
}

/** The alternate screen, no cursor, no line breaks of its own; buttons and wheel (1000) in SGR's form (1006): ctlseqs.txt of xterm. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?1000h\u001b[?1006h\u001b[2J';
const leave = '\u001b[?1006l\u001b[?1000l\u001b[?7h\u001b[?25h\u001b[?1049l';
/** A frame is shown whole or not at all, by terminals that know this. */
const frame = { begin: '\u001b[?2026h', end: '\u001b[?2026l' } as const;

/** ms after which the beginning of a sequence was the Escape key. */
const escapeTime = 50;
/** Where it can't be asked for. */
const usualSize: Size = { width: 80, height: 24 };

/** Ends a sequence that was cut off where the terminal took no more (CAN: ECMA-48, and DEC STD 070 on cancelling). */
const cancel = '\u0018';
/** ms in which a terminal that takes nothing may take what gives it back, and how often it is tried. */
const leaving = { pause: 5, tries: 40 } as const;

/**
 * The terminal while the program has all of it. Whatever ends us but SIGKILL, it is as it was before. Written in order and without
 * waiting: a terminal that is slow misses pictures.
 */
export class Terminal {
  readonly #listener: TerminalListener;
  readonly #reader = new KeyReader();
  readonly #decoder = new StringDecoder('utf8');
  #isOpen = false;
  /** Lines that are on it. */
  #shown: readonly string[] = [];
  /** The terminal opened anew, so that not to wait is for us alone, and not for all that have it open. */
  #fd = 1;
  #escape: NodeJS.Timeout | undefined;

  constructor(listener: TerminalListener) {
    this.#listener = listener;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#shown = [];
    process.on('exit', this.#close);
    // Before what went wrong is written, which would be on the screen that we leave.
    process.on('uncaughtExceptionMonitor', this.#close);
    process.on('SIGWINCH', this.#resized);
    this.#fd = openTerminal(fs.constants.O_NONBLOCK) ?? 1;
    this.#write(enter);
    if (!isatty(0)) return;
    process.stdin.setRawMode(true);
    process.stdin.off('error', this.#listener.gone); // of the time before it was suspended
    process.stdin.on('data', this.#read).on('end', this.#listener.gone).on('error', this.#listener.gone).resume();
  }

  /** Gives it back. */
  close(): void {
    this.#close();
  }

  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#escape);
    process.off('exit', this.#close);
    process.off('uncaughtExceptionMonitor', this.#close);
    process.off('SIGWINCH', this.#resized);
    for (let i = 0; i < leaving.tries && !this.#write(`${cancel}${leave}`); i++)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leaving.pause);
    if (this.#fd !== 1) fs.closeSync(this.#fd);
    if (!isatty(0)) return;
    const { stdin } = process;
    stdin.off('data', this.#read).off('end', this.#listener.gone);
    // One for errors stays: a terminal that is gone has them at any time.
    try {
      stdin.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
    stdin.pause();
    stdin.unref();
  };

  /** Stops us as the terminal's Ctrl-Z stops other programs, and goes on with `resized`. */
  suspend(): void {
    this.#close();
    process.once('SIGCONT', () => {
      process.stdin.ref();
      this.open();
      this.#listener.resized();
    });
    process.kill(0, 'SIGTSTP');
  }

  /** Draws all anew next time. */
  forget(): void {
    this.#shown = [];
  }

  get size(): Size {
    const fd = openTerminal();
    if (fd === null) return usualSize;
    try {
      const stream = new WriteStream(fd);
      const { columns: width, rows: height } = stream;
      stream.destroy();
      return width > 0 && height > 0 ? { width, height } : usualSize;
    } catch {
      return usualSize;
    }
  }

  /** Shows lines, each of which fills the width. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const changed = lines.map((line, i) => (line === this.#shown[i] ? '' : `\u001b[${i + 1};1H\u001b[2K${line}`)).join('');
    const isAll = this.#shown.length !== lines.length;
    if (!isAll && changed === '') return;
    const isWhole = this.#write(`${isAll ? cancel : ''}${frame.begin}${isAll ? '\u001b[2J' : ''}${changed}${frame.end}`);
    this.#shown = isWhole ? lines : [];
  }

  /** @returns whether the terminal took all of it; otherwise it may have taken a part */
  #write(text: string): boolean {
    const bytes = Buffer.from(text);
    try {
      return fs.writeSync(this.#fd, bytes) === bytes.length;
    } catch (error) {
      // Who has closed the terminal wants no more tries.
      return !(error instanceof Error && 'code' in error && error.code === 'EAGAIN');
    }
  }

  readonly #read = (piece: Buffer): void => {
    clearTimeout(this.#escape);
    this.#tell(this.#reader.push(this.#decoder.write(piece)));
    if (this.#reader.isWaiting) this.#escape = setTimeout(() => this.#tell(this.#reader.flush()), escapeTime);
  };

  #tell(keys: readonly Key[]): void {
    for (const key of keys) if (this.#isOpen) this.#listener.key(key);
  }

  readonly #resized = (): void => {
    this.forget();
    this.#listener.resized();
  };
}

/** What standard output is, opened once more. @returns null where that can't be: it may be another user's */
function openTerminal(flags = 0): number | null {
  try {
    return fs.openSync('/dev/fd/1', fs.constants.O_WRONLY | fs.constants.O_NOCTTY | flags);
  } catch {
    return null;
  }
}
