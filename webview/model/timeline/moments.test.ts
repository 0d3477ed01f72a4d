import assert from 'node:assert/strict';
import fc from 'fast-check';
import { moment, rangeText, ticks } from './moments.ts';

const labels = (start: number, end: number, most: number): string[] => ticks({ start, end }, most, 'en').map(({ label }) => label);

describe('The ruler of the time line', () => {
  it('has round times, as exact as they have to be', () => {
    assert.deepEqual(labels(0, 10e6, 5), ['0 s', '2 s', '4 s', '6 s', '8 s']);
    assert.deepEqual(labels(1_000_100, 1_000_900, 4), ['1.0002 s', '1.0004 s', '1.0006 s', '1.0008 s']);
    assert.deepEqual(labels(0, 600e6, 10), ['0 s', '1:00', '2:00', '3:00', '4:00', '5:00', '6:00', '7:00', '8:00', '9:00']);
    assert.deepEqual(labels(3_599.5e6, 3_601.5e6, 4), ['59:59.5', '1:00:00.0', '1:00:00.5', '1:00:01.0']);
    assert.deepEqual(labels(0, 40 * 3.6e9, 4), ['0 s', '10:00:00', '20:00:00', '30:00:00']);
  });

  it('never has more than fit, nor any that are not in sight', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), fc.nat(40), (start, span, most) => {
        const range = { start, end: start + span };
        const found = ticks(range, most, 'en');
        assert.ok(found.length <= most + 1);
        assert.ok(found.every(({ time }) => time >= start && time < range.end));
        if (span > 100) assert.equal(new Set(found.map(({ label }) => label)).size, found.length);
      }),
    );
    assert.deepEqual(ticks({ start: 1, end: 1 }, 10, 'en'), []);
  });

  it('carries when it rounds', () => {
    assert.equal(moment(59_999_999, 1e6, 'en'), '1:00');
    assert.equal(moment(119_999_999, 1e5, 'en'), '2:00.0');
    assert.equal(moment(1_500_000, 1e5, 'de'), '1,5 s');
  });

  it('tells ranges as exactly as they are long', () => {
    assert.equal(rangeText({ start: 1_234_567, end: 2_345_678 }, 'en'), '1.23 s – 2.35 s');
    assert.equal(rangeText({ start: 61e6, end: 361e6 }, 'en'), '1:01 – 6:01');
  });
});
