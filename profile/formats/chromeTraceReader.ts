import { ProfileFormatError } from '../profileFormatError.ts';
import type { ProfileReader } from './format.ts';
import { bad, finite, type JsonObject, list, mapped, object, text } from './json.ts';
import { JsonReader, type Shape } from './jsonReader.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

const shape: Shape = {
  traceEvents: { ph: true, name: true, pid: true, tid: true, ts: true, dur: true, args: { filename: true, line: true, name: true } },
};

const OPEN_LIST = 0x5b;
const encoder = new TextEncoder();

interface TraceThread {
  readonly id: number;
  readonly open: { readonly name: string; readonly stack: number }[];
  /** µs */
  last: number;
}

/** A complete event (X). */
interface Complete {
  readonly event: JsonObject;
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads Chrome's trace events, of any number of threads: beginnings and ends (B, E) of frames, as py-spy and Heatline write them, and
 * complete ones (X), as VizTracer does, by which functions are `name (file:line)`.
 */
export class ChromeTraceReader implements ProfileReader {
  readonly #json = new JsonReader(shape);
  #isList: boolean | undefined;

  push(bytes: Uint8Array): void {
    if (this.#isList === undefined) {
      const first = bytes.find((byte) => byte > 0x20);
      if (first === undefined) return;
      this.#isList = first === OPEN_LIST;
      // The format has two forms: a list of events, and an object with such a list.
      if (this.#isList) this.#json.push(encoder.encode('{"traceEvents":'));
    }
    this.#json.push(bytes);
  }

  end(): SavedProfile {
    if (this.#isList === true) this.#json.push(encoder.encode('}'));
    const events = mapped(list(object(this.#json.end(), 'the file')['traceEvents'], 'traceEvents'), (value, i) =>
      object(value, `traceEvents[${i}]`),
    );
    return new TraceEvents(events).profile();
  }
}

class TraceEvents {
  readonly #builder = new ProfileBuilder();
  readonly #events: readonly JsonObject[];
  readonly #names = new Map<string, string>();
  readonly #processes = new Map<string, number>();
  readonly #threads = new Map<string, TraceThread>();

  constructor(events: readonly JsonObject[]) {
    this.#events = events;
  }

  profile(): SavedProfile {
    for (const [i, event] of this.#events.entries()) if (event['ph'] === 'M') this.#metadata(event, `traceEvents[${i}]`);
    const complete = new Map<TraceThread, Complete[]>();
    for (const [i, event] of this.#events.entries()) {
      if (event['ph'] === 'B' || event['ph'] === 'E') this.#event(event, `traceEvents[${i}]`);
      else if (event['ph'] === 'X') this.#complete(event, `traceEvents[${i}]`, complete);
    }
    if (this.#threads.size === 0)
      throw new ProfileFormatError('This trace has no beginnings and ends of frames (B, E), and no complete ones (X).');
    for (const [thread, events] of complete) this.#nested(thread, events);
    return this.#builder.end();
  }

  #metadata(event: JsonObject, path: string): void {
    const { args } = event;
    if (args === undefined) return;
    const { name } = object(args, `${path}.args`);
    if (typeof name !== 'string') return;
    if (event['name'] === 'process_name') this.#names.set(`p${id(event['pid'], `${path}.pid`)}`, name);
    if (event['name'] === 'thread_name') this.#names.set(`t${id(event['pid'], `${path}.pid`)} ${id(event['tid'], `${path}.tid`)}`, name);
  }

  #event(event: JsonObject, path: string): void {
    const thread = this.#thread(id(event['pid'], `${path}.pid`), id(event['tid'], `${path}.tid`));
    const at = finite(event['ts'], `${path}.ts`);
    const top = thread.open.at(-1);
    if (top !== undefined) {
      if (at < thread.last) bad(`${path}.ts`, 'is before the event before it of the same thread');
      if (at > thread.last) this.#builder.run(thread.id, top.stack, thread.last, at - thread.last);
    }
    thread.last = at;
    if (event['ph'] === 'B') {
      const name = text(event['name'], `${path}.name`);
      const { filename, line } = event['args'] === undefined ? {} : object(event['args'], `${path}.args`);
      const frame = this.#builder.frame(name, typeof filename === 'string' ? filename : '', lineOf(line));
      thread.open.push({ name, stack: this.#builder.stack(top?.stack ?? 0, frame) });
    } else if (top === undefined) {
      bad(path, 'ends what did not begin');
    } else {
      if (typeof event['name'] === 'string' && event['name'] !== top.name) bad(path, 'ends a frame that is not the innermost one');
      thread.open.pop();
    }
  }

  #complete(event: JsonObject, path: string, complete: Map<TraceThread, Complete[]>): void {
    const start = finite(event['ts'], `${path}.ts`);
    const length = event['dur'] === undefined ? 0 : finite(event['dur'], `${path}.dur`);
    if (length < 0) bad(`${path}.dur`, 'is negative');
    const thread = this.#thread(id(event['pid'], `${path}.pid`), id(event['tid'], `${path}.tid`));
    const events = complete.get(thread) ?? [];
    complete.set(thread, events);
    events.push({ event, path, start, end: start + length });
  }

  /** Complete events come when they end. Those of one thread lie within each other; what sticks out by rounding is cut. */
  #nested(thread: TraceThread, events: Complete[]): void {
    events.sort((a, b) => a.start - b.start || b.end - a.end);
    const open: { readonly end: number; readonly stack: number }[] = [];
    let last = 0;
    const until = (time: number): void => {
      for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
        const end = Math.min(top.end, time);
        if (end > last) this.#builder.run(thread.id, top.stack, last, end - last);
        last = Math.max(last, end);
        if (top.end > time) return;
        open.pop();
      }
    };
    for (const { event, path, start, end } of events) {
      until(start);
      const top = open.at(-1);
      if (top === undefined) last = start;
      const name = text(event['name'], `${path}.name`);
      const { func, file, line } = placeIn(name);
      const frame = this.#builder.frame(func, file, line, line);
      open.push({ end: Math.min(end, top?.end ?? Infinity), stack: this.#builder.stack(top?.stack ?? 0, frame) });
    }
    until(Infinity);
  }

  #thread(pid: string, tid: string): TraceThread {
    const key = `${pid} ${tid}`;
    let thread = this.#threads.get(key);
    if (thread === undefined) {
      let process = this.#processes.get(pid);
      if (process === undefined) {
        process = this.#builder.process({ pid: Math.trunc(numberOr0(pid)), name: this.#names.get(`p${pid}`) ?? '' });
        this.#processes.set(pid, process);
      }
      const name = this.#names.get(`t${key}`) ?? '';
      // py-spy's numbers of threads are Python's.
      const osThreadId = Number(tid) < 2 ** 31 ? Math.trunc(numberOr0(tid)) : 0;
      const isMain = name === 'MainThread';
      thread = { id: this.#builder.thread({ process, name, osThreadId, pythonThreadId: tid, isMain }), open: [], last: 0 };
      this.#threads.set(key, thread);
    }
    return thread;
  }
}

/** What VizTracer calls a function: `name (file:line)`, with the line where it begins. */
function placeIn(name: string): { readonly func: string; readonly file: string; readonly line: number } {
  const bracket = name.indexOf(' (');
  const colon = name.lastIndexOf(':');
  const line = lineOf(Number(name.slice(colon + 1, -1)));
  if (bracket < 1 || colon < bracket || line === 0 || !name.endsWith(')')) return { func: name, file: '', line: 0 };
  return { func: name.slice(0, bracket), file: name.slice(bracket + 2, colon), line };
}

function numberOr0(text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

function lineOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}

function id(value: unknown, path: string): string {
  if (typeof value !== 'number' && typeof value !== 'string') bad(path, 'is neither a number nor a text');
  return String(value);
}
