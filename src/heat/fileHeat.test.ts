import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isStale, nextLine, fileHeat, heatScale, hottestLines, LEVELS, mergeLineTimes, shiftLines, type ColorScale } from './fileHeat.ts';

const time = (line: number, self: number, total: number): { line: number; self: number; total: number; samples: number } => ({
  line,
  self,
  total,
  samples: total,
});
const scaleOf = (lines: ReturnType<typeof time>[], total: number, colors: ColorScale): ReturnType<typeof heatScale> =>
  heatScale(new Map([['a.py', lines]]), total, colors);

describe('fileHeat', () => {
  const lines = [time(1, 0, 1000), time(2, 600, 600), time(3, 6, 400), time(4, 394, 394), time(5, 0.1, 0.2)];

  it('gives the hottest line the highest level and drops noise', () => {
    const heat = fileHeat(lines, scaleOf(lines, 1000, 'self'));
    assert.deepEqual(
      heat.map(({ line, level }) => [line, level]),
      [
        [1, 6],
        [2, 16],
        [3, 4],
        [4, 13],
      ],
    );
  });

  it('measures by total time when told so', () => {
    const heat = fileHeat(lines, scaleOf(lines, 1000, 'total'));
    assert.deepEqual(
      heat.map(({ line, level }) => [line, level]),
      [
        [1, 16],
        [2, 13],
        [3, 11],
        [4, 11],
      ],
    );
  });

  it('measures a file by the hottest line of all files', () => {
    const scale = heatScale(
      new Map([
        ['a.py', [time(1, 10, 10)]],
        ['b.py', [time(1, 1000, 1000)]],
      ]),
      1010,
      'self',
    );
    assert.equal(fileHeat([time(1, 10, 10)], scale)[0]!.level, 2);
  });

  it('marks nothing before there are samples and no line without a number', () => {
    assert.deepEqual(fileHeat([time(1, 0, 0), time(0, 5, 5)], scaleOf([], 0, 'self')), []);
  });

  it('keeps levels within bounds and rising with time', () => {
    const anyLine = fc.record({
      line: fc.integer({ min: 1, max: 9 }),
      self: fc.double({ min: 0, max: 1e12, noNaN: true }),
      total: fc.double({ min: 0, max: 1e12, noNaN: true }),
      samples: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(anyLine), fc.constantFrom<ColorScale>('self', 'total'), (times, colors) => {
        const heat = fileHeat(
          times,
          scaleOf(
            times,
            times.reduce((sum, { self }) => sum + self, 0),
            colors,
          ),
        );
        assert.ok(heat.every(({ level }) => Number.isInteger(level) && level >= 1 && level <= LEVELS));
        if (colors === 'total')
          assert.deepEqual(
            [...heat].sort((a, b) => a.total - b.total).map(({ level }) => level),
            heat.map(({ level }) => level).sort((a, b) => a - b),
          );
      }),
    );
  });
});

describe('hottestLines', () => {
  it('picks by the time that colours show, then by the other', () => {
    const lines = [time(1, 0, 900), time(2, 5, 5), time(3, 0, 950), time(4, 7, 7)];
    const heat = fileHeat(lines, scaleOf(lines, 1000, 'self'));
    assert.deepEqual(
      hottestLines(heat, 3, 'self').map(({ line }) => line),
      [4, 2, 3],
    );
    assert.deepEqual(
      hottestLines(heat, 2, 'total').map(({ line }) => line),
      [3, 1],
    );
    assert.deepEqual(hottestLines(heat, 0, 'self'), []);
  });
});

describe('shiftLines', () => {
  it('counts lines from elsewhere', () => {
    assert.deepEqual(shiftLines([time(1, 1, 2), time(3, 0, 2)], 1), [time(2, 1, 2), time(4, 0, 2)]);
  });
});

describe('mergeLineTimes', () => {
  it('adds up the same line under two names', () => {
    assert.deepEqual(mergeLineTimes([[time(2, 1, 2)], [time(1, 3, 3), time(2, 4, 5)]]), [time(1, 3, 3), time(2, 5, 7)]);
  });
});

describe('the next hot line', () => {
  it('is below the cursor or above it, and round at the ends', () => {
    const lines = [3, 10, 20];
    assert.deepEqual(
      [0, 3, 9, 20].map((line) => nextLine(lines, line, 1)),
      [3, 10, 10, 3],
    );
    assert.deepEqual(
      [0, 3, 11, 99].map((line) => nextLine(lines, line, -1)),
      [20, 20, 10, 20],
    );
  });
});

describe('a file', () => {
  it('is stale that was changed since its profile was begun, where it is known when that was', () => {
    assert.deepEqual([isStale(2000, 1000), isStale(1000, 2000), isStale(2000, 0)], [true, false, false]);
  });
});
