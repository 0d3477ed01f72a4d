import type { CutCalls, RunColumns } from '../delta.ts';
import type { Profile } from '../profile.ts';
import type { HeatlineCut } from './firefoxSchema.ts';
import type { JsonObject } from './json.ts';
import { column, finite, index, mapped, object } from './json.ts';
import { Column, type Written } from './jsonPieces.ts';

/** What was cut off stacks, for a file; undefined where nothing was. */
export function writtenCut({ cut: { calls, leaves }, stackCount }: Profile): Written<HeatlineCut> | undefined {
  if (calls.length + leaves.length === 0) return undefined;
  const written = (runs: Profile['runs']): Written<HeatlineCut['calls']> => ({
    length: runs.length,
    threads: new Column(runs.length, (run) => runs.threads[run]!),
    stacks: new Column(runs.length, (run) => runs.stacks[run]! - 1),
    starts: new Column(runs.length, (run) => runs.starts[run]!),
    durations: new Column(runs.length, (run) => runs.durations[run]!),
    counts: new Column(runs.length, (run) => runs.counts[run]!),
    flags: new Column(runs.length, (run) => runs.flags[run]!),
  });
  return { stackCount: stackCount - 1, calls: written(calls), leaves: written(leaves) };
}

/**
 * Reads it back; undefined where the file has none, or the Firefox Profiler saved it again with other stacks. What makes no sense
 * is left to validateDelta.
 * @param value the member `heatline.cut`
 * @param stackCount of the file
 */
export function readCut(value: unknown, stackCount: number): CutCalls | undefined {
  if (value === undefined) return undefined;
  const path = 'heatline.cut';
  const data = object(value, path);
  if (data['stackCount'] !== stackCount) return undefined;
  return {
    calls: readRuns(object(data['calls'], `${path}.calls`), `${path}.calls`),
    leaves: readRuns(object(data['leaves'], `${path}.leaves`), `${path}.leaves`),
  };
}

function readRuns(data: JsonObject, path: string): RunColumns {
  const length = index(data['length'], 2 ** 32, `${path}.length`);
  const numbers = (name: keyof RunColumns): readonly number[] =>
    mapped(column(data[name], length, `${path}.${name}`), (value, i) => finite(value, `${path}.${name}[${i}]`));
  const integers = (name: keyof RunColumns, count: number): readonly number[] =>
    mapped(column(data[name], length, `${path}.${name}`), (value, i) => index(value, count, `${path}.${name}[${i}]`));
  return {
    threads: Uint32Array.from(integers('threads', 2 ** 32)),
    stacks: Uint32Array.from(integers('stacks', 2 ** 32 - 1), (stack) => stack + 1),
    starts: Float64Array.from(numbers('starts')),
    durations: Float64Array.from(numbers('durations')),
    counts: Uint32Array.from(integers('counts', 2 ** 32)),
    cpu: new Float64Array(length),
    flags: Uint8Array.from(integers('flags', 256)),
  };
}
