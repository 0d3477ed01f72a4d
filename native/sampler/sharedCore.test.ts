import assert from 'node:assert/strict';
import type { CorePlace } from '../os/pauses.ts';
import { SharedCore } from './sharedCore.ts';

class Cores implements CorePlace {
  core = -1;
  lineUps = 0;
  private readonly allowed: readonly number[];

  constructor(...allowed: number[]) {
    this.allowed = allowed;
  }

  moveTo(core: number): boolean {
    if (!this.allowed.includes(core)) return false;
    this.core = core;
    return true;
  }

  leave(): void {
    this.core = -1;
  }

  lineUp(): void {
    this.lineUps++;
  }
}

/** Looks at a thread on a core, each of which takes so many µs. */
function look(
  core: SharedCore,
  times: number,
  cpu: number,
  threads: readonly (readonly [thread: number, core: number])[],
  from = 1e6,
): number {
  let now = from;
  for (let i = 0; i < times; i++) {
    core.settle(now);
    const [thread, at] = threads[i % threads.length]!;
    core.saw(thread, at);
    core.end(cpu, now);
    now += core.period;
  }
  return now;
}

describe('A core shared with a program', () => {
  it('is the one that its thread ran on last', () => {
    const place = new Cores(0, 1, 2);
    const core = new SharedCore(place, 0.01, 1000, 0);
    core.settle(1e6);
    assert.equal(place.core, -1);
    look(core, 2, 20, [[7, 2]]);
    assert.equal(place.core, 2);
    assert.equal(core.saw(7, 2), true);
    assert.equal(core.saw(7, 1), false);
    core.end(20, 1e6);
    core.settle(1e6);
    assert.equal(place.core, 1);
  });

  it('is not taken while most of the code is seen for the first time', () => {
    const place = new Cores(0);
    const core = new SharedCore(place, 0.01, 1000, 0);
    core.saw(1, 0);
    core.settle(19_999);
    assert.equal(place.core, -1);
    core.settle(20_000);
    assert.equal(place.core, 0);
  });

  it('is drawn among those of several threads', () => {
    const place = new Cores(0, 1);
    const draws = [0, 0.99, 0.5];
    const core = new SharedCore(place, 0.01, 1000, 0, () => draws.shift() ?? 0);
    core.saw(1, 0);
    core.saw(2, 1);
    core.settle(1e6);
    assert.equal(place.core, 0);
    core.settle(1e6);
    assert.equal(place.core, 1);
  });

  it('takes no more of the time than it may', () => {
    for (const share of [0.01, 0.05]) {
      const core = new SharedCore(new Cores(0), share, 1000, 0);
      look(core, 4000, 45, [[1, 0]]);
      // 45 µs of CPU time, a quarter more without it, and 5 for being put there; the period follows in steps of a tenth.
      const cost = 1.25 * 45 + 5;
      assert(Math.abs(cost / core.period / share - 1) < 0.15, `${cost / core.period} of ${share}`);
      assert.equal(core.looks, 3999);
    }
    const cheap = new SharedCore(new Cores(0), 0.5, 1000, 0);
    look(cheap, 4000, 45, [[1, 0]]);
    assert.equal(cheap.period, 1000);
  });

  it('is given back what was taken too much, as looks turned out to be dearer', () => {
    const core = new SharedCore(new Cores(0), 0.01, 1000, 0);
    let now = look(core, 200, 45, [[1, 0]], 20_000);
    now = look(core, 4, 5000, [[1, 0]], now + 1e6);
    now = look(core, 2000, 45, [[1, 0]], now);
    assert(core.time < 0.0105 * now, `${core.time} of ${now}`);
    // What took long in the beginning is made up for in a longer time.
    const other = new SharedCore(new Cores(0), 0.01, 1000, 0);
    now = look(other, 1, 20_000, [[1, 0]], 20_000);
    now = look(other, 200, 45, [[1, 0]], now);
    assert(now < 3e6, `${now}`);
    now = look(other, 4000, 45, [[1, 0]], now);
    assert(other.time < 0.0105 * now, `${other.time} of ${now}`);
  });

  it('takes no more either of a program so deep that a look takes 13 ms, from its first second on', () => {
    for (const [share, first, then] of [
      [0.1, 0.25, 0.115],
      [0.01, 0.15, 0.035],
    ] as const) {
      const core = new SharedCore(new Cores(0), share, 1000, 0);
      let now = 20_000;
      for (; now < 500_000; now += 1000) core.end(20, now); // it waits
      while (now < 1e6) now = look(core, 1, 13_000, [[1, 0]], now);
      assert(core.time < first * now, `${core.time} of ${now}`);
      while (now < 3e7) now = look(core, 1, 13_000, [[1, 0]], now);
      assert(core.time < then * now, `${core.time} of ${now}`);
    }
  });

  it('is looked at as often as asked while programs wait, which lose nothing', () => {
    const core = new SharedCore(new Cores(0), 0.01, 1000, 0);
    for (let i = 0; i < 4000; i++) core.end(45, i * 1000);
    assert.equal(core.period, 1000);
    assert.deepEqual([core.looks, core.time], [0, 0]);
  });

  it('is so, too, where the first of few looks that took something took long', () => {
    const core = new SharedCore(new Cores(0), 0.01, 1000, 0);
    let now = look(core, 2, 10_000, [[1, 0]], 20_000);
    assert(core.period > 10_000, `${core.period}`);
    const from = now;
    let looks = 0;
    for (; now < from + 10e6; now += core.period, looks++) {
      if (looks % 1000 === 999) core.saw(1, 0);
      core.end(45, now);
    }
    assert.equal(core.period, 1000);
    // Before that, what was taken too much is made up for.
    assert(looks > 5000, `${looks}`);
    assert(core.time < 0.01 * now, `${core.time} of ${now}`);
  });

  it('is not possible where we may not run', () => {
    const core = new SharedCore(new Cores(0), 0.01, 1000, 0);
    look(core, 3, 20, [[1, 5]]);
    core.settle(1e6);
    assert.equal(core.isPossible, false);
    assert.equal(core.looks, 0);
    look(core, 9, 20, [[1, 0]]);
    assert.equal(core.isPossible, true);
  });
});
