import assert from 'node:assert/strict';
import type { LaneBands, LaneBoxes } from '../../../profile/timeline/lane.ts';
import type { TimelineQueryMessage } from '../../messages.ts';
import { BAND_PIXELS, blend, boxAt, FIRST_BOX_LINE, linesOf, paintBands, paintBoxes, type LaneColors } from './laneImage.ts';
import { contentHeight, laneRows, RULER_HEIGHT, rowsBetween } from './laneRows.ts';
import { type KnownLane, type KnownPart, nextQuestion } from './questions.ts';

const COLORS: LaneColors = { onCpu: 1, collectsGarbage: 2, ready: 3, waiting: 4, holdsGil: 0x50, background: 0 };

function bandsOf(part: Partial<LaneBands>): LaneBands {
  const none = Uint8Array.of(0);
  return { onCpu: none, ready: none, waiting: none, holdsGil: none, collectsGarbage: none, ...part };
}

/** From the bottom. */
function painted(part: Partial<LaneBands>): number[] {
  const pixels = new Uint32Array(FIRST_BOX_LINE);
  paintBands(bandsOf(part), 1, COLORS, pixels);
  return [...pixels.subarray(0, BAND_PIXELS)].reverse();
}

describe('The picture of a lane', () => {
  it('is as high as the shares of what the thread did, garbage collection first', () => {
    const pixels = painted({
      onCpu: Uint8Array.of(128),
      collectsGarbage: Uint8Array.of(32),
      ready: Uint8Array.of(64),
      waiting: Uint8Array.of(63),
    });
    assert.deepEqual(pixels, [2, 2, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 4, 4, 4, 4]);
    assert.deepEqual(new Set(painted({})), new Set([0]));
  });

  it('shows what there was hardly any of, and never more than there is room for', () => {
    assert.deepEqual(painted({ onCpu: Uint8Array.of(1) }).slice(0, 2), [1, 0]);
    const full = Uint8Array.of(255);
    assert.deepEqual(new Set(painted({ onCpu: full, ready: full, waiting: full })), new Set([1]));
  });

  it('has a stripe as strong as the share for which the GIL was held', () => {
    const pixels = new Uint32Array(FIRST_BOX_LINE);
    paintBands(bandsOf({ holdsGil: Uint8Array.of(51) }), 1, COLORS, pixels);
    assert.equal(pixels[BAND_PIXELS], 0x10);
    assert.equal(blend(0xff000000, 0xffff8040, 0.5), 0xff804020);
  });

  it('has a line for each row of calls, faded where the thread mostly waited', () => {
    const boxes: LaneBoxes = {
      row: Uint16Array.of(0, 1),
      from: Uint16Array.of(0, 1),
      to: Uint16Array.of(6, 3),
      func: Uint32Array.of(10, 11),
    };
    const bands = { onCpu: Uint8Array.of(9, 9, 0, 0, 0, 0), ready: new Uint8Array(6), waiting: Uint8Array.of(0, 9, 9, 9, 9, 9) };
    const pixels = new Uint32Array(6 * linesOf(boxes));
    paintBoxes(boxes, bandsOf(bands), 6, 77, (func, faded) => (faded ? -1 : 1) * func + 100, pixels);
    assert.deepEqual([...pixels.subarray(6 * FIRST_BOX_LINE)], [110, 110, 90, 90, 90, 77, 0, 111, 89, 0, 0, 0]);
    assert.deepEqual([boxAt(boxes, 1, 2), boxAt(boxes, 1, 3), boxAt(boxes, 0, 5)], [1, -1, 0]);
  });
});

describe('The lanes', () => {
  const thread = (process: number): { process: number; name: string; osThreadId: number; startedAt: number; endedAt: null } => ({
    process,
    name: 'x',
    osThreadId: 1,
    startedAt: 0,
    endedAt: null,
  });
  const process = { pid: 1, name: 'app', pythonVersion: '3.14', startedAt: 0 };

  it('are those of each process together, below its name where there are several', () => {
    const rows = laneRows({ type: 'participants', processes: [process, process], threads: [thread(0), thread(1), thread(0)] }, () => 0);
    assert.deepEqual(
      rows.map(({ kind, id }) => `${kind} ${id}`),
      ['process 0', 'thread 0', 'thread 2', 'process 1', 'thread 1'],
    );
    const one = laneRows({ type: 'participants', processes: [process], threads: [thread(0)] }, () => 0);
    assert.deepEqual(
      one.map(({ kind }) => kind),
      ['thread'],
    );
  });

  it('are as high as what they show, and found by where they are', () => {
    const threads = Array.from({ length: 300 }, () => thread(0));
    const rows = laneRows({ type: 'participants', processes: [process], threads }, (id) => (id === 1 ? 10 : 0));
    assert.equal(rows[0]!.top, RULER_HEIGHT);
    assert.ok(rows[1]!.height > rows[0]!.height + 100);
    rows.forEach((row, at) => assert.equal(row.top + row.height, rows[at + 1]?.top ?? contentHeight(rows)));
    for (const [top, bottom] of [
      [0, 50],
      [500, 900],
      [5000, 99_999],
      [-9, -1],
    ] as const)
      assert.deepEqual(
        rowsBetween(rows, top, bottom),
        rows.filter((row) => row.top < bottom && row.top + row.height > top),
      );
  });
});

describe('What the time line asks', () => {
  const UNTIL = 1e6;
  const part = (start: number, end: number, more: Partial<KnownPart> = {}): KnownPart => ({
    range: { start, end },
    columns: 1000,
    hasBoxes: false,
    version: 1,
    ...more,
  });
  const whole = part(0, UNTIL);
  type Asked = Omit<TimelineQueryMessage, 'type' | 'number'> | undefined;
  const asked = (
    lanes: Record<number, Partial<KnownLane>>,
    view: { start: number; end: number },
    open: number[] = [],
    version = 1,
  ): Asked =>
    nextQuestion({ view, until: UNTIL, pixels: 1000, threads: Object.keys(lanes).map(Number), open: new Set(open), version }, (thread) => ({
      whole: undefined,
      detail: undefined,
      ...lanes[thread],
    }));
  const everything = { start: 0, end: UNTIL };
  const zoomed = { start: 400_000, end: 500_000 };

  it('is what is not known, all of the time first', () => {
    assert.deepEqual(asked({ 0: {}, 1: { whole }, 2: {} }, zoomed, [2]), { range: null, columns: 1000, threads: [0, 2], open: [2] });
    assert.equal(asked({ 0: { whole } }, everything), undefined);
  });

  it('is a closer look, and some around it, where the view is narrower', () => {
    const question = asked({ 0: { whole }, 1: { whole, detail: part(390_000, 510_000) } }, zoomed);
    assert.deepEqual(question, { range: { start: 350_000, end: 550_000 }, columns: 2000, threads: [0], open: [] });
    assert.equal(asked({ 0: { whole, detail: part(350_000, 550_000, { columns: 2000 }) } }, zoomed), undefined);
    assert.notEqual(asked({ 0: { whole, detail: part(410_000, 510_000) } }, zoomed), undefined, 'part of the view is out of it');
    assert.notEqual(asked({ 0: { whole, detail: part(0, 600_000) } }, zoomed), undefined, 'too coarse');
  });

  it('is asked anew when samples came, and for calls when a lane is opened', () => {
    assert.notEqual(asked({ 0: { whole } }, everything, [], 2), undefined);
    assert.deepEqual(asked({ 0: { whole } }, everything, [0])?.open, [0]);
    assert.equal(asked({ 0: { whole: part(0, UNTIL, { hasBoxes: true }) } }, everything, [0]), undefined);
  });

  it('comes in parts where there are very many lanes, until all is known', () => {
    const lanes: Record<number, Partial<KnownLane>> = Object.fromEntries(Array.from({ length: 300 }, (_, id) => [id, {}]));
    const open = Object.keys(lanes).map(Number);
    let questions = 0;
    for (let question = asked(lanes, everything, open); question !== undefined; question = asked(lanes, everything, open)) {
      for (const thread of question.threads) lanes[thread] = { whole: part(0, UNTIL, { hasBoxes: question.open.includes(thread) }) };
      assert.ok(++questions < 100);
    }
  });
});
