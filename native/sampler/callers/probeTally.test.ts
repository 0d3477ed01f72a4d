import assert from 'node:assert/strict';
import { ProbeTally } from './probeTally.ts';

const pair = 3;

/** Gives a site, of which the unit is ten times its number, what probes found. */
function find(tally: ProbeTally, site: number, first: number, last: number, fit = 2): void {
  for (let i = 0; i < first; i++) tally.take(site, pair, 10 * site, fit, true);
  for (let i = 0; i < last; i++) tally.take(site, pair, 10 * site, fit, false);
}

function see(tally: ProbeTally, site: number, times: number): void {
  for (let i = 0; i < times; i++) tally.saw(site, pair);
}

describe('ProbeTally', () => {
  it('believes a site where a caller is found in both orders, and none where it is found in one', () => {
    const tally = new ProbeTally();
    find(tally, 1, 2, 1);
    assert(!tally.isRight(1));
    find(tally, 1, 0, 1);
    assert(tally.isRight(1));
    find(tally, 2, 40, 0);
    find(tally, 4, 0, 40);
    assert(!tally.isRight(2) && !tally.isRight(4));
    assert(tally.isOneSided(2) && tally.isOneSided(4) && !tally.isOneSided(1));
    assert.equal(tally.nearest(pair, 39), 10, 'the only one that is right');
  });

  it('takes its belief back when a site turns out to be found in one order', () => {
    const tally = new ProbeTally();
    find(tally, 1, 10, 10);
    find(tally, 2, 2, 2);
    find(tally, 2, 20, 0);
    assert(tally.isRight(1) && !tally.isRight(2));
    assert.equal(tally.nearest(pair, 20), 10);
    see(tally, 4, 1);
    assert(!tally.isWrong(4, pair), 'what was found is counted anew');
    find(tally, 1, 4, 4);
    assert(tally.isWrong(4, pair));
  });

  it('calls a site wrong at which a caller is never found when it was found elsewhere eight times', () => {
    const tally = new ProbeTally();
    see(tally, 2, 1);
    find(tally, 1, 3, 4);
    assert(!tally.isWrong(2, pair));
    find(tally, 1, 1, 0);
    assert(tally.isWrong(2, pair));
    assert(!tally.isWrong(1, pair));
    assert(!tally.isWrong(2, pair + 1), 'of another caller and callee nothing is known');
  });

  it('calls one wrong at which a caller is found now and then only when that is far too rarely', () => {
    const tally = new ProbeTally();
    find(tally, 1, 100, 100);
    find(tally, 2, 1, 0);
    see(tally, 1, 90);
    see(tally, 2, 10);
    assert(!tally.isWrong(2, pair), '20 finds would be right, and 22 are needed to say so');
    see(tally, 2, 5);
    assert(tally.isWrong(2, pair));
    find(tally, 2, 1, 1);
    assert(!tally.isWrong(2, pair), 'it is found more often than was thought');
  });

  it('leads to the nearest site that is right', () => {
    const tally = new ProbeTally();
    assert.equal(tally.nearest(pair, 0), -1);
    for (const site of [2, 9, 5]) find(tally, site, 2, 2);
    assert.deepEqual(
      [0, 34, 36, 500].map((unit) => tally.nearest(pair, unit)),
      [20, 20, 50, 90],
    );
    assert.equal(tally.nearest(pair + 1, 0), -1);
  });

  it('leads to one that fits better, though others are nearer', () => {
    const tally = new ProbeTally();
    assert.equal(tally.bestFit(pair), 0);
    find(tally, 1, 2, 2, 2);
    find(tally, 5, 2, 2, 3);
    assert.deepEqual([tally.bestFit(pair), tally.nearest(pair, 10)], [3, 50]);
    find(tally, 5, 30, 0, 3);
    assert.deepEqual([tally.bestFit(pair), tally.nearest(pair, 10)], [2, 10], 'it was not right');
  });

  it('moves no call to a site that calls nothing, though a caller is found there', () => {
    const tally = new ProbeTally();
    for (let i = 0; i < 20; i++) tally.take(1, pair, 10, 0, i % 2 === 0);
    assert.equal(tally.nearest(pair, 10), -1);
    find(tally, 2, 10, 10);
    assert(!tally.isWrong(1, pair), 'destructors are called from there');
  });

  it('believes what threads show that did not run', () => {
    const tally = new ProbeTally();
    tally.learn(1, pair, 10, 2);
    tally.learn(1, pair, 10, 2);
    assert(tally.isRight(1));
    assert.equal(tally.nearest(pair, 0), 10);
    for (let i = 0; i < 100; i++) tally.learn(1, pair, 10, 2);
    see(tally, 2, 1);
    assert(!tally.isWrong(2, pair), 'they wait there, and may have been elsewhere when they ran');
  });

  it('asks until it knows, so many times at most, and again when the site is seen often', () => {
    const tally = new ProbeTally();
    assert(tally.wants(1));
    find(tally, 1, 2, 2);
    assert(!tally.wants(1));
    for (let i = 0; i < 1023; i++) tally.asks(2);
    assert(tally.wants(2));
    tally.asks(2);
    assert(!tally.wants(2));
    see(tally, 2, (1 << 14) - 1);
    assert(!tally.wants(2));
    see(tally, 2, 1);
    assert(tally.wants(2));
  });

  it('keeps what it has when it grows', () => {
    const tally = new ProbeTally();
    find(tally, 1, 9, 9);
    see(tally, 2, 1);
    tally.growSites(100_000);
    tally.growPairs(100_000);
    assert(tally.isRight(1) && tally.isWrong(2, pair));
    tally.take(99_999, 99_999, 7, 2, true);
    assert(!tally.isRight(99_999));
  });
});
