import type { ProfileReader } from './format.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';
import { TextLines } from './textLines.ts';

/** Events whose period is a time, ns. */
const CLOCKS = /^(?:cpu|task)-clock(?::|$)/;

/** µs that a sample stands for where there are too few to tell: perf's own default is 4000 a second. */
const DEFAULT_INTERVAL = 250;

interface Sample {
  readonly thread: number;
  /** µs */
  readonly time: number;
  /** µs it stands for; undefined where its event is no clock. */
  readonly period: number | undefined;
  /** Innermost first. */
  readonly frames: number[];
}

/**
 * Reads what `perf script` prints: a line for each sample, and one for each of its frames, innermost first. With Python's perf trampolines
 * (`-X perf`, 3.12+), functions of Python are among those of C, without lines. A sample stands for its period where that is a time, and else
 * for what most often lies between two of one thread.
 */
export class PerfScriptReader implements ProfileReader {
  readonly #lines = new TextLines('what perf script prints', (line) => this.#line(line));
  readonly #budget = new JsonBudget();
  readonly #builder = new ProfileBuilder();
  readonly #threads = new Map<string, number>();
  readonly #processes = new Map<string, number>();
  readonly #frames = new Map<string, number>();
  readonly #samples: { readonly thread: number; readonly time: number; readonly period: number | undefined; readonly stack: number }[] = [];
  #sample: Sample | undefined;

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): SavedProfile {
    this.#lines.end();
    this.#endSample();
    if (this.#threads.size === 0) this.#builder.thread({ process: this.#builder.process({}) });
    const interval = this.#usualInterval();
    for (const { thread, time, period = interval, stack } of this.#samples) this.#builder.run(thread, stack, time, period);
    return this.#builder.end();
  }

  #line(line: string): void {
    if (line === '') {
      this.#endSample();
      return;
    }
    if (line.startsWith('#')) return;
    if (this.#sample !== undefined && /^\s/.test(line)) {
      const frame = this.#frameOf(line);
      if (frame !== undefined) this.#sample.frames.push(frame);
      else if (!/^\s+[^\s(]+:\d+$/.test(line)) this.#lines.fail('is no frame: an address, a name and in brackets a file were due'); // -F +srcline
      return;
    }
    const header = HEADER.exec(line);
    if (header === null) {
      this.#lines.fail('is no sample: a program’s name, its number, a time, a period and an event were due');
      return;
    }
    this.#endSample();
    const { name = '', first = '', second, time = '', period, event = '', rest = '' } = header.groups ?? {};
    const [pid, tid] = second === undefined ? ['0', first] : [first, second];
    this.#sample = {
      thread: this.#thread(pid, tid, name),
      time: Number(time) * 1e6,
      period: period !== undefined && CLOCKS.test(event) ? Number(period) / 1000 : undefined,
      frames: [],
    };
    // Without -g, the one frame stands on the same line.
    const frame = this.#frameOf(` ${rest}`);
    if (frame !== undefined) this.#sample.frames.push(frame);
  }

  #endSample(): void {
    const sample = this.#sample;
    if (sample === undefined) return;
    this.#sample = undefined;
    let stack = 0;
    for (const frame of sample.frames.reverse()) stack = this.#builder.stack(stack, frame);
    this.#budget.take(cost.container);
    this.#samples.push({ thread: sample.thread, time: sample.time, period: sample.period, stack });
  }

  /** µs: the median of what lies between samples of one thread. */
  #usualInterval(): number {
    const last = new Map<number, number>();
    const gaps: number[] = [];
    for (const { thread, time } of this.#samples) {
      const before = last.get(thread);
      if (before !== undefined && time > before) gaps.push(time - before);
      last.set(thread, time);
    }
    return gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? DEFAULT_INTERVAL;
  }

  /** Of a line with an address, a name and in brackets a binary. */
  #frameOf(line: string): number | undefined {
    const address = /^\s+[0-9a-f]{1,16}\s+/.exec(line);
    const bracket = line.lastIndexOf(' (');
    if (address === null || bracket < address[0].length || !line.endsWith(')')) return undefined;
    return this.#frame(line.slice(address[0].length, bracket), line.slice(bracket + 2, -1));
  }

  #frame(symbol: string, binary: string): number {
    const key = `${symbol.length} ${symbol}${binary}`;
    let id = this.#frames.get(key);
    if (id === undefined) {
      this.#budget.take(cost.text + 2 * key.length);
      const name = symbol.replace(/\+0x[0-9a-f]+$/, '');
      // As Python's perf trampolines name functions (Python/perf_trampoline.c).
      const python = /^py::(.*?):([^:]*)$/s.exec(name);
      id = python === null ? this.#builder.frame(name, binary, 0) : this.#builder.frame(python[1]!, python[2]!, 0);
      this.#frames.set(key, id);
    }
    return id;
  }

  /** @param pid 0: not known, as perf script prints threads' numbers alone unless told (-F +pid) */
  #thread(pid: string, tid: string, name: string): number {
    const key = `${pid} ${tid}`;
    let thread = this.#threads.get(key);
    if (thread === undefined) {
      this.#budget.take(cost.container);
      let process = this.#processes.get(pid);
      if (process === undefined) this.#processes.set(pid, (process = this.#builder.process({ pid: Number(pid), name })));
      thread = this.#builder.thread({ process, osThreadId: Number(tid), name, isMain: pid === tid });
      this.#threads.set(key, thread);
    }
    return thread;
  }
}

const HEADER =
  /^\s*(?<name>\S.{0,63}?)\s+(?<first>\d{1,10})(?:\/(?<second>\d{1,10}))?\s+(?:\[\d+\]\s+)?(?:\S{4,5}\s+)?(?<time>\d{1,12}\.\d+):\s+(?:(?<period>\d{1,15})\s+)?(?<event>[^\s:]\S*):\s*(?<rest>.*)$/;

/** Whether a file's beginning is a sample of perf's. */
export function beginsPerfScript(start: string): boolean {
  const first = start.split('\n', 1000).find((line) => line.trim() !== '' && !line.startsWith('#'));
  return first !== undefined && first.length < 10_000 && HEADER.test(first);
}
