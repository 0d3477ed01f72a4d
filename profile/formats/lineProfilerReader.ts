import { ProfileFormatError } from '../profileFormatError.ts';
import { ByteCursor, WholeFile } from './binaryFile.ts';
import type { ProfileReader } from './format.ts';
import { isDict, isListValue, isObject, isTuple, PickleReader, type PickleValue } from './pickle.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

/** In which module it is depends on line_profiler's version. */
const isLineStats = (className: string): boolean => /^(?:line_profiler\.)?_?line_profiler LineStats$/.test(className);

/**
 * Reads what line_profiler writes (`kernprof -l`, .lprof): a pickle of LineStats, which has a list of (line, times, time) for each function
 * that was asked for. The time of a line is with all that it called, so functions that call each other count more than once, and there are
 * no stacks: each line is one of its function alone.
 */
export class LineProfilerReader implements ProfileReader {
  readonly #file = new WholeFile();
  readonly #builder = new ProfileBuilder();

  push(bytes: Uint8Array): void {
    this.#file.push(bytes);
  }

  end(): SavedProfile {
    const stats = new PickleReader(new ByteCursor('a file of line_profiler', this.#file.bytes), isLineStats).read();
    if (!isObject(stats)) return fail('it is no LineStats');
    const unit = member(stats.state, 'unit');
    const timings = member(stats.state, 'timings');
    if (typeof unit !== 'number' || !(unit > 0 && unit <= 1)) return fail('its unit of time is none');
    if (!isDict(timings)) return fail('its timings are no dict');
    const builder = this.#builder;
    const thread = builder.thread({ process: builder.process({}), isMain: true });
    const counts: number[] = [];
    let at = 0;
    for (const [key, lines] of timings.dict) {
      const [file, first, name] = isTuple(key) ? key.tuple : [];
      if (typeof file !== 'string' || typeof name !== 'string' || !isLine(first)) return fail('a function has no file, line and name');
      if (!isListValue(lines)) return fail('the lines of a function are no list');
      for (const entry of lines.list) {
        const [line, hits, time] = isTuple(entry) ? entry.tuple : [];
        if (!isLine(line) || typeof time !== 'number') return fail('a line has no number and time');
        const duration = time * unit * 1e6;
        if (!(duration >= 0 && duration < 1e15)) return fail('the time of a line is none');
        if (typeof hits !== 'number' || !(hits >= 0 && hits < 1e15)) return fail('the hits of a line are none');
        const frame = builder.frame(name, file, line, first);
        counts[frame] = (counts[frame] ?? 0) + hits;
        if (duration === 0) continue;
        builder.run(thread, builder.stack(0, frame), at, duration);
        at += duration;
      }
    }
    return { ...builder.end(), exactCounts: { of: 'hits', counts: Float64Array.from(counts, (count) => count) } };
  }
}

/** Whether a file begins as a pickle that is one of line_profiler's. */
export function beginsLineProfiler(start: Uint8Array): boolean {
  return start[0] === 0x80 && new TextDecoder('latin1').decode(start.subarray(0, 200)).includes('LineStats');
}

function member(state: PickleValue, name: string): PickleValue | undefined {
  return isDict(state) ? state.dict.find(([key]) => key === name)?.[1] : undefined;
}

function isLine(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}

function fail(problem: string): never {
  throw new ProfileFormatError(`This is not a file of line_profiler: ${problem}.`);
}
