import { ProfileFormatError } from '../profileFormatError.ts';
import { ByteCursor, WholeFile } from './binaryFile.ts';
import { addStacks } from './callGraph.ts';
import type { ProfileReader } from './format.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import { type MarshalDict, MarshalReader, type MarshalTuple, type MarshalValue } from './marshal.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

interface Entry {
  readonly frame: number;
  readonly calls: number;
  readonly self: number;
  readonly time: number;
  readonly callers: MarshalDict;
}

/**
 * Reads what cProfile, profile and profiling.sampling (3.15) write for pstats: a dict from (file, line, function) to (calls without
 * recursion, calls, self time, time, callers), and callers a dict from the same to four such numbers (cProfile), or to the number of calls
 * (the others). There are no stacks, threads and lines in it: see callGraph.ts.
 */
export class PstatsReader implements ProfileReader {
  readonly #file = new WholeFile();
  readonly #budget = new JsonBudget();
  readonly #builder = new ProfileBuilder();
  #isSampled = false;

  push(bytes: Uint8Array): void {
    this.#file.push(bytes);
  }

  end(): SavedProfile {
    const cursor = new ByteCursor('a file of pstats', this.#file.bytes);
    const root = new MarshalReader(cursor).read();
    if (!isDict(root)) return fail('it is no dict');
    if (!cursor.isAtEnd) cursor.fail('something follows the profile');
    const entries = this.#entries(root);
    const builder = this.#builder;
    const thread = builder.thread({ process: builder.process({}), isMain: true });
    const numbers = new Map([...entries.keys()].map((key, number) => [key, number]));
    const all = [...entries.values()];
    const calls = all.map(() => new Map<number, number>());
    const called = all.map(() => 0);
    for (const [func, { callers, time, calls: count }] of all.entries()) {
      for (const [key, figures] of callers.dict) {
        this.#budget.take(cost.container);
        const caller = numbers.get(keyOf(key)) ?? fail('a caller is no function of it');
        const took = isTuple(figures)
          ? seconds(figures.tuple[3]) // of (calls without recursion, calls, self time, time)
          : count > 0
            ? (time * Math.min(count, number(figures))) / count
            : 0;
        if (caller === func) continue; // within the time of the call that is outermost
        called[func]! += took;
        calls[caller]!.set(func, (calls[caller]!.get(func) ?? 0) + took);
      }
    }
    const functions = all.map(({ frame, self, time: said }, func) => {
      // From 3.12 on, cProfile sees calls of all threads and takes them for one thread's: functions have more time than is in them.
      const time = Math.min(
        said,
        [...calls[func]!.values()].reduce((sum, took) => sum + took, self),
      );
      return { frame, self, time, calls: calls[func]!, uncalled: time - called[func]! };
    });
    addStacks(builder, thread, functions);
    if (this.#isSampled) return builder.end();
    const counts = new Float64Array(all.reduce((most, { frame }) => Math.max(most, frame + 1), 0));
    for (const { frame, calls: count } of all) counts[frame]! += count;
    return { ...builder.end(), exactCounts: { of: 'calls', counts } };
  }

  #entries({ dict }: MarshalDict): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    // profiling.sampling counts each line of a function as one, and marks that with ("__sampled__",): True.
    const isSampled = (this.#isSampled = dict.some(([key]) => isMark(key)));
    for (const [key, value] of dict) {
      if (isMark(key)) continue;
      const [file, line, name] = placeOf(key);
      if (!isTuple(value) || value.tuple.length !== 5) return fail('a function has no five figures');
      const [, calls, self, time, callers] = value.tuple;
      if (callers === undefined || !isDict(callers)) return fail('a function’s callers are no dict');
      this.#budget.take(cost.container + cost.text);
      entries.set(keyOf(key), {
        frame: this.#builder.frame(name, file === '~' ? '' : file, line, isSampled ? 0 : line),
        calls: number(calls),
        self: seconds(self),
        time: seconds(time),
        callers,
      });
    }
    return entries;
  }
}

/** Whether a file begins as marshal's dict does, with a tuple for a key. */
export function beginsPstats(start: Uint8Array): boolean {
  return start.length > 1 && (start[0]! & 0x7f) === 0x7b && ((start[1]! & 0x7f) === 0x28 || (start[1]! & 0x7f) === 0x29);
}

function isDict(value: MarshalValue): value is MarshalDict {
  return typeof value === 'object' && value !== null && 'dict' in value;
}

function isTuple(value: MarshalValue | undefined): value is MarshalTuple {
  return typeof value === 'object' && value !== null && 'tuple' in value;
}

function isMark(key: MarshalValue): boolean {
  return isTuple(key) && key.tuple.length === 1 && key.tuple[0] === '__sampled__';
}

function placeOf(key: MarshalValue): [file: string, line: number, name: string] {
  const [file, line, name] = isTuple(key) && key.tuple.length === 3 ? key.tuple : [];
  if (typeof file !== 'string' || typeof name !== 'string' || typeof line !== 'number')
    return fail('a function has no file, line and name');
  return [file, Number.isInteger(line) && line > 0 && line < 2 ** 31 ? line : 0, name];
}

function keyOf(key: MarshalValue): string {
  const [file, line, name] = placeOf(key);
  return `${line} ${name.length} ${name}${file}`;
}

function number(value: MarshalValue | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : fail('a number of calls is none');
}

/** In µs. A clock that goes back makes cProfile's own times less than nothing. */
function seconds(value: MarshalValue | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e9 ? Math.max(0, value * 1e6) : fail('a time is none');
}

function fail(problem: string): never {
  throw new ProfileFormatError(`This is not a file of pstats: ${problem}.`);
}
