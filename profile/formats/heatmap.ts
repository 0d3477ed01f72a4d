import { lineTimes, type LineTime } from '../lines.ts';
import type { Profile } from '../profile.ts';
import { StackWeights } from '../weights.ts';
import type { WriteOptions } from './format.ts';
import { processName } from './names.ts';

/** A line of a file, with what it took. */
export interface HeatLine {
  readonly line: number;
  /** µs; 0 where it was never seen. */
  readonly self: number;
  readonly total: number;
  /** Undefined where the file's text is not there. */
  readonly text: string | undefined;
}

export interface HeatFile {
  readonly file: string;
  /** µs of all of its lines. */
  readonly self: number;
  /** All lines of its text, or, without one, those that were seen. */
  readonly lines: readonly HeatLine[];
}

/** A profile by lines of source, for people to read. */
export interface Heatmap {
  readonly title: string;
  /** µs of all samples. */
  readonly time: number;
  readonly samples: number;
  /** µs of the line with the most in itself. */
  readonly mostSelf: number;
  /** Those with the most self time first. */
  readonly files: readonly HeatFile[];
}

/** Lines around one that was seen which are shown, too. */
const CONTEXT = 3;

export function heatmap(profile: Profile, { samples = {}, sourceOf = () => undefined }: WriteOptions = {}): Heatmap {
  const weights = new StackWeights(profile, samples);
  const files = [...lineTimes(weights)].map(([file, lines]) => ({
    file,
    self: lines.reduce((sum, { self }) => sum + self, 0),
    lines: withText(lines, sourceOf(file)),
  }));
  files.sort((a, b) => b.self - a.self || (a.file < b.file ? -1 : 1));
  return {
    title: titleOf(profile),
    time: weights.totalTime,
    samples: weights.totalSamples,
    mostSelf: files.reduce((most, { lines }) => lines.reduce((max, { self }) => Math.max(max, self), most), 0),
    files,
  };
}

/** Files of other tools may say nothing of processes. */
function titleOf(profile: Profile): string {
  const known = profile.processes.flatMap(({ name, pid }, id) => (pid > 0 ? processName(profile, id) : name === '' ? [] : name));
  return known.length === 0 ? 'Profile' : known.join(', ');
}

function withText(times: readonly LineTime[], source: string | undefined): HeatLine[] {
  if (source === undefined) return times.map(({ line, self, total }) => ({ line, self, total, text: undefined }));
  const of = new Map(times.map((time) => [time.line, time]));
  const texts = source.split(/\r\n|\r|\n/);
  if (texts.at(-1) === '') texts.pop();
  const lines: HeatLine[] = texts.map((text, i) => {
    const { self, total } = of.get(i + 1) ?? { self: 0, total: 0 };
    return { line: i + 1, self, total, text };
  });
  // The file may have been longer then.
  for (const { line, self, total } of times) if (line > texts.length) lines.push({ line, self, total, text: undefined });
  return lines;
}

/** The lines that are shown: those that were seen and some around them, in runs without gaps. */
export function shownRuns({ lines }: HeatFile): (readonly HeatLine[])[] {
  const runs: HeatLine[][] = [];
  let shownUntil = -1;
  for (const [at, { total }] of lines.entries()) {
    if (total === 0) continue;
    const from = Math.max(shownUntil, at - CONTEXT, 0);
    if (from > shownUntil || runs.length === 0) runs.push([]);
    const until = Math.min(lines.length, at + CONTEXT + 1);
    runs.at(-1)!.push(...lines.slice(from, until));
    shownUntil = until;
  }
  return runs;
}

/** What a file's text is written as: control characters would move a terminal's cursor, or worse. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** µs as ms. */
export function milliseconds(time: number): string {
  return (time / 1000).toFixed(1);
}

export function percent(time: number, { time: all }: Heatmap): string {
  return all === 0 ? '0.0' : ((100 * time) / all).toFixed(1);
}
