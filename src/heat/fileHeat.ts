import type { LineTime } from '../../profile/lines.ts';

export const LEVELS = 16;
/** The highest level of a line that only waits for what it calls, where colour shows self time. */
const CALLER_LEVELS = 6;
/** Lines below this share of all time stay unmarked: they are noise, and thousands of marks say nothing. */
const SHOWN_SHARE = 0.0005;

/** What colour stands for. */
export type ColorScale = 'self' | 'total';

/** What lines are measured by; all in µs. */
export interface HeatScale {
  readonly colors: ColorScale;
  /** Time of all samples. */
  readonly totalTime: number;
  /** Self and total of the hottest lines of any file. */
  readonly maxSelf: number;
  readonly maxTotal: number;
}

export interface LineHeat extends LineTime {
  /** 1 (faint) to 16 (hottest). */
  readonly level: number;
}

export function heatScale(files: ReadonlyMap<string, readonly LineTime[]>, totalTime: number, colors: ColorScale): HeatScale {
  let maxSelf = 0;
  let maxTotal = 0;
  for (const lines of files.values()) {
    for (const { self, total } of lines) {
      maxSelf = Math.max(maxSelf, self);
      maxTotal = Math.max(maxTotal, total);
    }
  }
  return { colors, totalTime, maxSelf, maxTotal };
}

/**
 * The lines of a file that are worth a mark. Levels go by the square root of the share of the
 * hottest line in the profile, so that a tenth of its heat still shows. Where colour shows self
 * time, lines that only call get one of the six faintest levels by their total.
 */
export function fileHeat(lines: readonly LineTime[], scale: HeatScale): LineHeat[] {
  const heat: LineHeat[] = [];
  const shown = SHOWN_SHARE * scale.totalTime;
  for (const time of lines) {
    if (time.line < 1 || time.total <= 0 || time.total < shown) continue;
    let level: number;
    if (scale.colors === 'total') level = levelOf(time.total, scale.maxTotal, LEVELS);
    else
      level = Math.max(
        time.self < shown ? 1 : levelOf(time.self, scale.maxSelf, LEVELS),
        levelOf(time.total, scale.maxTotal, CALLER_LEVELS),
      );
    heat.push({ ...time, level });
  }
  return heat;
}

function levelOf(time: number, max: number, levels: number): number {
  return max > 0 ? Math.min(levels, Math.max(1, Math.ceil(levels * Math.sqrt(time / max)))) : 1;
}

/** The `count` lines with the most time on the scale, hottest first; equal ones by the other time, then in order. */
export function hottestLines(heat: readonly LineHeat[], count: number, colors: ColorScale): LineHeat[] {
  const other = colors === 'self' ? 'total' : 'self';
  return [...heat].sort((a, b) => b[colors] - a[colors] || b[other] - a[other] || a.line - b.line).slice(0, Math.max(0, count));
}

/** The same lines, counted from elsewhere. */
export function shiftLines(lines: readonly LineTime[], shift: number): readonly LineTime[] {
  return shift === 0 ? lines : lines.map((time) => ({ ...time, line: time.line + shift }));
}

/** Adds up the lines of files that are the same file under several names. */
export function mergeLineTimes(files: readonly (readonly LineTime[])[]): readonly LineTime[] {
  if (files.length === 1) return files[0]!;
  const sums = new Map<number, { line: number; self: number; total: number; samples: number }>();
  for (const { line, self, total, samples } of files.flat()) {
    const sum = sums.get(line) ?? { line, self: 0, total: 0, samples: 0 };
    sums.set(line, { line, self: sum.self + self, total: sum.total + total, samples: sum.samples + samples });
  }
  return [...sums.values()].sort((a, b) => a.line - b.line);
}

/** The line after another, or before it; round at the ends. @param lines that there are, ascending, at least one */
export function nextLine(lines: readonly number[], from: number, by: 1 | -1): number {
  return by === 1 ? (lines.find((line) => line > from) ?? lines[0]!) : (lines.findLast((line) => line < from) ?? lines.at(-1)!);
}

/** Whether a file was changed since a profile was begun. Formats that say no time have 0. @param changedAt, startedAt ms since 1970 */
export function isStale(changedAt: number, startedAt: number): boolean {
  return startedAt > 0 && changedAt > startedAt;
}
