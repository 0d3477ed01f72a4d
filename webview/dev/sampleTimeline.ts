import type { LaneItem, TimelineMessage, TimelineQueryMessage } from '../messages.ts';

/** Parts of a thread's time that do something of their own, at each depth of calls twice as many. */
const FIRST_PARTS = 6;
const DEEPEST = 14;

/**
 * What made-up threads did, the same whenever it is asked: each part of the time calls something, and its parts call something else,
 * down to the column.
 * @param functions how many there are to call
 */
export function sampleTimeline(
  { number, range: asked, columns, threads, open }: TimelineQueryMessage,
  until: number,
  functions: number,
): TimelineMessage {
  const range = asked ?? { start: 0, end: until };
  const perColumn = (range.end - range.start) / columns;
  const lanes = threads.map((thread): LaneItem => {
    const band = (part: (state: State) => number): Uint8Array =>
      Uint8Array.from({ length: columns }, (_, column) => part(stateAt(thread, (range.start + (column + 0.5) * perColumn) / until)));
    return {
      thread,
      bands: {
        onCpu: band(({ onCpu }) => onCpu),
        ready: band(({ ready }) => ready),
        waiting: band(({ onCpu, ready }) => 255 - onCpu - ready),
        holdsGil: band(({ gil }) => gil),
        collectsGarbage: band(({ collecting }) => collecting),
      },
      boxes: open.includes(thread) ? boxesOf(thread, range.start, perColumn, columns, until, functions) : null,
    };
  });
  return { type: 'timeline', number, until, range, columns, lanes };
}

interface State {
  readonly onCpu: number;
  readonly ready: number;
  readonly gil: number;
  readonly collecting: number;
}

function stateAt(thread: number, share: number): State {
  const busy = hash(thread, 40, Math.floor(share * 40));
  const fine = hash(thread, 600, Math.floor(share * 600));
  const onCpu = busy < 0.35 ? Math.round(20 * fine) : Math.round(130 + 125 * fine);
  const ready = busy > 0.8 ? Math.round((255 - onCpu) * 0.8) : 0;
  return { onCpu, ready, gil: Math.round(onCpu * 0.9), collecting: fine > 0.93 && busy > 0.35 ? Math.round(onCpu * 0.6) : 0 };
}

function boxesOf(thread: number, start: number, perColumn: number, columns: number, until: number, functions: number): LaneItem['boxes'] {
  const [row, from, to, func]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let depth = 0; depth < DEEPEST; depth++) {
    const parts = FIRST_PARTS * 2 ** depth;
    const partOf = (column: number): number => Math.floor(((start + (column + 0.5) * perColumn) / until) * parts);
    for (let column = 0; column < columns;) {
      const part = partOf(column);
      let end = column + 1;
      while (end < columns && partOf(end) === part) end++;
      // Calls that go deep are rare.
      if (Array.from({ length: depth + 1 }, (_, above) => hash(thread, depth - above, part >> above)).every((chance) => chance < 0.9)) {
        row.push(depth);
        from.push(column);
        to.push(end);
        func.push(Math.floor(hash(thread, depth + 100, part) * functions));
      }
      column = end;
    }
  }
  return { row: Uint16Array.from(row), from: Uint16Array.from(from), to: Uint16Array.from(to), func: Uint32Array.from(func) };
}

/** 0 to 1, the same for the same numbers. */
function hash(a: number, b: number, c: number): number {
  let value = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 7, 0x85ebca6b) ^ Math.imul(c + 13, 0xc2b2ae35);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32;
}
