import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Histogram, Schedule } from './schedule.ts';

describe('Schedule', () => {
  it('gives one deadline per period, each within a quarter period of its place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer(), fc.double({ min: 0, max: 1e9, noNaN: true }), (rate, seed, start) => {
        const schedule = new Schedule(rate, start, seed);
        const period = 1e6 / rate;
        let now = start;
        for (let tick = 0; tick < 50; tick++) {
          const due = schedule.next(now);
          const place = start + (tick + 0.5) * period;
          assert(Math.abs(due - place) <= period * 0.25 + 1e-6 * place, `tick ${tick} at ${due}, not ${place}`);
          now = Math.max(now, due);
        }
        assert.equal(schedule.missed, 0);
      }),
    );
  });

  it('spreads deadlines, never in step with the target', () => {
    const schedule = new Schedule(1000, 0, 1);
    const shifts: number[] = [];
    for (let tick = 0, now = 0; tick < 2000; tick++) shifts.push((now = schedule.next(now)) - (tick + 0.5) * 1000);
    const mean = shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length;
    const deviation = Math.sqrt(shifts.reduce((sum, shift) => sum + (shift - mean) ** 2, 0) / shifts.length);
    // Even over ±250 µs: mean 0 ± 3.2 (one standard error), deviation 144.
    assert(Math.abs(mean) < 16, `mean ${mean}`);
    assert(deviation > 130 && deviation < 160, `deviation ${deviation}`);
  });

  it('skips deadlines that are over and counts them, so that lateness does not add up', () => {
    const schedule = new Schedule(1000, 0, 7);
    schedule.next(0);
    const due = schedule.next(10_300);
    assert(due > 10_000 && due < 11_000, `due ${due}`);
    assert.equal(schedule.missed, 9);
    let ticks = 0;
    for (let now = due; now < 1e6; ticks++) now = schedule.next(now);
    assert(ticks > 985 && ticks <= 991, `${ticks} ticks`);
    assert.equal(schedule.missed, 9);
  });
});

describe('Histogram', () => {
  it('gives quantiles to within a quarter octave', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 300 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (values, fraction) => {
        const histogram = new Histogram();
        for (const value of values) histogram.add(value);
        const sorted = values.toSorted((a, b) => a - b);
        const truth = sorted[Math.ceil(fraction * sorted.length) - 1]!;
        const found = histogram.quantile(fraction);
        assert(found >= Math.min(truth, 1) * 0.999 && found >= truth * 0.999 && found <= Math.max(1, truth * 2 ** 0.25) * 1.001, `${found} for ${truth}`);
        assert.equal(histogram.maximum, sorted.at(-1));
      }),
    );
  });

  it('says 0 when it is empty', () => {
    assert.equal(new Histogram().quantile(0.5), 0);
  });
});
