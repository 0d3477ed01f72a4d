import assert from 'node:assert/strict';
import { configure, t } from '../l10n.ts';
import { NumberFormat, share } from './format.ts';
import { LabelFitter } from './labels.ts';

describe('NumberFormat', () => {
  const format = new NumberFormat('en');

  it('writes times with three digits that matter', () => {
    const cases: [time: number, text: string][] = [
      [0, '0 µs'],
      [870.4, '870 µs'],
      [999.6, '1.00 ms'],
      [9994, '9.99 ms'],
      [9996, '10.0 ms'],
      [123_456, '123 ms'],
      [999_600, '1.00 s'],
      [59_940_000, '59.9 s'],
      [59_960_000, '1 min 0 s'],
      [3_599_600_000, '1 h 0 min'],
      [90_061_000_000, '25 h 1 min'],
    ];
    for (const [time, text] of cases) assert.equal(format.time(time), text);
  });

  it('writes shares', () => {
    const cases: [part: number, text: string][] = [
      [0, '0%'],
      [NaN, '0%'],
      [0.00001, '<0.01%'],
      [0.0045, '0.45%'],
      [0.00994, '0.99%'],
      [0.00996, '1.0%'],
      [0.4567, '45.7%'],
      [0.9996, '100%'],
      [1, '100%'],
    ];
    for (const [part, text] of cases) assert.equal(format.percent(part), text);
  });

  it('writes counts, long and short', () => {
    assert.equal(format.count(1_234_567), '1,234,567');
    assert.equal(format.compact(999.7), '1,000');
    assert.equal(format.compact(123_456), '123K');
  });

  it('does as the language does, and takes any tag', () => {
    assert.equal(new NumberFormat('de').time(1_234_000), '1,23 s');
    assert.equal(new NumberFormat('not a language').count(1000), '1,000');
  });
});

describe('share', () => {
  it('is a part of the whole, and nothing of nothing', () => {
    assert.equal(share(1, 4), 0.25);
    assert.equal(share(5, 4), 1);
    assert.equal(share(1, 0), 0);
  });
});

describe('t', () => {
  afterEach(() => configure({}));

  it('fills in values and translates what is known', () => {
    assert.equal(t('{0} of {1}, {0}', 1, 'x'), '1 of x, 1');
    assert.equal(t('{0} {1}', 'a'), 'a {1}');
    configure({ 'Zoom to {0}': 'Auf {0} zoomen', 'toString': 'x' });
    assert.equal(t('Zoom to {0}', 'f'), 'Auf f zoomen');
    assert.equal(t('constructor'), 'constructor');
    assert.equal(t('{0}', '{1}', 'no'), '{1}');
  });
});

describe('LabelFitter', () => {
  const fitter = new LabelFitter((text) => text.length * 10);

  it('shows what fits, and else as much as fits with an ellipsis', () => {
    assert.equal(fitter.fit('main', 40), 'main');
    assert.equal(fitter.fit('main_loop', 60), 'main_…');
    assert.equal(fitter.fit('main_loop', 25), '');
    assert.equal(fitter.fit('', 25), '');
  });

  it('cuts no character in two', () => {
    assert.equal(fitter.fit('ab😀cd', 40), 'ab…');
  });
});
