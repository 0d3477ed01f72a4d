import type { ProfileReader } from './format.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';
import { TextLines } from './textLines.ts';

/** µs that a sample stands for, as the format does not say it: Heatline's own default. */
const INTERVAL = 1000;

const MAX_COUNT = 0xffff_ffff;

/**
 * Reads collapsed stacks as py-spy, flamegraph.pl's helpers and Heatline write them: root first, `frame;frame count`; and as Python 3.15's
 * profiling.sampling does: `tid:thread;file:function:line;… count`.
 */
export class CollapsedReader implements ProfileReader {
  readonly #builder = new ProfileBuilder();
  readonly #budget = new JsonBudget();
  readonly #lines = new TextLines('a file of collapsed stacks', (line) => this.#line(line));
  readonly #frames = new Map<string, number>();
  readonly #processes = new Map<string, number>();
  readonly #threads = new Map<string, number>();
  /** By thread, µs. */
  readonly #ends: number[] = [];

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): SavedProfile {
    this.#lines.end();
    if (this.#threads.size === 0) this.#threadOf('', undefined);
    return this.#builder.end();
  }

  #line(text: string): void {
    if (text === '' || text.startsWith('#')) return; // flamegraph.pl takes these for comments
    const space = text.lastIndexOf(' ');
    const number = text.slice(space + 1);
    const count = Number(number);
    if (space <= 0 || !/^\d+$/.test(number)) this.#lines.fail('does not end with a space and a number of samples');
    if (count > MAX_COUNT) this.#lines.fail('counts more samples than Heatline can show');
    if (count === 0) return;
    const path = text.slice(0, space);
    const isSampling = SAMPLING_THREAD.test(path);
    const { thread, rest } = isSampling ? this.#samplingOrigin(path) : this.#origin(path);
    let stack = 0;
    if (rest !== '') for (const frame of rest.split(';')) stack = this.#builder.stack(stack, this.#frame(frame, isSampling));
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

  #samplingOrigin(text: string): { readonly thread: number; readonly rest: string } {
    const [all, number] = SAMPLING_THREAD.exec(text)!;
    return { thread: this.#threadOf(`thread (${number!})`, undefined), rest: text.slice(all.length) };
  }

  #processOf(pid: string, name: string, parent: string | undefined): number {
    let id = this.#processes.get(pid);
    if (id === undefined) {
      const above = parent === undefined ? null : (this.#processes.get(parent) ?? null);
      const number = Number(pid);
      if (!Number.isSafeInteger(number)) this.#lines.fail('has a process whose number is none');
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

  #frame(text: string, isSampling: boolean): number {
    const key = isSampling ? `:${text}` : text;
    let id = this.#frames.get(key);
    if (id === undefined) {
      this.#budget.take(cost.text + 2 * text.length);
      const found = (isSampling ? SAMPLING_FRAME : FRAME).exec(text);
      const { name = text, file = '', line = '0' } = found?.groups ?? {};
      const number = Number(line);
      id = number < 2 ** 31 ? this.#builder.frame(name, file === '~' ? '' : file, number) : this.#builder.frame(text, '', 0);
      this.#frames.set(key, id);
    }
    return id;
  }
}

const PROCESS = /^process (\d+):"(.*?)"(?:;|$)/;
const THREAD = /^thread \(([^;()]*)\)(?:: ([^;]*))?(?:;|$)/;
const FRAME = /^(?<name>.*) \((?<file>[^()].*?|)(?::(?<line>\d+))?\)$/;
const SAMPLING_THREAD = /^tid:(\d+)(?:;|$)/;
const SAMPLING_FRAME = /^(?<file>.*):(?<name>[^:]+):(?<line>\d+)$/;

/** Whether a file's beginning is a stack with a number of samples. */
export function beginsCollapsed(start: string, isWhole: boolean): boolean {
  if (start.includes('\u0000')) return false;
  const lines = start.split('\n');
  if (!isWhole) lines.pop();
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#'));
  return first !== undefined && /^[^\s"{[].* \d+\s*$/.test(first);
}
