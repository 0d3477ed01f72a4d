import type { ParticipantsMessage } from '../../messages.ts';

/** CSS pixels. */
export const RULER_HEIGHT = 20;
export const BAND_HEIGHT = 18;
/** The stripe of the GIL below the band. */
export const GIL_HEIGHT = 3;
export const BOX_HEIGHT = 16;
const PROCESS_HEIGHT = 20;
/** Below the lane. */
const LANE_GAP = 4;

/** A lane of a thread, or the heading of a process, which has none. */
export interface LaneRow {
  readonly kind: 'process' | 'thread';
  readonly id: number;
  /** CSS pixels from the top of all lanes, the ruler included. */
  readonly top: number;
  readonly height: number;
}

/**
 * Lanes below each other: threads in the order in which they were seen, those of a process together; processes have headings where
 * there are several.
 * @param boxRows rows of boxes that a thread's lane shows
 */
export function laneRows({ processes, threads }: ParticipantsMessage, boxRows: (thread: number) => number): LaneRow[] {
  const rows: LaneRow[] = [];
  let top = RULER_HEIGHT;
  const add = (kind: LaneRow['kind'], id: number, height: number): void => {
    rows.push({ kind, id, top, height });
    top += height;
  };
  const ofProcess = new Map<number, number[]>();
  threads.forEach(({ process }, id) => {
    const own = ofProcess.get(process);
    if (own === undefined) ofProcess.set(process, [id]);
    else own.push(id);
  });
  processes.forEach((_, process) => {
    const own = ofProcess.get(process) ?? [];
    if (processes.length > 1) add('process', process, PROCESS_HEIGHT);
    for (const thread of own) add('thread', thread, BAND_HEIGHT + GIL_HEIGHT + LANE_GAP + boxRows(thread) * BOX_HEIGHT);
  });
  return rows;
}

/** Of all rows, the ruler included. */
export function contentHeight(rows: readonly LaneRow[]): number {
  const last = rows.at(-1);
  return last === undefined ? RULER_HEIGHT : last.top + last.height;
}

/** The rows between two heights. */
export function rowsBetween(rows: readonly LaneRow[], top: number, bottom: number): readonly LaneRow[] {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.top + rows[middle]!.height <= top) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < rows.length && rows[end]!.top < bottom) end++;
  return rows.slice(low, end);
}
