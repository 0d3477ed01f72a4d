import type { TimeRange } from '../../query.ts';

/** A place on the ruler. */
export interface Tick {
  /** µs since the session's start. */
  readonly time: number;
  readonly label: string;
}

const DECIMAL_STEPS = [1, 2, 5];
/** Seconds and up: steps that clocks have. */
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1e6);

/** Ticks at round times in a range, at most so many (but at least one step apart, so that there may be none). */
export function ticks(range: TimeRange, most: number, language: string): Tick[] {
  const span = range.end - range.start;
  if (!(span > 0) || most < 1) return [];
  const step = roundStep(span / most);
  const result: Tick[] = [];
  for (let count = Math.ceil(range.start / step); count * step < range.end && result.length <= most; count++)
    result.push({ time: count * step, label: moment(count * step, step, language) });
  return result;
}

/** The shortest round step (µs) of at least so much. */
function roundStep(least: number): number {
  const clock = CLOCK_STEPS.find((step) => step >= least);
  if (least > 5e5) return clock ?? 3.6e9 * decimalStep(least / 3.6e9);
  return decimalStep(least);
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (DECIMAL_STEPS.find((step) => step * power >= least * (1 - 1e-9)) ?? 10);
}

/**
 * A time since the session's start, as exactly as steps of so much (µs) ask for: "0.25 s" in the first minute, "1:05.3" in the first
 * hour, "2:01:05" after that.
 */
export function moment(time: number, step: number, language: string): string {
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step / 1e6) - 1e-9)));
  const rounded = Math.round((time / 1e6) * 10 ** digits) / 10 ** digits;
  const number = (value: number, whole: number): string =>
    new Intl.NumberFormat(language, {
      minimumIntegerDigits: whole,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: false,
    }).format(value);
  if (rounded < 60) return `${number(rounded, 1)} s`;
  const minutes = Math.floor(rounded / 60);
  const seconds = number(rounded - minutes * 60, 2);
  return minutes < 60 ? `${minutes}:${seconds}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`;
}

/** A range, as exactly as it is worth: to a hundredth of its length. */
export function rangeText({ start, end }: TimeRange, language: string): string {
  const step = (end - start) / 100;
  return `${moment(start, step, language)} – ${moment(end, step, language)}`;
}
