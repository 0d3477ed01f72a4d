import { SampleFlag } from '../delta.ts';
import type { ProfileReader } from './format.ts';
import { bad, finite, isList, type JsonObject, list, mapped, object, text } from './json.ts';
import { JsonReader, type Shape } from './jsonReader.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

type MutableShape = Record<string, true | Shape>;

const frameShape: MutableShape = { function: true, file_path: true, line_no: true, time: true };
frameShape['children'] = frameShape;

const shape: Shape = { start_time: true, cpu_time: true, target_description: true, frame_records: 'nested', root_frame: frameShape };

/** Frames that pyinstrument makes up: time of the frame around them in which it was in itself, waited, or was left for another task. */
const SELF = '[self]';
const WAITING = new Set(['[await]', '[out-of-context]']);

/**
 * Reads what pyinstrument saves: sessions (`-r session`, .pyisession), which have each sample's stack with lines, and trees (`-r json`), in
 * which each function is at its first line.
 */
export class PyinstrumentReader implements ProfileReader {
  readonly #json = new JsonReader(shape);
  readonly #builder = new ProfileBuilder();
  readonly #threads = new Map<string, number>();
  /** By thread, µs. */
  readonly #ends: number[] = [];
  #process = 0;

  push(bytes: Uint8Array): void {
    this.#json.push(bytes);
  }

  end(): SavedProfile {
    const root = object(this.#json.end(), 'the file');
    const { start_time: start, target_description: target, frame_records: records, root_frame: frame } = root;
    this.#process = this.#builder.process({ name: typeof target === 'string' ? target.replace(/^Program: /, '') : '' });
    if (records !== undefined) this.#records(records);
    else if (frame !== undefined && frame !== null) this.#tree(object(frame, 'root_frame'));
    else if (frame === undefined) bad('the file', 'has neither frame_records nor root_frame');
    if (this.#threads.size === 0) this.#thread('MainThread', '0');
    return this.#builder.end({ startedAtEpoch: typeof start === 'number' && start > 0 && start < 1e11 ? Math.round(start * 1000) : 0 });
  }

  #records(records: unknown): void {
    mapped(list(records, 'frame_records'), (value, i) => {
      const path = `frame_records[${i}]`;
      const record = list(value, path);
      const time = seconds(record.at(1), `${path}[1]`);
      let stack = 0;
      let thread = -1;
      let isWaiting = false;
      mapped(list(record.at(0), `${path}[0]`), (one, depth) => {
        const [name = '', file = '', rest = ''] = text(one, `${path}[0][${depth}]`).split('\u0000');
        if (file === '<thread>') {
          thread = this.#thread(name, /^\d{1,20}/.exec(rest)?.[0] ?? '0');
          return;
        }
        if (WAITING.has(name)) isWaiting = true;
        if (name === SELF || WAITING.has(name)) return;
        // After the line where it begins come what else is known, each after a 1 and begun by a letter: l, the line it is at; c, its class.
        const [first = '', ...more] = rest.split('\u0001');
        const known = (letter: string): string | undefined => more.find((part) => part.startsWith(letter))?.slice(1);
        const className = known('c');
        const frame = this.#builder.frame(
          className === undefined || className === '' ? name : `${className}.${name}`,
          file,
          lineOf(known('l') ?? first),
          lineOf(first),
        );
        stack = this.#builder.stack(stack, frame);
      });
      if (time > 0) this.#run(thread < 0 ? this.#thread('MainThread', '0') : thread, stack, time, isWaiting);
    });
  }

  #tree(root: JsonObject): void {
    const thread = this.#thread('MainThread', '0');
    // Not by functions that call themselves: a hostile file goes deep.
    const open = [{ frame: root, above: 0, path: 'root_frame' }];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const { frame, above, path } = at;
      const name = text(frame['function'], `${path}.function`);
      const { file_path: file, children = [] } = frame;
      let own = seconds(frame['time'], `${path}.time`);
      const isMadeUp = name === SELF || WAITING.has(name);
      const line = lineOf(frame['line_no']);
      const stack = isMadeUp
        ? above
        : this.#builder.stack(above, this.#builder.frame(name, typeof file === 'string' ? file : '', line, line));
      if (!isList(children)) bad(`${path}.children`, 'is not a list');
      const below = mapped(children, (child, i) => ({
        frame: object(child, `${path}.children[${i}]`),
        above: stack,
        path: `${path}.children[${i}]`,
      }));
      for (const child of below) own -= seconds(child.frame['time'], `${child.path}.time`);
      // Times are written with six decimals.
      if (own >= 1) this.#run(thread, stack, own, WAITING.has(name));
      open.push(...below.reverse());
    }
  }

  #run(thread: number, stack: number, time: number, isWaiting: boolean): void {
    const start = this.#ends[thread] ?? 0;
    this.#builder.run(thread, stack, start, time, 1, isWaiting ? 0 : SampleFlag.OnCpu);
    this.#ends[thread] = start + time;
  }

  #thread(name: string, pythonThreadId: string): number {
    const key = `${pythonThreadId} ${name}`;
    let id = this.#threads.get(key);
    if (id === undefined) {
      id = this.#builder.thread({ process: this.#process, name, pythonThreadId, isMain: name === 'MainThread' });
      this.#threads.set(key, id);
    }
    return id;
  }
}

/** In µs. */
function seconds(value: unknown, path: string): number {
  const time = finite(value, path);
  if (time < 0 || time > 1e9) bad(path, 'is no time');
  return time * 1e6;
}

function lineOf(value: unknown): number {
  const line = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof line === 'number' && Number.isInteger(line) && line > 0 && line < 2 ** 31 ? line : 0;
}
