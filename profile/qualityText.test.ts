import assert from 'node:assert/strict';
import { noStopsReasons, type Quality } from './delta.ts';
import { NO_QUALITY } from './profile.ts';
import { qualityText } from './qualityText.ts';

const text = (figures: Partial<Quality>): string => qualityText({ ...NO_QUALITY, elapsed: 1_000_000, ...figures });

describe('qualityText', () => {
  it('says what was not read, and nothing of what is not known', () => {
    assert.equal(text({ partial: 12, lost: 3, missed: 1 }), '12 not read to their end, 3 lost, 1 missed');
    assert.equal(text({ noStops: 'rate' }), '0 not read to their end, 0 lost, 0 missed');
  });

  it('says how often the program was stopped, and how exact shares are', () => {
    assert.equal(
      text({ stops: 120, stoppedTime: 4200, shareError: 0.0213 }),
      '0 not read to their end, 0 lost, 0 missed; looked 120 times from its core, which took 0.4 % of its time; shares are within 2.1 %',
    );
    assert.match(text({ stops: 1, stoppedTime: 20 }), /; looked 1 time from its core, which took less than 0\.1 % of its time$/);
    assert.match(text({ shareError: 0.124 }), /; shares may be off by up to 12 %$/);
  });

  it('says that there were fewer looks than were asked for, and why', () => {
    const figures = { stops: 120, stoppedTime: 10_000, requestedRate: 1000, ticks: 130 } as const;
    assert.match(text(figures), /took 1 % of its time, and was held to 130 looks a second by that \(--max-stop\)/);
    for (const other of [{ ticks: 950 }, { missed: 820 }, { stops: 0 }, { requestedRate: 0 }, { elapsed: 200_000 }])
      assert.doesNotMatch(text({ ...figures, ...other }), /held/);
  });

  it('says why looks were missed, where many were', () => {
    const figures = { elapsed: 4_000_000, ticks: 2000, missed: 2000 } as const;
    assert.match(text({ ...figures, samplerCpu: 140_000 }), /, 2000 missed \(other programs had the cores\)$/);
    assert.match(text({ ...figures, samplerCpu: 1_200_000 }), /, 2000 missed \(each takes 600 µs\)$/);
    assert.match(text({ ...figures, missed: 200 }), /, 200 missed$/);
    assert.match(text({ ...figures, ticks: 0 }), /, 2000 missed$/);
  });

  it('says how exact times are where they are not', () => {
    assert.match(
      qualityText({ ...NO_QUALITY, elapsed: 1e10 }, { coarseTimes: [{ until: 7.7e9, step: 8_192_000 }] }),
      /; there were more samples than are kept one by one: times in the first 2\.14 h are in steps of 8\.2 s$/,
    );
    const startedAtEpoch = new Date(2026, 0, 31, 12, 5).getTime();
    const coarseTimes = [
      { until: 5e9, step: 8_192_000 },
      { until: 5.5e9, step: 512_000 },
    ];
    assert.match(
      qualityText({ ...NO_QUALITY, elapsed: 1e10 }, { coarseTimes, startedAtEpoch }),
      /: times before 2026-01-31 13:36:40 \(the first 92 min\) are in steps of 510 ms, the oldest of 8\.2 s$/,
    );
  });

  it('says why nothing was stopped', () => {
    assert.match(
      text({ shareError: 0.05, noStops: 'cores' }),
      /; shares may be off by up to 5 %: it was read as it ran, because heatline may not run on its cores$/,
    );
    const texts = noStopsReasons.map((noStops) => text({ shareError: 0, noStops }));
    assert.equal(new Set(texts).size, noStopsReasons.length);
  });
});
