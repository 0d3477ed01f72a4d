import { MAX_COLUMNS } from '../../../profile/timeline/lane.ts';
import { MAX_LANES, MAX_OPEN_LANES, type TimelineQueryMessage } from '../../messages.ts';
import type { TimeRange } from '../../query.ts';

/** What is known of a lane: of which times, and with boxes or without. */
export interface KnownPart {
  readonly range: TimeRange;
  readonly columns: number;
  readonly hasBoxes: boolean;
  /** Grows whenever other samples count, or more came. */
  readonly version: number;
}

export interface KnownLane {
  /** Of all the time. */
  readonly whole: KnownPart | undefined;
  /** Of what is in view, and some around it. */
  readonly detail: KnownPart | undefined;
}

export interface LanesInView {
  readonly view: TimeRange;
  /** µs: how far time is covered; 0: not known. */
  readonly until: number;
  /** Pixels across the view. */
  readonly pixels: number;
  readonly threads: readonly number[];
  readonly open: ReadonlySet<number>;
  readonly version: number;
}

/** Of the view's length, what is asked for besides at each side, so that moving a little shows no emptiness. */
const MARGIN = 0.5;
/** Times coarser than the view that a part may be. */
const COARSEST = 1.6;

/**
 * What to ask next, or undefined if all that is in view is known well enough: first all of the time, which is what moves are seen on
 * at once, then the part in view in its own columns.
 */
export function nextQuestion(
  lanes: LanesInView,
  known: (thread: number) => KnownLane,
): Omit<TimelineQueryMessage, 'type' | 'number'> | undefined {
  const { view, until, version, threads, open } = lanes;
  const isFit = (part: KnownPart | undefined, thread: number): boolean => part?.version === version && (part.hasBoxes || !open.has(thread));
  const ask = (asked: readonly number[], range: TimeRange | null, columns: number): ReturnType<typeof nextQuestion> => {
    const some = asked.slice(0, MAX_LANES);
    return {
      range,
      columns: Math.min(MAX_COLUMNS, Math.max(1, Math.round(columns))),
      threads: some,
      open: some.filter((thread) => open.has(thread)).slice(0, MAX_OPEN_LANES),
    };
  };
  const unknown = threads.filter((thread) => !isFit(known(thread).whole, thread));
  if (unknown.length > 0) return ask(unknown, null, lanes.pixels);
  const span = view.end - view.start;
  if (until === 0 || span >= until * (1 - 1e-9)) return undefined;
  const isDetailed = (thread: number): boolean => {
    const part = known(thread).detail;
    if (!isFit(part, thread)) return false;
    const { range, columns } = part!;
    const contains = range.start <= view.start && range.end >= view.end;
    return contains && (range.end - range.start) / columns <= (span / lanes.pixels) * COARSEST;
  };
  const coarse = threads.filter((thread) => !isDetailed(thread));
  if (coarse.length === 0) return undefined;
  const range = { start: Math.max(0, view.start - span * MARGIN), end: Math.min(until, view.end + span * MARGIN) };
  return ask(coarse, range, (lanes.pixels * (range.end - range.start)) / span);
}
