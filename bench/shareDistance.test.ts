import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  deviationBound,
  distanceFromKnown,
  effectiveSamples,
  expectedDistance,
  samplesOfDifference,
  SequentialTest,
  totalVariation,
  type Verdict,
  type Weights,
} from './shareDistance.ts';
import { generator } from './statistics.ts';

function weights(record: Readonly<Record<string, number>>): Weights {
  return new Map(Object.entries(record));
}

function draw(shares: Weights, count: number, random: () => number): Weights {
  const drawn = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    let at = random();
    for (const [name, share] of shares) {
      at -= share;
      if (at >= 0) continue;
      drawn.set(name, (drawn.get(name) ?? 0) + 1);
      break;
    }
  }
  return drawn;
}

describe('the distance of shares', () => {
  it('is half the sum of differences, whatever the weights add up to', () => {
    assert.equal(totalVariation(weights({ a: 1, b: 3 }), weights({ a: 10, b: 10 })), 0.25);
    assert.equal(totalVariation(weights({ a: 1 }), weights({ b: 1 })), 1);
    assert.equal(totalVariation(weights({}), weights({ b: 1 })), NaN);
  });

  it('is that of the nearest shares the program could have', () => {
    const known = { shares: { a: 0.5, b: 0.5 }, least: 0.8, most: 1 };
    assert.equal(distanceFromKnown(weights({ a: 9, b: 9, driver: 2 }), known), 0);
    assert(Math.abs(distanceFromKnown(weights({ a: 3, b: 3, driver: 4 }), known) - 0.2) < 1e-12);
    // All of it in one: 0.4 must move to the other one.
    assert(Math.abs(distanceFromKnown(weights({ a: 8, driver: 2 }), known) - 0.4) < 1e-12);
  });

  it('from known shares is never more than from any of those', () => {
    const part = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 3 }), part, part, part, (seen, share, one, other) => {
        const [least, most] = [Math.min(one, other), Math.max(one, other)];
        const shares = { a: share / (share + 1), b: 1 / (share + 1) };
        const distance = distanceFromKnown(weights({ a: seen[0]!, b: seen[1]!, rest: seen[2]! }), { shares, least, most });
        for (const step of [0, 0.25, 0.5, 0.75, 1]) {
          const of = least + step * (most - least);
          const possible = weights({ a: of * shares.a, b: of * shares.b, rest: 1 - of });
          assert(distance <= totalVariation(weights({ a: seen[0]!, b: seen[1]!, rest: seen[2]! }), possible) + 1e-9);
        }
      }),
    );
  });
});

describe('what chance does to shares', () => {
  const shares = weights({ a: 0.1, b: 0.2, c: 0.3, d: 0.4 });

  it('is foretold on average', () => {
    const random = generator(1);
    let sum = 0;
    for (let i = 0; i < 400; i++) sum += totalVariation(draw(shares, 1000, random), shares);
    assert(Math.abs(sum / 400 / expectedDistance(shares, 1000) - 1) < 0.05);
  });

  it('is that of fewer samples where they weigh differently, or where two lots are compared', () => {
    assert.equal(effectiveSamples([2, 2, 2]), 3);
    assert.equal(effectiveSamples([4, 1, 1]), 2);
    assert.equal(effectiveSamples([]), 0);
    assert.equal(samplesOfDifference(100, 100), 50);
  });

  it('rarely exceeds the bound', () => {
    const random = generator(2);
    let beyond = 0;
    for (let i = 0; i < 500; i++) if (totalVariation(draw(shares, 200, random), shares) > deviationBound(200, 4, 0.01)) beyond++;
    assert(beyond <= 5, `${beyond} of 500`);
  });
});

describe('a verdict on shares', () => {
  const known = { shares: { a: 0.5, b: 0.5 }, least: 0.9, most: 1 };

  /** Asks after every 200 samples. */
  function decide(truth: Weights, seed: number): { verdict: Verdict; samples: number } {
    const test = new SequentialTest({ allowed: 0.03, found: 0.06 });
    const random = generator(seed);
    const seen = new Map<string, number>();
    for (let samples = 200; samples <= 200_000; samples += 200) {
      for (const [name, count] of draw(truth, 200, random)) seen.set(name, (seen.get(name) ?? 0) + count);
      const verdict = test.judge(distanceFromKnown(seen, known), samples, 3);
      if (verdict !== 'undecided') return { verdict, samples };
    }
    return { verdict: 'undecided', samples: Infinity };
  }

  it('comes soon where there is nothing wrong, or much', () => {
    for (let seed = 0; seed < 30; seed++) {
      const right = decide(weights({ a: 0.48, b: 0.48, rest: 0.04 }), seed);
      assert.equal(right.verdict, 'right');
      assert(right.samples <= 10_000, `${right.samples}`);
      const wrong = decide(weights({ a: 0.38, b: 0.42, rest: 0.2 }), seed);
      assert.equal(wrong.verdict, 'wrong');
      assert(wrong.samples <= 10_000, `${wrong.samples}`);
    }
  });

  it('is never "wrong" at the limit of what is allowed', () => {
    for (let seed = 0; seed < 30; seed++) assert.notEqual(decide(weights({ a: 0.435, b: 0.435, rest: 0.13 }), seed).verdict, 'wrong');
  });

  it('is not given on nothing', () => {
    const test = new SequentialTest({ allowed: 0.03, found: 0.06 });
    assert.equal(test.judge(NaN, 0, 5), 'undecided');
  });
});
