import { ProfileFormatError } from '../profileFormatError.ts';
import type { ProfileReader } from './format.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

/** µs that a sample stands for, as the format does not say it: Heatline's own default. */
const INTERVAL = 1000;

/** Bytes: a stack of ten thousand frames with long paths. */
const MAX_LINE = 4_000_000;

const LINE_FEED = 0x0a;
const MAX_COUNT = 0xffff_ffff;

/** Reads collapsed stacks as py-spy, flamegraph.pl's helpers and Heatline write them: root first, `frame;frame count`. */
export class CollapsedReader implements ProfileReader {
  readonly #builder = new ProfileBuilder();
  readonly #budget = new JsonBudget();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #frames = new Map<string, number>();
  readonly #processes = new Map<string, number>();
  readonly #threads = new Map<string, number>();
  /** By thread, µs. */
  readonly #ends: number[] = [];
  /** The beginning of a line whose end has not come. */
  #rest: Uint8Array[] = [];
  #restLength = 0;
  #lines = 0;

  push(bytes: Uint8Array): void {
    this.#budget.pass(bytes.length);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      this.#line(this.#whole(bytes.subarray(from, end)));
      from = end + 1;
    }
    if (from === bytes.length) return;
    this.#restLength += bytes.length - from;
    if (this.#restLength > MAX_LINE) this.#fail('is longer than Heatline can read', this.#lines + 1);
    this.#rest.push(bytes.slice(from));
  }

  end(): SavedProfile {
    if (this.#restLength > 0) this.#line(this.#whole(new Uint8Array(0)));
    if (this.#threads.size === 0) this.#threadOf('', undefined);
    return this.#builder.end();
  }

  #whole(last: Uint8Array): Uint8Array {
    if (this.#restLength === 0) return last;
    const whole = new Uint8Array(this.#restLength + last.length);
    let at = 0;
    for (const part of [...this.#rest, last]) {
      whole.set(part, at);
      at += part.length;
    }
    this.#rest = [];
    this.#restLength = 0;
    return whole;
  }

  #line(bytes: Uint8Array): void {
    this.#lines++;
    if (bytes.length > MAX_LINE) this.#fail('is longer than Heatline can read');
    let text: string;
    try {
      text = this.#decoder.decode(bytes).trimEnd();
    } catch {
      return this.#fail('is no UTF-8');
    }
    if (text === '' || text.startsWith('#')) return; // flamegraph.pl takes these for comments
    const space = text.lastIndexOf(' ');
    const number = text.slice(space + 1);
    const count = Number(number);
    if (space <= 0 || !/^\d+$/.test(number)) this.#fail('does not end with a space and a number of samples');
    if (count > MAX_COUNT) this.#fail('counts more samples than Heatline can show');
    if (count === 0) return;
    const { thread, rest } = this.#origin(text.slice(0, space));
    let stack = 0;
    if (rest !== '') for (const frame of rest.split(';')) stack = this.#builder.stack(stack, this.#frame(frame));
    const start = this.#ends[thread] ?? 0;
    this.#builder.run(thread, stack, start, count * INTERVAL, count);
    this.#ends[thread] = start + count * INTERVAL;
  }

  /** The processes and the thread that py-spy puts before the frames (`-s`, `-t`). Command lines may have semicolons. */
  #origin(text: string): { readonly thread: number; readonly rest: string } {
    let rest = text;
    let process: string | undefined;
    let thread = '';
    for (let found = PROCESS.exec(rest); found !== null; found = PROCESS.exec(rest)) {
      const parent = process;
      process = found[1]!;
      this.#processOf(process, found[2]!, parent);
      rest = rest.slice(found[0].length);
    }
    const found = THREAD.exec(rest);
    if (found !== null) {
      thread = found[0].replace(/;$/, '');
      rest = rest.slice(found[0].length);
    }
    return { thread: this.#threadOf(thread, process), rest };
  }

  #processOf(pid: string, name: string, parent: string | undefined): number {
    let id = this.#processes.get(pid);
    if (id === undefined) {
      const above = parent === undefined ? null : (this.#processes.get(parent) ?? null);
      const number = Number(pid);
      if (!Number.isSafeInteger(number)) this.#fail('has a process whose number is none');
      id = this.#builder.process({ pid: number, name, parent: above });
      this.#processes.set(pid, id);
    }
    return id;
  }

  #threadOf(text: string, pid: string | undefined): number {
    const key = `${pid ?? ''} ${text}`;
    let id = this.#threads.get(key);
    if (id === undefined) {
      const process = pid === undefined ? (this.#processes.get('') ?? this.#unknownProcess()) : this.#processes.get(pid)!;
      const [, number = '', name = ''] = THREAD.exec(text) ?? [];
      const osThreadId = /^\d{1,15}$/.test(number) ? Number(number) : 0;
      id = this.#builder.thread({
        process,
        osThreadId,
        name: name === '' && text !== '' && osThreadId === 0 ? text : name,
        isMain: name === 'MainThread',
      });
      this.#threads.set(key, id);
    }
    return id;
  }

  #unknownProcess(): number {
    const id = this.#builder.process({});
    this.#processes.set('', id);
    return id;
  }

  #frame(text: string): number {
    let id = this.#frames.get(text);
    if (id === undefined) {
      this.#budget.take(cost.text + 2 * text.length);
      const [, name = text, file = '', line = '0'] = FRAME.exec(text) ?? [];
      const number = Number(line);
      id = number < 2 ** 31 ? this.#builder.frame(name, file, number) : this.#builder.frame(text, '', 0);
      this.#frames.set(text, id);
    }
    return id;
  }

  #fail(problem: string, line = this.#lines): never {
    throw new ProfileFormatError(`This is not a file of collapsed stacks: line ${line} ${problem}.`);
  }
}

const PROCESS = /^process (\d+):"(.*?)"(?:;|$)/;
const THREAD = /^thread \(([^;()]*)\)(?:: ([^;]*))?(?:;|$)/;
const FRAME = /^(.*) \(([^()].*?|)(?::(\d+))?\)$/;

/** Whether a file's beginning is a stack with a number of samples. */
export function beginsCollapsed(start: string, isWhole: boolean): boolean {
  if (start.includes('\u0000')) return false;
  const lines = start.split('\n');
  if (!isWhole) lines.pop();
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#'));
  return first !== undefined && /^[^\s"{[].* \d+\s*$/.test(first);
}
