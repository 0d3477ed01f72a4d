import assert from 'node:assert/strict';
import { LookTally } from './lookTally.ts';

/** Gives a site the results of second looks; returns what was believed of each. */
function look(tally: LookTally, site: number, results: readonly boolean[]): boolean[] {
  return results.map((stayed) => tally.look(site, stayed));
}

/** So many results, of which every `each`-th stayed. */
function everyOf(count: number, each: number): boolean[] {
  return Array.from({ length: count }, (_, i) => (i + 1) % each === 0);
}

describe('LookTally', () => {
  it('proves a site that stays in three quarters of eight looks, and not before', () => {
    const tally = new LookTally();
    look(tally, 5, [true, true, true, true, true, true, false]);
    assert(!tally.isProven(5));
    look(tally, 5, [false]);
    assert(tally.isProven(5), 'six of eight');
    assert(!tally.isProven(4) && !tally.isProven(6), 'the others are as before');
    look(tally, 6, [true, true, true, true, true, false, false, false]);
    assert(!tally.isProven(6), 'five of eight');
  });

  it('proves a site that stays in half of 24 looks, as one from which a generator is resumed again and again', () => {
    const tally = new LookTally();
    look(tally, 1, everyOf(23, 2));
    assert(!tally.isProven(1));
    look(tally, 1, [true]);
    assert(tally.isProven(1));
  });

  it('does not prove what stays by chance, and stops asking', () => {
    const tally = new LookTally();
    const results = everyOf(47, 3);
    look(tally, 1, results);
    assert(tally.wantsLook(1));
    look(tally, 1, [true]);
    assert(!tally.isProven(1) && !tally.wantsLook(1));
    assert(tally.wantsLook(2));
  });

  it('believes a site this time when it stayed, as it did in half of the looks at least', () => {
    const tally = new LookTally();
    assert.deepEqual(look(tally, 1, [true, false, false, true, true, true]), [true, false, false, true, true, true]);
    assert.deepEqual(look(tally, 2, [false, false, true, true, true]), [false, false, false, true, true]);
  });

  it('asks again after very many sightings, because programs change', () => {
    const tally = new LookTally();
    look(tally, 1, everyOf(48, 3));
    for (const seen of [1, 48, 1000, 16383, 16385]) tally.doubted(1, seen);
    assert(!tally.wantsLook(1));
    tally.doubted(1, 16384);
    assert(tally.wantsLook(1));
    look(tally, 1, everyOf(8, 9));
    assert(!tally.isProven(1), 'by new looks alone');
    tally.doubted(1, 32768);
    look(tally, 1, everyOf(8, 1));
    assert(tally.isProven(1));
  });

  it('does not count beyond what it can hold', () => {
    const tally = new LookTally();
    for (let looks = 0; looks < 65_540; looks++) tally.look(1, false);
    assert(!tally.wantsLook(1) && !tally.isProven(1));
  });

  it('keeps what it knows when it makes room for more', () => {
    const tally = new LookTally();
    look(tally, 1023, everyOf(8, 1));
    look(tally, 1022, everyOf(48, 48));
    look(tally, 1021, everyOf(7, 1));
    tally.grow(10_000);
    assert(tally.isProven(1023) && !tally.wantsLook(1022));
    look(tally, 1021, [false]);
    assert(tally.isProven(1021), 'seven of eight');
    assert(tally.wantsLook(9999) && !tally.isProven(9999));
    look(tally, 9999, everyOf(8, 1));
    assert(tally.isProven(9999));
  });
});
