import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Histogram, Schedule } from './schedule.ts';

/**
 * µs by which a deadline may be off its place, as a multiple of the period: half a period each time, of which nine tenths are
 * left the next time.
 */
const furthest = 5;

describe('Schedule', () => {
  it('gives as many deadlines as were asked for, none sooner after the other than it may be', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer(),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (rate, seed, start) => {
          const schedule = new Schedule(rate, start, seed);
          const period = 1e6 / rate;
          let now = start;
          for (let tick = 0; tick < 300; tick++) {
            const due = schedule.next(now);
            const place = start + (tick + 0.5) * period;
            assert(Math.abs(due - place) <= period * furthest + 1e-6 * place, `tick ${tick} at ${due}, not ${place}`);
            now = Math.max(now, due);
          }
          assert.equal(schedule.missed, 0);
        },
      ),
    );
  });

  it('meets what a program does in step with it as often as it takes time', () => {
    const period = 1000;
    // Programs that do one thing for the first 30 % of each round, and another one for the rest, from anywhere on.
    for (const round of [period / 3, period / 2, period, period * 1.001, period * 1.5, period * 2, period * 5]) {
      for (const start of [0, 0.25, 0.6, 0.9]) {
        const schedule = new Schedule(1e6 / period, 0, 12345);
        let first = 0;
        let last = 0;
        for (let tick = 0; tick < 100_000; tick++) {
          const now = Math.max(last, schedule.next(last));
          if ((now / round + start) % 1 < 0.3) first += now - last;
          last = now;
        }
        // One standard error of as many independent samples is 0.0015, and these are correlated where a round takes long.
        const share = first / last;
        assert(Math.abs(share - 0.3) < 0.015, `rounds of ${round} µs from ${start}: ${share}`);
        assert(Math.abs(last / 100_000 - period) < 1, `${last} µs`);
      }
    }
  });

  it('skips deadlines that are over and counts them, so that lateness does not add up', () => {
    const schedule = new Schedule(1000, 0, 7);
    schedule.next(0);
    const due = schedule.next(10_300);
    assert(due > 9800 && due < 10_300 + 500, `due ${due}`);
    assert(schedule.missed >= 8 && schedule.missed <= 10, `${schedule.missed} missed`);
    const { missed } = schedule;
    let ticks = 2;
    for (let now = due; now < 1e6; ticks++) now = schedule.next(now);
    assert(Math.abs(ticks + missed - 1000) <= furthest, `${ticks} ticks`);
    assert.equal(schedule.missed, missed);
  });
});

describe('Histogram', () => {
  it('gives quantiles to within a quarter octave', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, fraction) => {
          const histogram = new Histogram();
          for (const value of values) histogram.add(value);
          const sorted = values.toSorted((a, b) => a - b);
          const truth = sorted[Math.ceil(fraction * sorted.length) - 1]!;
          const found = histogram.quantile(fraction);
          assert(
            found >= Math.min(truth, 1) * 0.999 && found >= truth * 0.999 && found <= Math.max(1, truth * 2 ** 0.25) * 1.001,
            `${found} for ${truth}`,
          );
          assert.equal(histogram.maximum, sorted.at(-1));
        },
      ),
    );
  });

  it('says 0 when it is empty', () => {
    assert.equal(new Histogram().quantile(0.5), 0);
  });
});
