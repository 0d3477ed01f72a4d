import type { Profile } from './profile.ts';

/** Samples are not evenly spaced: runs whose gap is below this many usual spaces follow each other without one where they are drawn. */
const largestJitter = 2;
/** Usual time between samples where none was asked for, µs. */
const usualSpacing = 1000;

/** µs: gaps between a thread's runs up to this are none where runs are drawn. */
export function closedGap({ quality: { requestedRate } }: Profile): number {
  return largestJitter * (requestedRate > 0 ? 1e6 / requestedRate : usualSpacing);
}

/**
 * When (µs) a run begins where it is drawn: at its start, or where the one before it ends if it would overlap that, or the gap between them
 * is none.
 * @param before where the thread's run before it ends, where that is drawn; -Infinity: it is the first one
 */
export function placedStart(start: number, before: number, gap: number): number {
  return start > before + gap ? start : Math.max(0, before);
}
