import assert from 'node:assert/strict';
import './testing/fakeVscode.ts';
import type { Format } from './format.ts';

/** Intl puts non-breaking spaces before units in some languages. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('Format', () => {
  let of: typeof Format;
  let format: Format;
  before(async () => {
    of = (await import('./format.ts')).Format;
    format = new of('en');
  });

  it('writes shares with the digits that matter', () => {
    const shares = [0, 0.0004, 0.001, 0.0123, 0.0994, 0.0999, 0.43, 1];
    assert.deepEqual(
      shares.map((share) => format.share(share)),
      ['0%', '<0.1%', '0.1%', '1.2%', '9.9%', '10%', '43%', '100%'],
    );
  });

  it('writes times in the unit that fits', () => {
    const times = [0, 850, 999.6, 1500, 12_400, 999_600, 3_440_000, 59_960_000, 125_000_000, 7_260_000_000];
    assert.deepEqual(
      times.map((time) => plain(format.time(time))),
      ['0 µs', '850 µs', '1 ms', '1.5 ms', '12 ms', '1 s', '3.4 s', '1 min 0 s', '2 min 5 s', '2 h 1 min'],
    );
  });

  it('writes units as the flame graph does, so that one time has one look', async () => {
    const { NumberFormat } = await import('../webview/model/format.ts');
    const page = new NumberFormat('en');
    const units = (text: string): string => text.replaceAll(/[\d.,]+/g, '#');
    for (const time of [0, 850, 1500, 546_000, 3_440_000, 167_000_000, 7_260_000_000])
      assert.equal(units(format.time(time)), units(page.time(time)));
  });

  it('writes counts', () => {
    assert.equal(format.count(12_345.4), '12,345');
    assert.deepEqual(
      [0, 998.6, 9999, 12_345, 2_000_000].map((count) => format.shortCount(count)),
      ['0', '999', '9,999', '12.3K', '2M'],
    );
  });

  it('writes how long ago something was', () => {
    const now = Date.UTC(2026, 0, 10);
    const at = [0, 59, 60, 3599, 7200, 200_000].map((seconds) => format.ago(now - seconds * 1000, now));
    assert.deepEqual(at, ['0 sec. ago', '59 sec. ago', '1 min. ago', '59 min. ago', '2 hr. ago', '2 days ago']);
    assert.equal(format.ago(now + 5000, now), '0 sec. ago');
  });

  it('writes when something was, with the day unless it was today', () => {
    const now = new Date(2026, 0, 31, 23, 50).getTime();
    assert.equal(plain(format.moment(new Date(2026, 0, 31, 15, 4).getTime(), now)), '3:04 PM');
    assert.equal(plain(format.moment(new Date(2026, 0, 30, 15, 4).getTime(), now)), 'Jan 30, 3:04 PM');
  });

  it('writes as the language does, and in English where it is not known', () => {
    assert.equal(plain(new of('de').share(0.043)), '4,3 %');
    assert.equal(new of('qps-ploc').share(0.043), '4.3%');
  });
});
